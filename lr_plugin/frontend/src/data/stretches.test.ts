import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exactness, Series } from "./records.ts";
import { countStretches, stretchAt, stretchesOf } from "./stretches.ts";

function makeSeries(exact: Exactness, steps: number[]): Series {
  const step = Float64Array.from(steps);
  const numRows = steps.length;
  return { columns: { step, loss: step }, numRows, rowsInWindow: 1e6, exact };
}

function split(exact: Exactness, steps: number[]): number[][] {
  const stretches = stretchesOf(makeSeries(exact, steps));
  return stretches.map(({ first, last }) => steps.slice(first, last + 1));
}

test("an exact row stands for itself", () => {
  assert.deepEqual(split("rows", [3, 4, 9]), [[3], [4], [9]]);
});

test("a stretch of an envelope is its first and its last step", () => {
  assert.deepEqual(split("envelope", [0, 255, 256, 511]), [
    [0, 255],
    [256, 511],
  ]);
});

test("a row that is not finite belongs to the stretch around it", () => {
  assert.deepEqual(split("envelope", [0, 255, 255, 256, 511]), [
    [0, 255, 255],
    [256, 511],
  ]);
});

test("single iterations between stretches are stretches of their own", () => {
  // 300 and 301 were read from the files; the stretches around them were not.
  assert.deepEqual(split("envelope", [0, 299, 300, 301, 302, 511, 512]), [
    [0, 299],
    [300],
    [301],
    [302, 511],
    [512],
  ]);
});

test("after a gap that hides a stretch's end, the next are found again", () => {
  // 7 is single, and 20 begins what ends at 99.
  const found = split("envelope", [7, 20, 99, 100, 199, 200, 299]);
  assert.deepEqual(found.slice(-2), [
    [100, 199],
    [200, 299],
  ]);
});

test("a sample is split evenly, as the server did", () => {
  const series = makeSeries("sampled", [0, 10, 49, 51, 100]);
  const stretches = stretchesOf({ ...series, numStretches: 2 });
  assert.deepEqual(stretches, [
    { first: 0, last: 2 },
    { first: 3, last: 4 },
  ]);
});

test("a sample of unknown stretches is split by its rows: two for each column", () => {
  assert.deepEqual(split("sampled", [0, 1, 90, 100]), [
    [0, 1],
    [90, 100],
  ]);
});

test("a sample has the extremes of every column, and of what is not finite", () => {
  const step = Float64Array.of(0, 1);
  const finite = { step, wall_time: step, loss: step, learning_rate: step };
  // (2000 - 2) / (2 columns * 2 rows).
  assert.equal(countStretches(finite, 2000), 499);
  const broken = { ...finite, loss: Float64Array.of(NaN, 1) };
  assert.equal(countStretches(broken, 2000), 333);
});

test("a row finds its stretch", () => {
  const stretches = stretchesOf(makeSeries("envelope", [0, 255, 256, 511]));
  assert.deepEqual(stretchAt(stretches, 2), { first: 2, last: 3 });
});
