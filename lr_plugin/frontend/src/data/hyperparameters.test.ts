import assert from "node:assert/strict";
import { test } from "node:test";

import { differingSettings, settingOf } from "./hyperparameters.ts";
import type { RunSummary } from "./records.ts";

const run = (hparams: Record<string, unknown>, optimizer = "Adam") =>
  ({
    optimizer: { class_name: optimizer },
    schedule: { class_name: "constant" },
    extra: { hparams },
  }) as unknown as RunSummary;

test("what all runs that have it have alike is no difference", () => {
  // Trials of a search beside a training by flags, which names all of its settings.
  const runs = [
    run({ learning_rate: 0.1 }),
    run({ learning_rate: 0.2 }),
    run({ learning_rate: 0.3, batch_size: 32, model: "mlp" }),
    run({ learning_rate: 0.3, batch_size: 32, model: "cnn" }),
  ];
  assert.deepEqual(differingSettings(runs), ["learning_rate", "model"]);
});

test("an optimizer is one by whichever of its names", () => {
  const runs = [run({ optimizer: "adam" }), run({ optimizer: "Adam" }), run({})];
  assert.deepEqual(
    runs.map((one) => settingOf(one, "optimizer")),
    ["Adam", "Adam", "Adam"],
  );
  assert.deepEqual(differingSettings(runs), []);
  assert.equal(settingOf(run({ optimizer: "mine" }), "optimizer"), "mine");
});
