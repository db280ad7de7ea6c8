import assert from "node:assert/strict";
import { test } from "node:test";

import {
  baseMetrics,
  baseOf,
  bestOf,
  chosenMetric,
  isHigherBetter,
  judgedBy,
} from "./metrics.ts";
import type { BestEpoch, RunSummary } from "./records.ts";

function makeRun(
  best: Record<string, Partial<BestEpoch>>,
  extra: Record<string, unknown> = {},
): RunSummary {
  return { run: "run", best_epochs: best, extra } as unknown as RunSummary;
}

test("training and validation are one metric", () => {
  assert.equal(baseOf("val_accuracy"), "accuracy");
  assert.equal(baseOf("accuracy"), "accuracy");
  const runs = [makeRun({ loss: {}, val_loss: {} }), makeRun({ val_auc: {} })];
  assert.deepEqual(baseMetrics(runs), ["auc", "loss"]);
});

test("without a choice it is the objective of a search, else the loss", () => {
  const trial = makeRun({}, { objective: "val_accuracy" });
  assert.equal(chosenMetric("", [makeRun({}), trial]), "accuracy");
  assert.equal(chosenMetric("", [makeRun({})]), "loss");
  assert.equal(chosenMetric("auc", [trial]), "auc");
  const unnamed = makeRun({}, { score: 0.5 });
  assert.equal(chosenMetric("", [unnamed]), "score");
  assert.equal(chosenMetric("", [unnamed, makeRun({ val_loss: {} })]), "loss");
});

test("runs are judged by the validation, where there is one", () => {
  const both = makeRun({ loss: { value: 1 }, val_loss: { value: 2 } });
  assert.equal(judgedBy("loss", [makeRun({}), both]), "val_loss");
  assert.equal(judgedBy("loss", [makeRun({ loss: { value: 1 } })]), "loss");
  assert.equal(judgedBy("loss", [makeRun({})]), null);
  assert.equal(judgedBy("none", [both]), null);
});

test("a trial has the best of its epochs, else its score", () => {
  const best = { value: 0.9, epoch: 3, learning_rate: 0.1 };
  const objective = "val_accuracy";
  const known = makeRun({ val_accuracy: best }, { objective, score: 0.8 });
  assert.equal(bestOf(known, objective)?.value, 0.9);
  const scored = makeRun({}, { objective, score: 0.8 });
  assert.deepEqual(bestOf(scored, objective), {
    value: 0.8,
    epoch: null,
    learning_rate: null,
  });
  assert.equal(bestOf(scored, "val_loss"), null);
  const diverged = makeRun({ val_accuracy: best }, { objective, score: -Infinity });
  assert.equal(bestOf(diverged, objective)?.value, -Infinity);
  assert.equal(bestOf(makeRun({}, { score: 0.5 }), "score")?.value, 0.5);
});

test("names that every object has are no metrics", () => {
  assert.equal(bestOf(makeRun({}), "constructor"), null);
});

test("the direction is what the server says, then the search, then the name", () => {
  const said = makeRun({ val_gap: { value: 1, higher_is_better: true } });
  assert.equal(isHigherBetter("val_gap", [makeRun({}), said]), true);
  const trial = (objective: string, extra: object) =>
    makeRun({}, { objective, ...extra });
  assert.equal(isHigherBetter("speed", [trial("speed", { direction: "min" })]), false);
  assert.equal(isHigherBetter("speed", [trial("speed", { score: Infinity })]), false);
  assert.equal(isHigherBetter("mse", [trial("mse", { score: -Infinity })]), true);
  assert.equal(isHigherBetter("val_loss", [trial("val_loss", {})]), false);
  assert.equal(isHigherBetter("val_accuracy", [trial("val_accuracy", {})]), true);
});
