import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import {
  chosenRuns,
  filterRuns,
  groupRuns,
  invertChoice,
  sortRuns,
  toggleRun,
} from "./runs.ts";

function makeRun(run: string, changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run,
    start_time: 0,
    last_step: 100,
    num_iterations: 101,
    extra: {},
    best_epochs: {},
    optimizer: { class_name: "Adam" },
    schedule: { class_name: "constant" },
    ...changes,
  } as RunSummary;
}

const names = (runs: readonly RunSummary[]) => runs.map(({ run }) => run);
const RUNS = [makeRun("run1"), makeRun("run2"), makeRun("other")];

test("a filter is a regular expression", () => {
  assert.deepEqual(names(filterRuns(RUNS, "^run[12]$").runs), ["run1", "run2"]);
  assert.deepEqual(names(filterRuns(RUNS, "RUN1").runs), ["run1"]);
});

test("a bad expression hides nothing and is explained", () => {
  const { runs, error } = filterRuns(RUNS, "run(");
  assert.equal(runs.length, 3);
  assert.match(
    error ?? "",
    /^“run\(” is not a regular expression: unterminated group\.$/,
  );
});

test("names are sorted as people count", () => {
  const runs = [makeRun("run10"), makeRun("run9"), makeRun("Run1")];
  assert.deepEqual(names(sortRuns(runs, "name")), ["Run1", "run9", "run10"]);
});

test("runs without a loss come last", () => {
  const loss = (final: number) => ({ loss: { final } }) as Partial<RunSummary>;
  const runs = [
    makeRun("none"),
    makeRun("nan", loss(NaN)),
    makeRun("b", loss(2)),
    makeRun("a", loss(1)),
  ];
  assert.deepEqual(names(sortRuns(runs, "loss")), ["a", "b", "nan", "none"]);
});

test("runs are sorted by the metric, the better first, in its direction", () => {
  const run = (name: string, loss: number | null, accuracy: number) =>
    makeRun(name, {
      best_epochs: {
        ...(loss !== null && { val_loss: best(loss, false) }),
        val_accuracy: best(accuracy, true),
      },
    });
  const best = (value: number, higher_is_better: boolean) => {
    return { value, epoch: 0, step: 9, learning_rate: null, higher_is_better };
  };
  const runs = [run("a", 2, 0.9), run("b", 1, 0.8), run("c", null, 0.95)];
  assert.deepEqual(names(sortRuns(runs, "metric", "val_loss")), ["b", "a", "c"]);
  assert.deepEqual(names(sortRuns(runs, "metric", "val_accuracy")), ["c", "a", "b"]);
  assert.deepEqual(names(sortRuns(runs, "metric")), ["a", "b", "c"]);
});

test("few runs are all drawn, of many the latest", () => {
  const many = Array.from({ length: 300 }, (_, i) =>
    makeRun(`run${i}`, { start_time: i }),
  );
  assert.equal(chosenRuns(RUNS, "default").length, 3);
  assert.deepEqual(
    names(chosenRuns(many, "default")),
    Array.from({ length: 10 }, (_, i) => `run${290 + i}`),
  );
});

test("a choice can be inverted and changed by one run", () => {
  assert.deepEqual(invertChoice(RUNS, [RUNS[0]]), ["run2", "other"]);
  assert.deepEqual(toggleRun([RUNS[0]], "run1"), []);
  assert.deepEqual(toggleRun([RUNS[0]], "other"), ["run1", "other"]);
});

test("groups keep the order of the runs", () => {
  const runs = [
    makeRun("a", { schedule: { class_name: "CosineDecay" } }),
    makeRun("b"),
    makeRun("c", { schedule: { class_name: "CosineDecay" } }),
    makeRun("d", { schedule: {} }),
  ];
  const groups = groupRuns(runs, "schedule");
  assert.deepEqual(
    groups.map(({ title, runs: members }) => [title, names(members)]),
    [
      ["cosine", ["a", "c"]],
      ["constant", ["b"]],
      ["unknown", ["d"]],
    ],
  );
});
