import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exactness, Series } from "../data/records.ts";
import { findSpikes } from "./spikes.ts";

// Numbers between -1 and 1 that look random and are the same every time.
const noise = (i: number) => Math.sin(i * 12.9898 + Math.sin(i * 78.233) * 43.7);

function makeSeries(
  length: number,
  lossOf: (i: number) => number,
  exact: Exactness = "rows",
  stepOf = (i: number) => i,
): Series {
  const step = Float64Array.from({ length }, (_, i) => stepOf(i));
  const loss = Float64Array.from({ length }, (_, i) => lossOf(i));
  return { columns: { step, loss }, numRows: length, rowsInWindow: length, exact };
}

const falling = (i: number) => (2 * Math.exp(-i / 300) + 0.1) * Math.exp(0.3 * noise(i));

function stepsOf(series: Series): number[] {
  return findSpikes(series).map(({ step }) => step);
}

test("rows far above those around them are spikes", () => {
  const loss = (i: number) => falling(i) * (i === 400 ? 40 : i === 1200 ? 9 : 1);
  assert.deepEqual(stepsOf(makeSeries(2000, loss)), [400, 1200]);
  const [first] = findSpikes(makeSeries(2000, loss));
  assert.equal(first.loss, loss(400));
  assert.ok(first.around < 1);
});

test("a loss that only falls, or scatters, has none", () => {
  assert.deepEqual(stepsOf(makeSeries(2000, falling)), []);
  assert.deepEqual(stepsOf(makeSeries(2000, (i) => Math.exp(noise(i)))), []);
  assert.deepEqual(stepsOf(makeSeries(2000, () => 1)), []);
});

test("a spike that takes several rows is one, at its highest", () => {
  const shape: Record<number, number> = { 699: 8, 700: 60, 701: 20, 702: 9 };
  const loss = (i: number) => falling(i) * (shape[i] ?? 1);
  assert.deepEqual(stepsOf(makeSeries(2000, loss)), [700]);
});

test("a run that falls at once, or rises in the end, has none", () => {
  const fast = (i: number) => (3 * Math.exp(-i / 2) + 0.1) * Math.exp(0.1 * noise(i));
  assert.deepEqual(stepsOf(makeSeries(2000, fast)), []);
  const rising = (i: number) => 1 + 0.01 * noise(i) + 50 * 1.5 ** (i - 1999);
  assert.deepEqual(stepsOf(makeSeries(2000, rising)), []);
});

test("losses that are not finite are no spikes, and hide none", () => {
  const loss = (i: number) => (i % 100 === 3 ? Infinity : i === 500 ? 90 : falling(i));
  assert.deepEqual(stepsOf(makeSeries(2000, loss)), [500]);
});

test("losses below zero may shoot up, too", () => {
  const loss = (i: number) => -5 + 0.1 * noise(i) + (i === 300 ? 4 : 0);
  assert.deepEqual(stepsOf(makeSeries(1000, loss)), [300]);
});

test("of an envelope, the stretch of a spike is known", () => {
  // Two rows for each 256 iterations, one of which has the highest loss.
  const stepOf = (i: number) => 256 * Math.floor(i / 2) + (i % 2 === 1 ? 255 : 0);
  const lossOf = (i: number) => (i === 201 ? 93 : 0.1 + 0.02 * noise(i));
  const [spike, ...others] = findSpikes(makeSeries(800, lossOf, "envelope", stepOf));
  assert.deepEqual(others, []);
  assert.deepEqual([spike.start, spike.stop, spike.loss], [25_600, 25_856, 93]);
});

test("a run of a few rows has none", () => {
  assert.deepEqual(stepsOf(makeSeries(5, (i) => 10 ** i)), []);
  assert.deepEqual(findSpikes({ ...makeSeries(3, falling), columns: {} }), []);
});
