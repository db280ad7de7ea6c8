import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { sortTable, tableColumns, tableText } from "./runs_table.ts";

function makeRun(run: string, changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run,
    source: "recorded",
    num_iterations: 10,
    start_time: 0,
    last_time: 90,
    num_not_applied: 0,
    learning_rate: null,
    loss: null,
    optimizer: {},
    schedule: {},
    extra: {},
    findings: [],
    ...changes,
  } as RunSummary;
}

const TRIALS = [
  makeRun("a", {
    extra: { hparams: { "--learning_rate": 0.01, kind: "cosine" }, score: 0.9 },
  }),
  makeRun("b", { extra: { hparams: { "--learning_rate": 0.1 }, score: 0.95 } }),
  makeRun("c"),
];

const titles = (runs: RunSummary[]) => tableColumns(runs).map(({ title }) => title);

test("a search's hyperparameters and score are columns", () => {
  assert.deepEqual(titles(TRIALS), [
    "Run",
    "Score",
    "kind",
    "learning_rate",
    "Not applied",
    "Iterations",
    "Duration",
    "Findings",
  ]);
});

test("hyperparameters that are the same in all trials are no column", () => {
  const trials = [1, 2].map((rate) =>
    makeRun(`t${rate}`, { extra: { hparams: { rate, epochs: 5 } } }),
  );
  assert.ok(titles(trials).includes("rate"));
  assert.ok(!titles(trials).includes("epochs"));
  assert.ok(titles(trials.slice(1)).includes("epochs"));
});

test("a score bears the name of its objective", () => {
  const trial = makeRun("a", { extra: { score: 0.3, objective: "val_loss" } });
  const column = tableColumns([trial]).find(({ key }) => key === "score")!;
  assert.equal(column.title, "Score (val_loss)");
  assert.ok(column.isLessBetter);
});

test("columns without a value in any run are left out", () => {
  assert.ok(!titles([TRIALS[2]]).includes("Score"));
});

test("sorting puts runs without a value last, up and down", () => {
  const column = tableColumns(TRIALS).find(({ key }) => key === "score");
  const names = (isDescending: boolean) =>
    sortTable(TRIALS, column, isDescending).map(({ run }) => run);
  assert.deepEqual(names(true), ["b", "a", "c"]);
  assert.deepEqual(names(false), ["a", "b", "c"]);
});

test("copied numbers have all their digits", () => {
  const runs = [makeRun("a\tb", { extra: { score: 0.123456789 } })];
  const lines = tableText(runs, tableColumns(runs)).split("\n");
  assert.deepEqual(lines[1].split("\t").slice(0, 2), ["a b", "0.123456789"]);
});

test("findings are words", () => {
  const text = "The rate is constant.";
  const run = makeRun("a", {
    findings: [{ kind: "x", severity: "warning", text, step: 0 }],
  });
  const column = tableColumns([run]).at(-1)!;
  assert.equal(column.text(run), text);
  assert.equal(column.value(run), 1);
});

test("the lowest loss is what the server tells: a median, or that of a batch", () => {
  const known = { first: 2, last: 1, min: 0.2, max: 2, final: 1, num_nonfinite: 0 };
  const lossOf = (run: RunSummary) =>
    tableColumns([run])
      .filter(({ key }) => key === "final_loss" || key === "min_loss")
      .map(({ hint, text }) => [hint, text(run)]);
  assert.deepEqual(lossOf(makeRun("a", { loss: known })), [
    ["Mean of the last 256 to 511 iterations", "1"],
    ["Of a single batch", "0.2"],
  ]);
  const lowest = { value: 0.3, step: 1234 };
  assert.deepEqual(lossOf(makeRun("a", { loss: { ...known, lowest } })), [
    ["Mean of the last tenth of the run’s rows", "1"],
    [
      "Lowest running median over a hundredth of the run, at most 256 rows",
      "0.3 (step 1,234)",
    ],
  ]);
});
