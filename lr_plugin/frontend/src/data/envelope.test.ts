import assert from "node:assert/strict";
import { test } from "node:test";

import { envelopeOf } from "./envelope.ts";
import type { Series } from "./records.ts";

function edges(steps: number[], values: number[]): [number, number, number][] {
  const columns = { step: Float64Array.from(steps), loss: Float64Array.from(values) };
  const numRows = steps.length;
  const series: Series = { columns, numRows, rowsInWindow: 1e6, exact: "envelope" };
  const { xs, lows, highs } = envelopeOf(series, columns.step, columns.loss);
  return Array.from(xs, (x, i) => [x, lows[i], highs[i]]);
}

test("noise is a band from its lowest to its highest values", () => {
  // As the server sends it: low, high; high, low; low, high.
  const steps = [0, 99, 100, 199, 200, 299];
  assert.deepEqual(edges(steps, [1, 5, 6, 2, 1.5, 4]), [
    [0, 1, 5],
    [99, 1, 5],
    [100, 2, 6],
    [199, 2, 6],
    [200, 1.5, 4],
    [299, 1.5, 4],
  ]);
});

test("what falls steadily is the line that it was", () => {
  const steps = [0, 99, 100, 199, 200, 299];
  const values = [9, 7, 6.9, 5, 4.9, 1];
  assert.deepEqual(
    edges(steps, values),
    steps.map((step, i) => [step, values[i], values[i]]),
  );
});

test("a single high iteration stands out of its stretch only", () => {
  const steps = [0, 99, 100, 101, 199, 200, 299];
  const found = edges(steps, [1, 2, 50, 2, 1, 1, 2]);
  assert.deepEqual(found[2], [100, 50, 50]);
  assert.deepEqual(
    found.filter(([, , high]) => high > 2).map(([x]) => x),
    [100],
  );
});

test("a stretch without a finite value breaks the band", () => {
  const steps = [0, 99, 100, 199, 199, 200, 299];
  const found = edges(steps, [1, 5, NaN, NaN, NaN, 5, 1]);
  assert.deepEqual(
    found.map(([, low]) => low),
    [1, 1, NaN, 1, 1],
  );
});

test("a row that is not finite inside a stretch leaves its extremes", () => {
  const steps = [0, 99, 99, 100, 199];
  assert.deepEqual(edges(steps, [1, NaN, 5, 6, 2]).slice(0, 2), [
    [0, 1, 5],
    [99, 1, 5],
  ]);
});

test("a stretch alone is a band, whichever way it was sent", () => {
  assert.deepEqual(edges([0, 99], [1, 5]), [
    [0, 1, 5],
    [99, 1, 5],
  ]);
});

test("a schedule that rises and then falls is a line up to its turn and after it", () => {
  const steps = [0, 99, 100, 199, 200, 299, 300, 399, 400, 499];
  const values = [0, 1, 1.1, 2, 2.5, 2.1, 2, 1, 0.9, 0];
  assert.deepEqual(
    edges(steps, values),
    steps.map((step, i) => [step, values[i], values[i]]),
  );
});

test("noise that happens to go on once is a band still", () => {
  const steps = [0, 99, 100, 199, 200, 299, 300, 399, 400, 499];
  const values = [5, 1, 1, 5, 5.1, 6, 6, 1, 1, 5];
  const found = edges(steps, values);
  assert.ok(found.every(([, low, high]) => low < high));
});
