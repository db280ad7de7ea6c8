import assert from "node:assert/strict";
import { test } from "node:test";

import { brushedRuns, makeAxes } from "./parallel_axes.ts";
import { lineOf } from "./parallel_figure.ts";
import { makeRun } from "./test_runs.test.ts";

const run = (name: string, rate: number, accuracy: number, hparams: object) =>
  makeRun(name, rate, accuracy, { extra: { hparams: { ...hparams } } });
const RUNS = [
  run("a", 0.001, 0.5, { units: 1, act: "relu", seed: 1 }),
  run("b", 0.1, 0.9, { units: 1000, act: "tanh", seed: 2 }),
  run("c", 1, -Infinity, { act: "relu", seed: 3 }),
];
const AXES = makeAxes(RUNS, ["act", "seed", "units"], "val_accuracy", "val_accuracy", true);

test("each setting but the seed is an axis, then the rate and the outcome", () => {
  assert.deepEqual(
    AXES.map(({ title, scale }) => [title, scale.kind]),
    [
      ["act", "linear"],
      ["units", "log"],
      ["Peak rate", "log"],
      ["val_accuracy", "linear"],
    ],
  );
  assert.deepEqual(AXES[0].names, ["relu", "tanh"]);
});

test("the peak rate is no axis beside a setting that is the same", () => {
  // What was set is a float64, and what is recorded a float32.
  const constant = [0.1, 0.3].map((rate) =>
    run("a", Math.fround(rate), 0.5, { learning_rate: rate }),
  );
  const titles = makeAxes(constant, ["learning_rate"], "loss", null, false);
  assert.deepEqual(
    titles.map(({ title }) => title),
    ["learning_rate", "loss"],
  );
});

test("what diverged ends beside the axis, on its worse side", () => {
  const [a, b, c] = RUNS.map((one) => AXES[3].unitOf(one)!);
  assert.ok(0 < a && a < b && b < 1 && c < 0);
  const lower = makeAxes(RUNS, [], "val_accuracy", "val_accuracy", false);
  assert.ok(lower[1].unitOf(RUNS[2])! > 1);
});

test("runs are chosen that are within all marked parts", () => {
  const names = (brushes: Record<string, [number, number]>) =>
    brushedRuns(RUNS, AXES, brushes).map(({ run: name }) => name);
  assert.deepEqual(names({}), ["a", "b", "c"]);
  assert.deepEqual(names({ act: [0, 0.5] }), ["a", "c"]);
  assert.deepEqual(names({ act: [0, 0.5], outcome: [0, 1] }), ["a"]);
  assert.deepEqual(names({ outcome: [-1, 0] }), ["c"]);
  // It does not say how many units it has.
  assert.deepEqual(names({ units: [0, 1] }), ["a", "b"]);
});

test("a line has a gap where a run has no value", () => {
  const line = lineOf(RUNS[2], AXES, { width: 500, height: 300 });
  assert.equal(line.length, 2 * AXES.length);
  assert.ok(Number.isNaN(line[3]) && Number.isFinite(line[1]));
});
