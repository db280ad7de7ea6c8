import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exactness, Series } from "../data/records.ts";
import { isBand } from "./paint.ts";
import { rowsOf, type Curve } from "./scene.ts";

const BOX = { left: 0, top: 0, width: 800, height: 300 };

/** Thins noise to two rows of every ten: the extremes of stretches of ten. */
function makeCurve(exact: Exactness, numRows: number, rowsInWindow: number): Curve {
  const every = rowsInWindow / numRows;
  const step = Float64Array.from({ length: numRows }, (_, i) => Math.round(i * every));
  const loss = step.map((_, i) => (i % 2 === 0 ? 1 : 2));
  const numStretches = numRows / 2;
  const columns = { step, loss };
  const series: Series = { columns, numRows, rowsInWindow, exact, numStretches };
  const rows = rowsOf(series, step, loss);
  const line = { run: "a", label: "a", color: "red", weight: "normal" as const };
  return { ...line, xs: step, ys: loss, ...rows };
}

test("what has all rows is a line", () => {
  assert.equal(isBand(makeCurve("rows", 500, 500), BOX, 500), false);
});

test("an envelope is a band", () => {
  assert.equal(isBand(makeCurve("envelope", 1600, 1_000_000), BOX, 1600), true);
});

test("a sample of a few of the rows is a band, however close its points are", () => {
  assert.equal(isBand(makeCurve("sampled", 1600, 1_000_000), BOX, 1600), true);
});

test("a sample of most of the rows is a line, unless a stretch has room", () => {
  const curve = makeCurve("sampled", 1600, 2000);
  assert.equal(isBand(curve, BOX, 1600), false);
  assert.equal(isBand(curve, BOX, 160), true);
});
