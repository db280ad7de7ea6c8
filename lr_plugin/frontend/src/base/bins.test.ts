import assert from "node:assert/strict";
import { test } from "node:test";

import { bestPerRate } from "./bins.ts";

const flat = (value: number, length = 20) => new Float64Array(length).fill(value);

test("of two runs at one rate the better one counts", () => {
  const bins = bestPerRate(
    [
      { run: "a", rates: flat(1e-3), values: flat(0.5) },
      { run: "b", rates: flat(1e-3), values: flat(0.2) },
    ],
    "min",
    10,
  );
  // Ten bins in each of the three decades below 1.
  assert.deepEqual(bins, [{ rate: 1e-3, value: 0.2, run: "b", bin: -30 }]);
});

test("of a score more may be better", () => {
  const runs = [
    { run: "a", rates: [1e-3], values: [0.5] },
    { run: "b", rates: [1e-3], values: [0.9] },
    { run: "c", rates: [1e-3], values: [-Infinity] },
  ];
  const bestRun = (better: "min" | "max") => bestPerRate(runs, better, 10)[0].run;
  assert.deepEqual([bestRun("max"), bestRun("min")], ["b", "a"]);
});

test("rates come in order, one for each bin that has rows", () => {
  const bins = bestPerRate(
    [
      { run: "a", rates: flat(1e-1), values: flat(3) },
      { run: "b", rates: flat(1e-5), values: flat(2) },
      { run: "c", rates: flat(1e-3), values: flat(1) },
    ],
    "min",
    10,
  );
  assert.deepEqual(
    bins.map(({ run }) => run),
    ["b", "c", "a"],
  );
});

test("a rate of zero and a loss of NaN are nothing to choose from", () => {
  const bins = bestPerRate(
    [
      { run: "a", rates: flat(0), values: flat(1) },
      { run: "b", rates: flat(1e-3), values: flat(NaN) },
    ],
    "min",
    10,
  );
  assert.deepEqual(bins, []);
});

test("the same rate in float32 and float64 is in one bin", () => {
  const bins = bestPerRate(
    [
      { run: "a", rates: flat(Math.fround(1e-3)), values: flat(2) },
      { run: "b", rates: flat(1e-3), values: flat(1) },
    ],
    "min",
    10,
  );
  assert.equal(bins.length, 1);
});
