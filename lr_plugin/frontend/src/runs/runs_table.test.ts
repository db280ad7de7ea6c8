import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { DIVERGED_AT, FINAL_LOSS, LOWEST_LOSS } from "../data/words.ts";
import { shownColumns, sortTable, tableColumns, tableText } from "./runs_table.ts";

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
    diverged_at: null,
    best_epochs: {},
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

const titles = (runs: RunSummary[]) => tableColumns(runs, null).map(({ title }) => title);

test("a search's hyperparameters and score are columns", () => {
  assert.deepEqual(titles(TRIALS), [
    "Run",
    "Findings",
    "kind",
    "learning_rate",
    "Score",
    "Iterations",
    "Duration",
    "Not applied",
  ]);
  const judged = tableColumns(TRIALS, "score").map(({ title }) => title);
  assert.deepEqual(judged.slice(0, 4), ["Run", "Findings", "Score", "kind"]);
});

test("what other rates would have done is three columns where it was measured", () => {
  const suggestion = { rate: 0.01, interval: [0.0025, 0.04] as [number, number], reason: "" };
  const landscape = {
    ...{ num_samples: 40, critical_rate: 0.02, headroom: Infinity },
    suggestion,
  };
  const runs = [makeRun("a", { landscape }), makeRun("b", { landscape: null })];
  const columns = tableColumns(runs, null);
  const texts = (key: string) =>
    runs.map((run) => columns.find((column) => column.key === key)!.text(run));
  assert.deepEqual(texts("critical_rate"), ["0.02", ""]);
  assert.deepEqual(texts("headroom"), ["∞", ""]);
  assert.deepEqual(texts("suggested_rate"), ["0.01", ""]);
  assert.ok(!titles(TRIALS).includes("Headroom"));
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
  const column = tableColumns([trial], null).find(({ key }) => key === "best:val_loss")!;
  assert.equal(column.title, "Best val_loss");
  assert.ok(column.isLessBetter);
});

test("what the record of a run says is no second column", () => {
  const run = (name: string, optimizer: string) =>
    makeRun(name, { extra: { hparams: { "--optimizer": optimizer } } });
  const told = [run("a", "adam"), run("b", "sgd")];
  assert.ok(titles(told).includes("optimizer"));
  const recorded = told.map((one) => ({ ...one, optimizer: { class_name: "Adam" } }));
  assert.ok(titles(recorded).includes("Optimizer"));
  assert.ok(!titles(recorded).includes("optimizer"));
});

test("a dozen columns are shown, or those that were chosen, and always the run", () => {
  const hparams = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`h${i}`, i]));
  const columns = tableColumns([makeRun("a", { extra: { hparams } })], null);
  const keys = (chosen: string[] | null) =>
    shownColumns(columns, chosen).map(({ key }) => key);
  assert.equal(keys(null).length, 12);
  assert.deepEqual(keys(["hparam:h19", "gone"]), ["run", "hparam:h19"]);
});

test("columns without a value in any run are left out", () => {
  assert.ok(!titles([TRIALS[2]]).includes("Score"));
});

test("sorting puts runs without a value last, up and down", () => {
  const column = tableColumns(TRIALS, null).find(({ key }) => key === "best:score");
  const names = (isDescending: boolean) =>
    sortTable(TRIALS, column, isDescending).map(({ run }) => run);
  assert.deepEqual(names(true), ["b", "a", "c"]);
  assert.deepEqual(names(false), ["a", "b", "c"]);
});

test("copied numbers have all their digits", () => {
  const runs = [makeRun("a\tb", { extra: { score: 0.123456789 } })];
  const lines = tableText(runs, tableColumns(runs, "score")).split("\n");
  assert.deepEqual(lines[1].split("\t").slice(0, 3), ["a b", "", "0.123456789"]);
});

test("no name or value of a log breaks the table or is run by a spreadsheet", () => {
  const hparams = JSON.parse(
    `{"line\\nbreak": "=1+1", "tab\\there": "-1+1", "__proto__": "@A", "rate": -0.5}`,
  );
  const runs = [makeRun("=1+1", { extra: { hparams } }), makeRun("b")];
  const [header, ...rows] = tableText(runs, tableColumns(runs, null))
    .split("\n")
    .map((line) => line.split("\t"));
  assert.equal(rows.length, 2);
  assert.ok(rows.every((row) => row.length === header.length));
  assert.ok(header.includes("line\u25a1break"));
  const cells = rows.flat();
  assert.ok(["'=1+1", "'-1+1", "'@A", "-0.5"].every((cell) => cells.includes(cell)));
  assert.ok(cells.every((cell) => !/^[=+@]|^-\D/.test(cell)));
});

test("a hyperparameter that every object has is one of the runs that set it", () => {
  const runs = [
    makeRun("a", { extra: { hparams: { constructor: 1, toString: 2 } } }),
    makeRun("b", { extra: { hparams: { other: { nested: [1] } } } }),
  ];
  const cells = tableText(runs, tableColumns(runs, null)).split("\n");
  assert.deepEqual(cells[0].split("\t").slice(2, 5), ["constructor", "other", "toString"]);
  assert.deepEqual(cells[1].split("\t").slice(2, 5), ["1", "", "2"]);
  assert.deepEqual(cells[2].split("\t").slice(2, 5), ["", '{"nested":[1]}', ""]);
});

test("findings are words", () => {
  const text = "The rate is constant.";
  const run = makeRun("a", {
    findings: [
      {
        kind: "x",
        severity: "warning",
        text,
        step: 0,
        epoch: null,
        learning_rate: null,
        loss: null,
      },
    ],
  });
  const column = tableColumns([run], null)[1];
  assert.equal(column.text(run), text);
  assert.equal(column.value(run), 1);
});

const LOSS = {
  first: 2,
  last: 1,
  min: 0.2,
  max: 2,
  final: 1.25,
  final_is_exact: true,
  lowest: { step: 1234, epoch: 12, learning_rate: 0.01, loss: 0.3 },
  num_nonfinite: 0,
};

function columnOf(key: string, ...runs: RunSummary[]) {
  return tableColumns(runs, null).find((column) => column.key === key)!;
}

test("the final loss says what it is, and that it is not exact", () => {
  const run = makeRun("a", { loss: LOSS });
  const column = columnOf("final_loss", run);
  assert.equal(column.text(run), "1.25");
  assert.equal(column.hint, FINAL_LOSS);
  const nearly = makeRun("a", { loss: { ...LOSS, final_is_exact: false } });
  assert.equal(columnOf("final_loss", nearly).text(nearly), "≈ 1.25");
  assert.match(columnOf("final_loss", nearly).hint, /≈: the rows at the beginning/);
});

test("a run that ended in NaN says so, and comes last", () => {
  const broken = makeRun("broken", { loss: { ...LOSS, final: NaN } });
  const sound = makeRun("sound", { loss: LOSS });
  const column = columnOf("final_loss", broken, sound);
  assert.equal(column.text(broken), "NaN");
  for (const isDescending of [false, true]) {
    const [first] = sortTable([broken, sound], column, isDescending);
    assert.equal(first.run, "sound");
  }
});

test("the lowest loss is the median, with its step", () => {
  const run = makeRun("a", { loss: LOSS });
  const column = columnOf("min_loss", run);
  assert.equal(column.text(run), "0.3 (step 1,234)");
  assert.equal(column.value(run), 0.3);
  assert.equal(column.hint, LOWEST_LOSS);
});

test("the best validation is a column for each metric", () => {
  const best = { value: 0.352, epoch: 5, step: 599, learning_rate: 0.00793 };
  const run = makeRun("early", {
    best_epochs: {
      loss: { ...best, higher_is_better: false },
      val_accuracy: { ...best, value: 0.9, higher_is_better: true },
      val_loss: { ...best, higher_is_better: false },
    },
  });
  const column = columnOf("best:val_loss", run);
  assert.equal(column.title, "Best val_loss");
  assert.equal(column.text(run), "0.352 (epoch 6, rate 0.00793)");
  assert.equal(column.isLessBetter, true);
  assert.equal(columnOf("best:val_accuracy", run).isLessBetter, false);
  assert.equal(columnOf("best:loss", run), undefined);
});

test("of the metric that counts, the epoch and the rate are columns of their own", () => {
  const best = { value: 0.9, epoch: 5, step: 599, learning_rate: 0.00793 };
  const run = makeRun("early", {
    best_epochs: {
      accuracy: { ...best, higher_is_better: true },
      val_loss: { ...best, higher_is_better: false },
    },
  });
  const columns = tableColumns([run], "accuracy").slice(2, 6);
  assert.deepEqual(
    columns.map(({ title, text }) => [title, text(run)]),
    [
      ["Best accuracy", "0.9"],
      ["Epoch of best accuracy", "6"],
      ["Rate of best accuracy", "0.00793"],
      ["Best val_loss", "0.9 (epoch 6, rate 0.00793)"],
    ],
  );
  const unknown = makeRun("b", {
    best_epochs: {
      accuracy: { ...best, epoch: null, learning_rate: null, higher_is_better: true },
    },
  });
  assert.deepEqual(
    columns.slice(0, 3).map(({ text }) => text(unknown)),
    ["0.9", "", ""],
  );
});

test("a headroom beyond the rates that were tried is infinite, as its title says", () => {
  const suggestion = { rate: null, interval: null, reason: "" };
  const landscape = { num_samples: 9, critical_rate: 0.1, headroom: Infinity, suggestion };
  const run = makeRun("a", { landscape });
  const columns = ["critical_rate", "headroom"].map((key) => columnOf(key, run));
  const median =
    "median; ∞ where it is beyond the rates that were tried, and that of the lowest of " +
    "them where all raised the loss";
  assert.deepEqual(
    columns.map(({ hint, text }) => [hint, text(run)]),
    [
      [
        "From which on updates would have raised the loss of the next batch; " + median,
        "0.1",
      ],
      [
        "How many times as far updates could have gone; " + median,
        "∞",
      ],
    ],
  );
});

test("where a run diverged is said with its epoch and rate", () => {
  const diverged_at = { step: 2000, epoch: 6, learning_rate: 0.01, loss: 0.1 };
  const run = makeRun("a", { diverged_at });
  const column = columnOf("diverged_at", run);
  assert.equal(column.text(run), "step 2,000 (epoch 7, rate 0.01)");
  assert.equal(column.hint, DIVERGED_AT);
});
