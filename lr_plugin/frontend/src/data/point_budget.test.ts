import assert from "node:assert/strict";
import { test } from "node:test";

import { pointsPerRun, rowsInWindow } from "./point_budget.ts";
import type { RunSummary } from "./records.ts";

test("a few runs get all the points that a screen shows", () => {
  assert.equal(pointsPerRun([1e6]), 2000);
  assert.equal(pointsPerRun(new Array(20).fill(1e6)), 2000);
});

test("many long runs share them", () => {
  assert.equal(pointsPerRun(new Array(40).fill(1e6)), 1000);
  assert.equal(pointsPerRun(new Array(1000).fill(1e6)), 100);
});

test("short runs leave theirs to the long ones", () => {
  // 120 runs of 100 rows need 12,000 of 40,000.
  assert.equal(pointsPerRun([...new Array(120).fill(100), 1e6]), 2000);
  // A hundred runs that have ended before the window.
  assert.equal(pointsPerRun([...new Array(100).fill(0), 3.2e6]), 2000);
});

const RUN = {
  num_iterations: 1000,
  first_step: 0,
  last_step: 999,
  start_time: 5000,
  last_time: 6000,
  steps_per_epoch: 100,
  epoch_marks: [],
} as unknown as RunSummary;

test("rows are counted where the window looks", () => {
  assert.equal(rowsInWindow(RUN, "step", null), 1000);
  // 100 of 999 steps between the first and the last of 1000 rows.
  assert.equal(rowsInWindow(RUN, "step", [800, 900]), 101);
  assert.equal(rowsInWindow(RUN, "step", [1000, 2000]), 0);
  assert.equal(rowsInWindow(RUN, "epoch", [8, 9]), 101);
  // A quarter of 1000 rows.
  assert.equal(rowsInWindow(RUN, "share", [50, 75]), 250);
  assert.equal(rowsInWindow(RUN, "relative", [0, 250]), 250);
  assert.equal(rowsInWindow(RUN, "wall", [5750, 9000]), 250);
});
