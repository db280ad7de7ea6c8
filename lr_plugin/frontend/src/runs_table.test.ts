import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "./records.ts";
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
const NO_FINDINGS = () => [];

const titles = (runs: RunSummary[]) =>
  tableColumns(runs, NO_FINDINGS).map(({ title }) => title);

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

test("columns without a value in any run are left out", () => {
  assert.ok(!titles([TRIALS[2]]).includes("Score"));
});

test("sorting puts runs without a value last, up and down", () => {
  const column = tableColumns(TRIALS, NO_FINDINGS).find(({ key }) => key === "score");
  const names = (isDescending: boolean) =>
    sortTable(TRIALS, column, isDescending).map(({ run }) => run);
  assert.deepEqual(names(true), ["b", "a", "c"]);
  assert.deepEqual(names(false), ["a", "b", "c"]);
});

test("copied numbers have all their digits", () => {
  const runs = [makeRun("a\tb", { extra: { score: 0.123456789 } })];
  const lines = tableText(runs, tableColumns(runs, NO_FINDINGS)).split("\n");
  assert.deepEqual(lines[1].split("\t").slice(0, 2), ["a b", "0.123456789"]);
});

test("findings are words", () => {
  const findings = () => [
    { kind: "x", severity: "warning" as const, text: "The rate is constant.", step: 0 },
  ];
  const columns = tableColumns([TRIALS[2]], findings);
  assert.equal(columns.at(-1)!.text(TRIALS[2]), "The rate is constant.");
  assert.equal(columns.at(-1)!.value(TRIALS[2]), 1);
});
