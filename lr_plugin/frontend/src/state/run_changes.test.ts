import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { describeMissing, missingRuns, updateChanges } from "./run_changes.ts";

function makeRun(run: string, changes: Partial<RunSummary> = {}): RunSummary {
  const known = { source: "recorded", last_step: 100, num_iterations: 101 };
  return { run, start_time: 10, ...known, ...changes } as RunSummary;
}

const RUNS = [makeRun("run1"), makeRun("run2")];

function sentences(...answers: RunSummary[][]): string[] {
  let changes = updateChanges([], answers[0], answers[0]);
  for (let i = 1; i < answers.length; i++) {
    changes = updateChanges(changes, answers[i - 1], answers[i]);
  }
  return changes.map(({ sentence }) => sentence);
}

test("a run that is gone or was restarted is said", () => {
  const after = [
    makeRun("run1", { last_step: 5, num_iterations: 6 }),
    makeRun("other"),
  ];
  assert.deepEqual(sentences(RUNS, after), [
    "Run “run1” was restarted: it was at step 100 and is now at step 5.",
    "Run “run2” is no longer in the log directory.",
  ]);
});

test("a run that began anew and is further already was restarted", () => {
  const after = [makeRun("run1", { last_step: 150, start_time: 99 }), RUNS[1]];
  assert.deepEqual(sentences(RUNS, after), [
    "Run “run1” was restarted: it was at step 100 and is now at step 150.",
  ]);
});

test("a run that grows is no news", () => {
  const after = RUNS.map((run) => ({ ...run, last_step: 200 }));
  assert.deepEqual(sentences(RUNS, after), []);
});

test("a run that grows and does not say when it began was not restarted", () => {
  const before = [makeRun("run1", { start_time: 10, last_time: 10 })];
  const after = [makeRun("run1", { last_step: 200, start_time: 14, last_time: 14 })];
  assert.deepEqual(sentences(before, after), []);
});

test("a run that is back is not gone", () => {
  const gone = "Run “run2” is no longer in the log directory.";
  assert.deepEqual(sentences(RUNS, [RUNS[0]]), [gone]);
  assert.deepEqual(sentences(RUNS, [RUNS[0]], [RUNS[0]]), [gone]);
  assert.deepEqual(sentences(RUNS, [RUNS[0]], RUNS), []);
});

test("a run that is back from its beginning was restarted", () => {
  const anew = makeRun("run2", { last_step: 3, num_iterations: 4, start_time: 99 });
  assert.deepEqual(sentences(RUNS, [RUNS[0]], [RUNS[0], anew]), [
    "Run “run2” was restarted: it was at step 100 and is now at step 3.",
  ]);
});

test("runs that a link names and that never were there are named", () => {
  const seen = new Set(["run1"]);
  assert.deepEqual(missingRuns(["run1", "x"], seen), ["x"]);
  assert.deepEqual(missingRuns("default", seen), []);
  assert.equal(describeMissing([]), "");
  assert.equal(
    describeMissing(["x"]),
    "This link names a run that TensorBoard has not found: “x”.",
  );
  assert.equal(
    describeMissing(["a", "b", "c", "d", "e"]),
    "This link names runs that TensorBoard has not found: “a”, “b”, “c” and 2 more.",
  );
});
