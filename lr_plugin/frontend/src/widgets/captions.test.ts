import assert from "node:assert/strict";
import { test } from "node:test";

import type { DrawnRun } from "../chart/drawn_run.ts";
import type { Exactness, RunSummary } from "../data/records.ts";
import {
  countInWindow,
  describeExactness,
  describeLooks,
  describeNonfinite,
  describeOddRates,
  describeOddities,
  describeRows,
  describeWithoutRows,
  summarizeRuns,
} from "./captions.ts";

function makeRun(exact: Exactness, numRows: number, rowsInWindow: number): DrawnRun {
  return {
    summary: {
      run: "run1",
      source: "recorded",
      blocks: { kept: 64, written: 977, in_files: false },
      loss: { num_nonfinite: 1 },
      num_not_applied: 0,
    } as RunSummary,
    series: {
      columns: {
        learning_rate: Float64Array.of(0.1, 0.01),
        loss: Float64Array.of(2, 0),
      },
      numRows,
      rowsInWindow,
      exact,
    },
    color: "black",
  };
}

test("exact rows are said to be all", () => {
  assert.equal(
    describeExactness([makeRun("rows", 2, 2)]),
    "All 2 iterations of this window are drawn.",
  );
});

test("points that another program logged are not called iterations", () => {
  const run = makeRun("rows", 2, 2);
  const foreign = { ...run, summary: { ...run.summary, source: "scalars" as const } };
  assert.equal(
    describeExactness([foreign]),
    "All 2 logged points of this window are drawn.",
  );
});

test("points that TensorBoard left out are not said to be drawn", () => {
  const run = makeRun("rows", 2, 2);
  const summary = { ...run.summary, source: "scalars" as const };
  const sampled = { ...run, summary: { ...summary, is_sampled: true } };
  const thinned = { ...run, summary: { ...summary, num_rates_left_out: 7 } };
  assert.equal(
    describeExactness([sampled]),
    "All 2 points that TensorBoard kept of this window are drawn.",
  );
  assert.equal(
    describeExactness([thinned]),
    "All 2 logged losses of this window are drawn.",
  );
  assert.equal(
    describeExactness([run, thinned]),
    "Every iteration or logged loss of 2 runs in this window is drawn.",
  );
  assert.equal(
    describeExactness([run, sampled]),
    "Every iteration or point that TensorBoard kept of 2 runs in this window is drawn.",
  );
});

test("rows of another window are not said to be those of this one", () => {
  const runs = [makeRun("rows", 2, 2)];
  assert.equal(describeRows(runs, false), describeExactness(runs));
  assert.equal(
    describeRows(runs, true),
    "The iterations of this window are not here yet.",
  );
});

test("a sample is said to be one", () => {
  assert.match(
    describeExactness([makeRun("sampled", 2000, 1_000_000)]),
    /^2,000 of 1,000,000 iterations are drawn, among them the minimum and maximum/,
  );
});

test("an envelope says what TensorBoard kept", () => {
  assert.match(
    describeExactness([makeRun("envelope", 2000, 1_000_000)]),
    /raw 64 of 977 blocks/,
  );
});

test("an envelope of files that can be read is complete", () => {
  const run = makeRun("envelope", 2000, 1_000_000);
  const blocks = { kept: 64, written: 977, in_files: true };
  assert.equal(
    describeExactness([{ ...run, summary: { ...run.summary, blocks } }]),
    "1,000,000 iterations, drawn as a band from the minimum to the maximum of every " +
      "interval. Zoom in for single iterations.",
  );
});

test("several runs are summed up", () => {
  const runs = [
    makeRun("rows", 2, 2),
    makeRun("rows", 2, 2),
    makeRun("envelope", 2, 9),
  ];
  assert.match(
    describeExactness(runs),
    /^2 runs with every iteration and 1 run as a band from the minimum to the maximum of every interval/,
  );
});

test("runs that have no row in the window are not counted as drawn", () => {
  const there = makeRun("rows", 5, 5);
  const beside = makeRun("rows", 1, 0);
  assert.equal(
    describeExactness([there, there, beside]),
    "Every iteration of 2 runs in this window is drawn. 1 run has no iteration in this window.",
  );
  assert.equal(
    describeExactness([beside, beside]),
    "2 runs have no iteration in this window.",
  );
  assert.equal(describeExactness([beside]), "No iteration is in this window.");
});

test("what cannot be drawn in its place is counted", () => {
  const text = describeOddities([makeRun("rows", 2, 2)], true);
  assert.match(text, /^1 loss in these runs is NaN or infinite/);
  assert.match(text, /1 loss at or below 0 is drawn at the lower edge\.$/);
  assert.doesNotMatch(describeOddities([makeRun("rows", 2, 2)], false), /lower edge/);
});

test("the summary has the ends of each curve", () => {
  assert.equal(
    summarizeRuns([makeRun("rows", 2, 2)], "Steps 0 to 1", {
      learning_rate: "rate",
      loss: "loss",
      step_size: "step size",
    }),
    "1 run, Steps 0 to 1. run1: rate 0.1 to 0.01, loss 2 to 0.",
  );
});

test("of an envelope, the summary has the extremes", () => {
  assert.equal(
    summarizeRuns([makeRun("envelope", 2, 900)], "Steps 0 to 899", { loss: "loss" }),
    "1 run, Steps 0 to 899. run1: loss between 0 and 2.",
  );
});

test("minus infinity is not counted among the losses at the lower edge", () => {
  const run = makeRun("rows", 2, 2);
  run.series.columns = { loss: Float64Array.of(2, -Infinity) };
  assert.equal(
    describeOddities([run], true),
    "1 loss in these runs is NaN or infinite (×).",
  );
});

test("rows with a value that is not finite are counted by column", () => {
  const run = makeRun("rows", 3, 3);
  run.series.columns = { gradient_norm: Float64Array.of(NaN, 1, Infinity) };
  const titles = { gradient_norm: "gradient norm", momentum: "momentum" };
  assert.equal(
    describeNonfinite([run], titles),
    "2 drawn rows with a gradient norm of NaN or infinity (×).",
  );
});

test("the rows beside a window are not counted", () => {
  const run = makeRun("rows", 4, 4);
  const xs = [1, 2, 3, 4];
  assert.equal(countInWindow(run, xs, [2, 3.5]).series.rowsInWindow, 2);
  assert.equal(countInWindow(run, xs, null), run);
  const thinned = makeRun("sampled", 4, 900);
  assert.equal(countInWindow(thinned, xs, [2, 3.5]), thinned);
});

test("runs without iterations are named, as far as they are few", () => {
  const runs = ["a", "b", "c", "d", "e"].map(
    (run, i) => ({ run, num_iterations: i === 0 ? 5 : 0 }) as RunSummary,
  );
  assert.equal(describeWithoutRows(runs.slice(0, 1)), "");
  assert.equal(describeWithoutRows(runs.slice(0, 2)), "b has no iterations.");
  assert.equal(describeWithoutRows(runs.slice(0, 3)), "b and c have no iterations.");
  assert.equal(describeWithoutRows(runs), "b, c, d and 1 more run have no iterations.");
});

test("of more runs than differ it is said how to tell which is which", () => {
  assert.equal(describeLooks(60), "");
  assert.equal(
    describeLooks(61),
    "Of more than 60 runs several look alike: point at a line, and it stands out with its name.",
  );
});

test("rates that a log axis has no place for are said to be at its edge", () => {
  const { series, ...others } = makeRun("rows", 2, 2);
  const columns = { ...series.columns, learning_rate: Float64Array.of(0.1, 0) };
  const run = { ...others, series: { ...series, columns } };
  assert.equal(describeOddRates([run], false), "");
  const odd = { ...columns, learning_rate: Float64Array.of(NaN, 0) };
  assert.equal(
    describeOddRates([{ ...run, series: { ...series, columns: odd } }], false),
    "1 drawn rate is NaN or infinite, and has no place in the picture.",
  );
  assert.equal(
    describeOddRates([run], true),
    "1 drawn rate at or below 0 is drawn at the lower edge.",
  );
});
