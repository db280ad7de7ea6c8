import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "./records.ts";
import { describeWindow, limitWindow } from "./window.ts";

const RUN = {
  first_step: 0,
  last_step: 999,
  start_time: 1000,
  last_time: 1999,
  epoch_marks: [],
  steps_per_epoch: 100,
} as unknown as RunSummary;

test("a window of steps grows to whole steps", () => {
  assert.deepEqual(limitWindow([10.4, 20.6], "step", [RUN]), [10, 21]);
});

test("a window is never narrower than a few iterations", () => {
  assert.deepEqual(limitWindow([500, 500.1], "step", [RUN]), [498, 503]);
  // An epoch of 100 steps: four of them are 0.04.
  assert.deepEqual(limitWindow([5, 5], "epoch", [RUN]), [4.98, 5.02]);
});

test("a window that shows everything is no window", () => {
  assert.equal(limitWindow([-5, 2000], "step", [RUN]), null);
  assert.equal(limitWindow(null, "step", [RUN]), null);
});

test("a window beyond the end is moved back", () => {
  assert.deepEqual(limitWindow([950, 1050], "step", [RUN]), [899, 999]);
  assert.deepEqual(limitWindow([-50, 50], "relative", [RUN]), [0, 100]);
});

test("a window of shares is at most all of each run", () => {
  assert.equal(limitWindow([-1, 101], "share", [RUN]), null);
  assert.deepEqual(limitWindow([90, 110], "share", [RUN]), [80, 100]);
  assert.equal(describeWindow("share", [10, 25]), "10 to 25 % of each run’s steps so far");
});

test("windows are said in the unit of the axis", () => {
  assert.equal(describeWindow("step", [9.5, 20.5]), "Steps 10 to 20");
  assert.equal(describeWindow("epoch", [1, 2.5]), "Epochs 1 to 2.5");
  assert.equal(
    describeWindow("relative", [0, 90]),
    "From 0 s to 1 min 30 s after the start",
  );
});

test("a narrow window is not said to end where it begins", () => {
  assert.equal(describeWindow("epoch", [77.776, 77.779]), "Epochs 77.776 to 77.779");
  assert.equal(
    describeWindow("relative", [7777.6, 7777.9]),
    "From 2:09:37.6 to 2:09:37.9 after the start",
  );
});
