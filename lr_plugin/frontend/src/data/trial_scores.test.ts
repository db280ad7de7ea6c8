import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "./records.ts";
import { directionOf, objectiveOf, rateOf, scoreOf } from "./trial_scores.ts";

function makeTrial(extra: RunSummary["extra"], max = 0.5): RunSummary {
  return { run: "a", extra, learning_rate: { max } } as RunSummary;
}

test("a run without a score has none", () => {
  assert.equal(scoreOf(makeTrial({})), null);
  assert.equal(scoreOf(makeTrial({ score: 0 })), 0);
});

test("less is better of a loss, more of an accuracy", () => {
  const trials = (objective: string) => [makeTrial({ score: 1, objective })];
  assert.equal(directionOf(trials("val_loss")), "min");
  assert.equal(directionOf(trials("val_accuracy")), "max");
  assert.equal(objectiveOf(trials("val_auc")), "val_auc");
});

test("what the search says counts, and what diverged is the worst", () => {
  const said = makeTrial({ score: 1, objective: "val_loss", direction: "max" });
  assert.equal(directionOf([said]), "max");
  assert.equal(directionOf([makeTrial({ score: Infinity })]), "min");
});

test("a trial stands for the rate that was set", () => {
  assert.equal(rateOf(makeTrial({ hparams: { "--learning_rate": 0.1 } })), 0.1);
  assert.equal(rateOf(makeTrial({ hparams: { warmup: 3 } })), 0.5);
});
