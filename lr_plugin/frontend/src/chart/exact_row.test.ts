import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exactness, Series } from "../data/records.ts";
import { readAnswer, stepsAround } from "./exact_row.ts";
import type { Curve } from "./scene.ts";

const X = { kind: "linear", min: 0, max: 1000 } as const;

function makeSeries(exact: Exactness, steps: number[], losses: number[]): Series {
  const columns = { step: Float64Array.from(steps), loss: Float64Array.from(losses) };
  return { columns, numRows: steps.length, rowsInWindow: 1000, exact };
}

function makePicked(series: Series, row: number) {
  const { step: xs, loss: ys } = series.columns;
  return { curve: { xs, ys, series } as unknown as Curve, row };
}

const SAMPLE = makeSeries("sampled", [0, 100, 107, 900, 1000], [1, 2, 50, 1, 1]);

test("a pixel holds the steps within half of it on either side", () => {
  // A pixel of 10 steps, around step 107.
  assert.deepEqual(stepsAround(makePicked(SAMPLE, 2), X, 0.01), [102, 113]);
});

test("at the ends of a run, a pixel holds what there is", () => {
  assert.deepEqual(stepsAround(makePicked(SAMPLE, 0), X, 0.01), [0, 6]);
  assert.deepEqual(stepsAround(makePicked(SAMPLE, 4), X, 0.01), [995, 1001]);
});

test("a row that is alone at its pixel needs no question", () => {
  assert.equal(stepsAround(makePicked(SAMPLE, 2), X, 1e-4), null);
  const rows = makeSeries("rows", [0, 1], [1, 2]);
  assert.equal(stepsAround(makePicked(rows, 0), X, 0.5), null);
});

test("against the rate, all that was left out beside a row is asked for", () => {
  assert.deepEqual(stepsAround(makePicked(SAMPLE, 2), null, 0.01), [101, 900]);
});

const ENVELOPE = makeSeries("envelope", [0, 99, 100, 199], [1, 5, 2, 4]);

test("of an envelope, the stretch is asked for", () => {
  assert.deepEqual(stepsAround(makePicked(ENVELOPE, 1), X, 0.01), [0, 100]);
});

test("the row of an extreme is found among those of its stretch", () => {
  const answer = makeSeries("sampled", [0, 42, 70], [1, 5, 3]);
  const { values, around } = readAnswer(makePicked(ENVELOPE, 1), answer);
  assert.deepEqual(values, { step: 42, loss: 5 });
  assert.deepEqual([around.lows.loss, around.highs.loss, around.count], [1, 5, 1000]);
});

test("where no rows are left, only the extremes are known", () => {
  const answer = makeSeries("envelope", [0, 99], [1, 5]);
  const { values, around } = readAnswer(makePicked(ENVELOPE, 1), answer);
  assert.equal(values, null);
  assert.equal(around.highs.loss, 5);
});

test("a row of a sample stays as it is", () => {
  const answer = makeSeries("rows", [106, 107, 108], [1, 50, 2]);
  const { values, around } = readAnswer(makePicked(SAMPLE, 2), answer);
  assert.deepEqual(values, { step: 107, loss: 50 });
  assert.deepEqual([around.lows.loss, around.highs.loss], [1, 50]);
});
