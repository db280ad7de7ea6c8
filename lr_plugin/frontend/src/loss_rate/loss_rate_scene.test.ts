import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import type { RangeTest, RunSummary } from "../data/records.ts";
import { BEST } from "./best_curve.ts";
import { buildLossRate, type LossRateOptions } from "./loss_rate_scene.ts";

const OPTIONS: LossRateOptions = {
  rateWindow: null,
  rateAxisScale: "log",
  lossScale: "log",
  lossEnds: "most",
  smoothing: 0,
  showBest: false,
  theme: { text: "black", error: "red" } as Theme,
};

const TEST: RangeTest = {
  learning_rates: [1e-7, 1e-3, 1],
  losses: [[2, 1, 9]],
  smoothed: [2, 1, 9],
  suggestion: 1e-3,
  interval: [5e-4, 2e-3],
  reason: "",
  suggestions: { steepest: 1e-3, valley: null },
  usable_band: [1e-4, 1e-1],
  stop_reason: "",
};

function makeRun(run: string, rates: number[], losses: number[]): DrawnRun {
  const columns = {
    step: Float64Array.from(rates, (_, i) => i),
    learning_rate: Float64Array.from(rates),
    loss: Float64Array.from(losses),
  };
  const numRows = rates.length;
  return {
    summary: { run } as RunSummary,
    series: { columns, numRows, rowsInWindow: numRows, exact: "rows" },
    color: "blue",
  };
}

test("a run alone is coloured by time, one of several by its own colour", () => {
  const a = makeRun("a", [0.1, 0.01], [2, 1]);
  const b = makeRun("b", [0.1, 0.01], [2, 1]);
  assert.ok(buildLossRate([a], [], OPTIONS).curves[0].colorByTime);
  assert.ok(!buildLossRate([a, b], [], OPTIONS).curves[0].colorByTime);
});

test("a range test brings its band, interval and suggestion", () => {
  const scene = buildLossRate([], [{ run: "t", color: "red", test: TEST }], OPTIONS);
  assert.deepEqual(
    scene.bands.map(({ from, to }) => [from, to]),
    [
      [1e-4, 1e-1],
      [5e-4, 2e-3],
    ],
  );
  assert.deepEqual(
    scene.marks.map(({ x }) => x),
    [1e-3],
  );
  assert.deepEqual(
    scene.spots.map(({ x, y }) => [x, y]),
    [[1e-3, 1]],
  );
});

test("the tail of a schedule does not squeeze the picture, a range test's start does not go", () => {
  const cosine = makeRun("a", [1e-1, 1e-2, 1e-12], [2, 1, 1]);
  const alone = buildLossRate([cosine], [], OPTIONS);
  assert.ok(alone.x.min > 1e-7 && alone.x.max > 1e-1);
  const tested = buildLossRate(
    [cosine],
    [{ run: "t", color: "red", test: TEST }],
    OPTIONS,
  );
  assert.ok(tested.x.min <= 1e-7);
});

test("the highest rate of each run is in the picture", () => {
  const runs = [makeRun("low", [1e-9, 1e-8], [2, 1]), makeRun("high", [1e-12, 1e20], [2, 3])];
  const { min, max } = buildLossRate(runs, [], OPTIONS).x;
  assert.ok(min < 1e-8 && min > 1e-9 && max > 1e20);
});

test("the best loss has a gap where nobody was", () => {
  const runs = [makeRun("a", [1e-1, 1e-1], [2, 2]), makeRun("b", [1e-4, 1e-4], [1, 1])];
  const scene = buildLossRate(runs, [], { ...OPTIONS, showBest: true });
  const best = scene.curves.find(({ run }) => run === BEST)!;
  assert.deepEqual(Array.from(best.ys), [1, NaN, 2]);
});

test("one lucky batch is no merit of the rate", () => {
  const losses = new Array(20).fill(0.5);
  losses[7] = 0.001;
  const run = makeRun("a", new Array(20).fill(1e-3), losses);
  const scene = buildLossRate([run], [], { ...OPTIONS, showBest: true });
  const best = scene.curves.find(({ run: name }) => name === BEST)!;
  assert.deepEqual(Array.from(best.ys), [0.5]);
  assert.equal(best.describe!(0), "median of neighbouring rows of a");
});

test("the rates may be on a linear axis, with those next to nothing", () => {
  const run = makeRun("a", [1e-1, 1e-12], [2, 1]);
  const { x } = buildLossRate([run], [], { ...OPTIONS, rateAxisScale: "linear" });
  assert.equal(x.kind, "linear");
  assert.equal(x.min, 0);
});

test("a row of a range test says which it is", () => {
  const scene = buildLossRate([], [{ run: "t", color: "red", test: TEST }], OPTIONS);
  const words = scene.curves.map(({ describe }) => describe!(1));
  assert.deepEqual(words, ["range test, update 2", "range test, smoothed, update 2"]);
});

test("a loss that is not finite is marked at its rate", () => {
  const run = makeRun("a", [1e-3, 1e-2, 1e-1], [2, NaN, Infinity]);
  assert.deepEqual(
    buildLossRate([run], [], OPTIONS).spots.map(({ x, y, text }) => [x, y, text]),
    [
      [1e-2, "top", "The loss of step 1 is NaN."],
      [1e-1, "top", "The loss of step 2 is ∞."],
    ],
  );
});

test("a band is broken where the rate jumps", () => {
  const rates = [0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01];
  const run = makeRun("a", rates, [1, 5, 6, 2, 1, 3, 4, 2]);
  const step = Float64Array.of(0, 99, 100, 199, 200, 299, 300, 399);
  run.series = {
    ...run.series,
    columns: { ...run.series.columns, step },
    exact: "envelope",
  };
  const { envelope } = buildLossRate([run], [], OPTIONS).curves[0];
  assert.equal(envelope?.highs.findIndex(Number.isNaN), 4);
});
