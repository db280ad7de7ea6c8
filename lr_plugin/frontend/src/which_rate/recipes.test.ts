import assert from "node:assert/strict";
import { test } from "node:test";

import type { RangeTest } from "../data/records.ts";
import { asCyclical, asFlags, asKeras, suggestBest, suggestTested } from "./recipes.ts";
import { makeOutcome, makeRun } from "./test_runs.test.ts";

const BEST = suggestBest(
  [makeOutcome(0.0301, 0.977), makeOutcome(0.079432, 0.978), makeOutcome(0.5, NaN)],
  true,
)!;

test("the best run's rate is suggested, with those that were as good", () => {
  assert.deepEqual([BEST.source, BEST.rate], ["Best run, run-0.079432", 0.079432]);
  assert.deepEqual(BEST.bounds, [0.0301, 0.079432]);
  assert.equal(suggestBest([makeOutcome(0.5, NaN)], true), null);
});

test("rates of another optimizer are no bounds", () => {
  const adam = makeOutcome(0.001, 0.978);
  adam.runs = [makeRun("adam", 0.001, 0.978, { optimizer: { class_name: "Adam" } })];
  assert.equal(suggestBest([adam, makeOutcome(0.1, 0.977)], true)!.bounds, null);
});

test("it is copied as Keras has it", () => {
  assert.equal(asKeras(BEST), "keras.optimizers.SGD(learning_rate=0.0794)");
  const cosine = makeRun("a", 0.1, 0.9, { schedule: { class_name: "CosineDecay" } });
  assert.equal(
    asKeras({ ...BEST, run: cosine }),
    "keras.optimizers.SGD(learning_rate=0.0794)  # the highest rate of its cosine",
  );
  const own = makeRun("a", 0.1, 0.9, { optimizer: { class_name: "Mine" } });
  assert.equal(asKeras({ ...BEST, run: own }), "learning_rate = 0.0794");
});

test("flags of the trainer repeat what its run was given", () => {
  assert.equal(asFlags(BEST), "--learning_rate=0.0794");
  const hparams = { learning_rate: 0.0794, optimizer: "sgd", schedule: "a; rm -rf" };
  const run = makeRun("a", 0.0794, 0.9, { extra: { hparams } });
  assert.equal(asFlags({ ...BEST, run }), "--optimizer=sgd --learning_rate=0.0794");
});

test("bounds become a cyclical schedule, four epochs long", () => {
  assert.equal(
    asCyclical(BEST),
    "from lr_plugin.keras import schedules\n\n" +
      "schedules.Triangular(base=0.0301, top=0.0794, cycle=400)",
  );
  assert.equal(asCyclical({ ...BEST, bounds: null }), null);
});

test("a range test suggests its rate and its band", () => {
  const found = { suggestion: 1e-3, usable_band: [2e-4, 0.1], interval: null };
  const suggestion = suggestTested("test", found as unknown as RangeTest)!;
  assert.deepEqual(suggestion.bounds, [2e-4, 0.1]);
  assert.match(asCyclical(suggestion)!, /base=0\.0002, top=0\.1, cycle=4 \* steps_per_epoch/);
  assert.equal(suggestTested("test", { suggestion: null } as unknown as RangeTest), null);
});
