import assert from "node:assert/strict";
import { test } from "node:test";

import {
  convertWindow,
  epochAt,
  epochOf,
  stepAtEpoch,
  stepsInWindow,
  whyNotOn,
  xColumn,
} from "./axis.ts";
import type { RunSummary } from "./records.ts";

const RUN = {
  run: "run1",
  columns: ["step", "wall_time"],
  start_time: 1000,
  steps_per_epoch: 100,
  epoch_marks: [
    [0, 0],
    [100, 1],
  ],
} as unknown as RunSummary;

// Two iterations a second.
const COLUMNS = {
  step: Float64Array.of(0, 50, 100, 150, 200),
  wall_time: Float64Array.of(1000, 1025, 1050, 1075, 1100),
};

test("the share of a run is that of its steps, also where it does not begin at 0", () => {
  const resumed = { ...RUN, first_step: 100, last_step: 300 } as RunSummary;
  const columns = { step: Float64Array.of(100, 150, 300) };
  assert.deepEqual([...xColumn("share", resumed, columns)], [0, 25, 100]);
  assert.deepEqual(stepsInWindow("share", resumed, [25, 50], null), {
    start: 150,
    stop: 201,
  });
  const single = { ...RUN, first_step: 7, last_step: 7 } as RunSummary;
  assert.deepEqual([...xColumn("share", single, { step: Float64Array.of(7) })], [0]);
});

test("a window of steps becomes the same part of the share", () => {
  const run = { ...RUN, first_step: 0, last_step: 200 } as RunSummary;
  assert.deepEqual(convertWindow("step", "share", run, [50, 150], COLUMNS), [25, 75]);
});

test("epochs are counted between their marks and beyond the last", () => {
  assert.deepEqual([...xColumn("epoch", RUN, COLUMNS)], [0, 0.5, 1, 1.5, 2]);
});

test("epochs of different lengths are counted by their own", () => {
  const marks = [
    [0, 0],
    [100, 1],
    [110, 2],
  ] as const;
  assert.equal(epochAt(marks, 105), 1.5);
  assert.equal(stepAtEpoch(marks, 1.5), 105);
  assert.equal(stepAtEpoch(marks, 3), 120);
});

test("without marks the length of an epoch is enough", () => {
  assert.equal(epochOf({ epoch_marks: [], steps_per_epoch: 100 }, 250), 2.5);
  assert.equal(epochOf({ epoch_marks: [], steps_per_epoch: null }, 250), null);
});

test("a resumed run counts its epochs on", () => {
  const resumed = {
    epoch_marks: [[300, 3]] as [number, number][],
    steps_per_epoch: 100,
  };
  assert.equal(epochOf(resumed, 350), 3.5);
});

test("relative time starts with the run", () => {
  assert.deepEqual([...xColumn("relative", RUN, COLUMNS)], [0, 25, 50, 75, 100]);
});

test("a run that cannot be on an axis says why", () => {
  const bare = { ...RUN, epoch_marks: [], steps_per_epoch: null, columns: ["step"] };
  assert.match(whyNotOn("epoch", bare as RunSummary) ?? "", /epochs/);
  assert.match(whyNotOn("wall", bare as RunSummary) ?? "", /times/);
  assert.equal(whyNotOn("step", bare as RunSummary), null);
});

test("a window of steps asks for one step more", () => {
  assert.deepEqual(stepsInWindow("step", RUN, [10, 20], null), { start: 10, stop: 21 });
});

test("a window of epochs asks for its steps", () => {
  assert.deepEqual(stepsInWindow("epoch", RUN, [0.5, 1], null), {
    start: 50,
    stop: 101,
  });
});

test("a window of time asks for the rows on either side of it", () => {
  // 30 s to 60 s are steps 60 to 120, which the known rows tell to lie in 50..150.
  const steps = stepsInWindow("relative", RUN, [30, 60], COLUMNS);
  assert.deepEqual(steps, { start: 50, stop: 151 });
});

test("a window of time before the rows are known asks for all", () => {
  const steps = stepsInWindow("relative", RUN, [30, 60], null);
  assert.deepEqual(steps, { start: null, stop: null });
});

test("a window keeps its place when the axis changes", () => {
  assert.deepEqual(convertWindow("step", "epoch", RUN, [50, 150], COLUMNS), [0.5, 1.5]);
  assert.deepEqual(
    convertWindow("epoch", "relative", RUN, [0.5, 1], COLUMNS),
    [25, 50],
  );
});
