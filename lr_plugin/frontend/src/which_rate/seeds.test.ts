import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { groupBySeed, whyNoSeed } from "./seeds.ts";
import { makeRun } from "./test_runs.test.ts";

const withHparams = (run: string, hparams: Record<string, unknown>) =>
  makeRun(run, 0.1, 0.9, { extra: { hparams } });
const names = (groups: RunSummary[][]) => groups.map((group) => group.map(({ run }) => run));

test("runs that differ in nothing but their seed are one group", () => {
  const runs = [
    withHparams("a1", { learning_rate: 0.1, seed: 1 }),
    withHparams("b1", { learning_rate: 0.2, seed: 1 }),
    withHparams("a2", { seed: 2, learning_rate: 0.1 }),
    makeRun("none", 0.1, 0.9),
  ];
  assert.deepEqual(names(groupBySeed(runs, "")), [["a1", "a2"], ["b1"], ["none"]]);
});

test("a seed may be called as flags and libraries call it", () => {
  for (const name of ["--seed", "random_seed", "SEED"]) {
    const runs = [withHparams("a", { [name]: 1 }), withHparams("b", { [name]: 2 })];
    assert.equal(groupBySeed(runs, "").length, 1, name);
  }
  const seedlings = [withHparams("a", { seedlings: 1 }), withHparams("b", { seedlings: 2 })];
  assert.equal(groupBySeed(seedlings, "").length, 2);
});

test("another optimizer, schedule or length is another training", () => {
  const seeded = { extra: { hparams: { seed: 1 } } };
  const others: Partial<RunSummary>[] = [
    { optimizer: { class_name: "Adam" } },
    { schedule: { class_name: "constant", config: { rate: 2 } } },
    { epochs: 6 },
    { steps_per_epoch: 99 },
  ];
  for (const other of others) {
    const runs = [
      makeRun("a", 0.1, 0.9, seeded),
      makeRun("b", 0.1, 0.9, { ...seeded, ...other }),
    ];
    assert.equal(groupBySeed(runs, "").length, 2, JSON.stringify(other));
  }
});

test("of runs that tell no seed, the name may", () => {
  const runs = ["lr1-s1", "lr1-s2", "lr2-s1", "other"].map((run) => makeRun(run, 0.1, 0.9));
  assert.deepEqual(names(groupBySeed(runs, "s[0-9]+$")), [
    ["lr1-s1", "lr1-s2"],
    ["lr2-s1"],
    ["other"],
  ]);
  assert.equal(groupBySeed(runs, "").length, 4);
});

test("an expression that is none groups nothing, and that is said", () => {
  assert.equal(groupBySeed([makeRun("a", 1, 1), makeRun("b", 1, 1)], "s(").length, 2);
  assert.equal(
    whyNoSeed("s("),
    "“s(” is not a regular expression, so no run is taken for a repetition.",
  );
  assert.equal(whyNoSeed("s"), null);
});
