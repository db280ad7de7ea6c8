import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { RunSummary } from "../data/records.ts";
import { BEST } from "./best_curve.ts";
import { buildScores, countDiverged } from "./score_scene.ts";

const OPTIONS = {
  rateWindow: null,
  rateAxisScale: "log",
  metricScale: "linear",
  showBest: true,
  theme: { text: "black" } as Theme,
} as const;

function makeTrial(run: string, rate: number, score: number) {
  const extra = {
    hparams: { "--learning_rate": rate, units: 64 },
    objective: "val_accuracy",
    score,
  };
  return { summary: { run, extra } as unknown as RunSummary, color: "blue" };
}

const TRIALS = [
  makeTrial("a", 1e-1, 0.5),
  makeTrial("b", 1e-3, 0.9),
  makeTrial("c", 1e-3, 0.8),
  makeTrial("d", 1, -Infinity),
];

test("every trial is a dot at the rate that was set", () => {
  const scene = buildScores(TRIALS, [], OPTIONS);
  const dots = scene.curves.filter(({ run }) => run !== BEST);
  assert.deepEqual(
    dots.map(({ run, xs, ys }) => [run, xs[0], ys[0]]),
    [
      ["a", 1e-1, 0.5],
      ["b", 1e-3, 0.9],
      ["c", 1e-3, 0.8],
    ],
  );
  assert.equal(dots[0].describe!(0), "learning_rate 0.1, units 64");
  assert.equal(scene.yLabel, "val_accuracy");
});

test("the best score of each rate is a line below the dots", () => {
  const [best] = buildScores(TRIALS, [], OPTIONS).curves;
  assert.deepEqual(Array.from(best.ys), [0.9, NaN, 0.5]);
  assert.equal(best.describe!(0), "best score: b");
});

test("a trial that diverged is counted", () => {
  assert.equal(countDiverged(TRIALS.map(({ summary }) => summary)), 1);
});

test("scores that differ by factors may be on a log axis", () => {
  const { y } = buildScores(TRIALS, [], { ...OPTIONS, metricScale: "log" });
  assert.equal(y.kind, "log");
  // 0.5 to 0.9 and a twentieth of that on either side.
  const margin = (0.9 / 0.5) ** 0.05;
  assert.ok(Math.abs(y.min - 0.5 / margin) < 1e-12);
  assert.ok(Math.abs(y.max - 0.9 * margin) < 1e-12);
});
