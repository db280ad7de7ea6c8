import assert from "node:assert/strict";
import { test } from "node:test";

import { joinSeries, lengthOf, stretchesAtRates } from "./rate_stretches.ts";
import type { Series } from "./records.ts";

function makeColumns(step: number[], rates: number[]) {
  return { step: Float64Array.from(step), learning_rate: Float64Array.from(rates) };
}

test("a warmup and a decay each have a stretch at the same rates", () => {
  const rows = makeColumns([0, 10, 20, 30, 40, 50, 60], [1, 3, 5, 7, 5, 3, 1]);
  assert.deepEqual(stretchesAtRates(rows, [2, 4], 8), [
    [0, 21],
    [40, 61],
  ]);
});

test("a window between two rows is found by the line between them", () => {
  const rows = makeColumns([0, 10, 20], [1, 3, 9]);
  assert.deepEqual(stretchesAtRates(rows, [4, 5], 8), [[10, 21]]);
});

test("a run that never had such a rate has no stretch", () => {
  const rows = makeColumns([0, 10], [1, 3]);
  assert.deepEqual(stretchesAtRates(rows, [4, 5], 8), []);
  assert.equal(lengthOf([]), 0);
});

test("a single row is a stretch", () => {
  assert.deepEqual(stretchesAtRates(makeColumns([7], [1]), [0.5, 2], 8), [[7, 8]]);
});

test("of many stretches the nearest are put together", () => {
  const rows = makeColumns([0, 1, 3, 10, 11, 20, 90], [1, 9, 9, 1, 9, 9, 1]);
  assert.deepEqual(stretchesAtRates(rows, [0, 2], 3), [
    [0, 2],
    [3, 12],
    [20, 91],
  ]);
  assert.deepEqual(stretchesAtRates(rows, [0, 2], 2), [
    [0, 12],
    [20, 91],
  ]);
  assert.deepEqual(stretchesAtRates(rows, [0, 2], 1), [[0, 91]]);
});

test("joined series are only as exact as their worst part", () => {
  const makeSeries = (step: number[], exact: Series["exact"]): Series => {
    const columns = { step: Float64Array.from(step) };
    return { columns, numRows: step.length, rowsInWindow: 10, exact };
  };
  const joined = joinSeries(
    ["step"],
    [makeSeries([1, 2], "rows"), makeSeries([8], "sampled")],
  );
  assert.deepEqual([...joined.columns.step], [1, 2, 8]);
  assert.deepEqual([joined.numRows, joined.rowsInWindow], [3, 20]);
  assert.equal(joined.exact, "sampled");
  assert.equal(joinSeries(["step"], []).exact, "rows");
});
