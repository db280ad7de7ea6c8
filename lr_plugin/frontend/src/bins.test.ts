import assert from "node:assert/strict";
import { test } from "node:test";

import { bestLossPerRate } from "./bins.ts";

const flat = (value: number, length = 20) => new Float64Array(length).fill(value);

test("of two runs at one rate the better one counts", () => {
  const bins = bestLossPerRate(
    [
      { run: "a", rates: flat(1e-3), losses: flat(0.5) },
      { run: "b", rates: flat(1e-3), losses: flat(0.2) },
    ],
    10,
  );
  // Ten bins in each of the three decades below 1.
  assert.deepEqual(bins, [{ rate: 1e-3, loss: 0.2, run: "b", bin: -30 }]);
});

test("one lucky batch is no merit of the rate", () => {
  const losses = flat(0.5);
  losses[7] = 0.001;
  const bins = bestLossPerRate([{ run: "a", rates: flat(1e-3), losses }], 10);
  assert.equal(bins[0].loss, 0.5);
});

test("rates come in order, one for each bin that has rows", () => {
  const bins = bestLossPerRate(
    [
      { run: "a", rates: flat(1e-1), losses: flat(3) },
      { run: "b", rates: flat(1e-5), losses: flat(2) },
      { run: "c", rates: flat(1e-3), losses: flat(1) },
    ],
    10,
  );
  assert.deepEqual(
    bins.map(({ run }) => run),
    ["b", "c", "a"],
  );
});

test("a rate of zero and a loss of NaN are nothing to choose from", () => {
  const bins = bestLossPerRate(
    [
      { run: "a", rates: flat(0), losses: flat(1) },
      { run: "b", rates: flat(1e-3), losses: flat(NaN) },
    ],
    10,
  );
  assert.deepEqual(bins, []);
});

test("the same rate in float32 and float64 is in one bin", () => {
  const bins = bestLossPerRate(
    [
      { run: "a", rates: flat(Math.fround(1e-3)), losses: flat(2) },
      { run: "b", rates: flat(1e-3), losses: flat(1) },
    ],
    10,
  );
  assert.equal(bins.length, 1);
});
