import assert from "node:assert/strict";
import { test } from "node:test";

import { describePlace } from "./place.ts";
import type { RunSummary } from "./records.ts";

const RUN = {
  run: "run1",
  start_time: 1000,
  epoch_marks: [],
  steps_per_epoch: 4,
} as unknown as RunSummary;

test("a place is said in step, epoch and time, the axis first", () => {
  const row = { step: 10, wall_time: 1010 };
  const said = describePlace(RUN, row, "epoch");
  assert.match(said, /^epoch 2\.5, step 10, 10 s after the start, \d{4}-/);
  assert.match(describePlace(RUN, row, "step"), /^step 10, epoch 2\.5, /);
});

test("the share of a run is said where it is the axis", () => {
  const run = { ...RUN, first_step: 0, last_step: 80 };
  assert.equal(
    describePlace(run, { step: 10 }, "share"),
    "12.5 % of the run, step 10, epoch 2.5",
  );
  assert.equal(describePlace(run, { step: 10 }, "step"), "step 10, epoch 2.5");
});

test("what a run does not know is left out", () => {
  const summary = { ...RUN, steps_per_epoch: null };
  assert.equal(describePlace(summary, { step: 10 }, "step"), "step 10");
});
