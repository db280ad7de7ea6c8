import assert from "node:assert/strict";
import { test } from "node:test";

import type { ReadRow } from "../chart/reading.ts";
import type { RunSummary } from "../data/records.ts";
import { cellText, describeRow, nearestRows, valuesInWords } from "./readout_text.ts";

const AROUND = {
  firstStep: 1000,
  lastStep: 1511,
  count: 512,
  lows: { loss: 0.02, learning_rate: 0.001 },
  highs: { loss: 50, learning_rate: 0.001 },
};

function makeRow(run: string, loss: number, changes: Partial<ReadRow> = {}): ReadRow {
  return {
    run,
    color: "blue",
    step: 1234,
    values: { step: 1234, loss, learning_rate: 0.001 },
    smoothed: null,
    isExact: true,
    around: null,
    dots: [{ x: 1234, y: loss, color: "blue" }],
    text: null,
    ...changes,
  };
}

const SUMMARY = { epoch_marks: [], steps_per_epoch: null } as unknown as RunSummary;
const VALUES = { learning_rate: "rate", loss: "loss" };

test("the place is that of the row", () => {
  assert.equal(describeRow(makeRow("a", 1), SUMMARY, "step"), "step 1,234");
  const point = makeRow("t", 1, { text: "range test, update 3" });
  assert.equal(describeRow(point, undefined, "step"), "range test, update 3");
});

test("a row that stands for many says which, and its range", () => {
  const row = makeRow("a", 50, { isExact: false, around: AROUND });
  assert.equal(describeRow(row, SUMMARY, "step"), "steps 1,000 to 1,511");
  assert.equal(cellText(row, "loss"), "0.02 … 50");
  assert.equal(cellText(row, "learning_rate"), "0.001");
});

test("an exact row says its value, and what else is at its pixel", () => {
  const row = makeRow("a", 50, { around: AROUND });
  assert.equal(cellText(row, "loss"), "50");
  assert.equal(
    valuesInWords(row, VALUES),
    "rate 0.001, loss 50, lowest … highest of 512 iterations, rate 0.001, loss 0.02 … 50",
  );
});

test("a smoothed value is said beside the raw one", () => {
  const row = makeRow("a", 2, { smoothed: 1.5 });
  assert.equal(valuesInWords(row, { loss: "loss" }), "loss 2, smoothed 1.5");
});

test("of many rows the first is shown, and those next to it in height", () => {
  const others = Array.from({ length: 30 }, (_, i) => makeRow(`r${i}`, 30 - i));
  const shown = nearestRows([makeRow("picked", 20.4), ...others]);
  assert.equal(shown.length, 10);
  assert.equal(shown[0].run, "picked");
  // 16 is 4.4 below, 25 is 4.6 above.
  assert.deepEqual(
    shown.slice(1).map(({ values }) => values.loss),
    [24, 23, 22, 21, 20, 19, 18, 17, 16],
  );
});
