import assert from "node:assert/strict";
import { test } from "node:test";

import { ShortNames, cutMiddle, visible } from "./names.ts";

const FOLDER = "experiments/2026-11-vision-transformer/finetune/";

test("a text is cut in its middle", () => {
  assert.equal(cutMiddle("abcdefghij", 5), "ab…ij");
  assert.equal(cutMiddle("abcde", 5), "abcde");
  // A letter outside of the basic plane is one letter.
  assert.equal(cutMiddle("𝛼bcdefgh𝛽", 3), "𝛼…𝛽");
});

test("short names stay as they are", () => {
  const names = new ShortNames(["run_1", "run_2"]);
  assert.equal(names.short("run_1", 20), "run_1");
});

test("the common beginning of long names goes, up to the end of a word", () => {
  const runs = ["lr=0.01,seed=1", "lr=0.03,seed=2"].map((name) => FOLDER + name);
  const names = new ShortNames(runs);
  assert.deepEqual(
    runs.map((run) => names.short(run, 20)),
    ["…lr=0.01,seed=1", "…lr=0.03,seed=2"],
  );
});

test("a name that another begins with keeps something", () => {
  const runs = [`${FOLDER}run`, `${FOLDER}run_2`];
  const names = new ShortNames(runs);
  assert.deepEqual(
    runs.map((run) => names.short(run, 20)),
    ["…run", "…run_2"],
  );
});

test("one run elsewhere does not bring the common beginning back", () => {
  const runs = [`${FOLDER}a`, `${FOLDER}b`, "baseline"];
  const names = new ShortNames(runs);
  assert.deepEqual(
    runs.map((run) => names.short(run, 20)),
    ["…a", "…b", "baseline"],
  );
});

test("names are cut where they differ", () => {
  // They differ in the part that a cut in the middle would take.
  const runs = Array.from(
    { length: 10 },
    (_, i) => `x${i}yyyyyyyyyyyyyyyy/${i}bbbbbbbbbbbbbbbbbbbbbb/eeeeeeeeeeeeeeeeeeeee`,
  );
  const names = new ShortNames(runs);
  assert.equal(new Set(runs.map((run) => names.short(run, 12))).size, 10);
});

test("an unknown name is cut, too", () => {
  assert.equal(new ShortNames([]).short("abcdefghij", 5), "ab…ij");
});

test("a name neither breaks lines nor turns the text behind it around", () => {
  assert.equal(visible("\u202egnp.weights\u202c"), "\u25a1gnp.weights\u25a1");
  assert.equal(visible("a\nb\tc\u0000"), "a\u25a1b\u25a1c\u25a1");
  assert.equal(visible("Größe 学习率 שלום 🎉"), "Größe 学习率 שלום 🎉");
});

test("names that differ in several places of their middle are told apart", () => {
  const names = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].flatMap((j) =>
      [0, 1].map(
        (k) =>
          `wd${i}-a-very-long-common-middle-part-lr0.00${j}-another-long-part-seed${k}`,
      ),
    ),
  );
  const short = names.map((name) => new ShortNames(names).short(name, 20));
  assert.equal(short[4], "wd0…lr0.002…seed0");
  assert.equal(new Set(short).size, names.length);
});

test("what differs side by side stays as it was written", () => {
  const middle = "_of_a_training_that_has_a_long_name_";
  const names = [1, 2].flatMap((i) =>
    [1, 2].map((j) => `size${i}/run${middle}lr0.${i}_seed${j}${middle}end`),
  );
  const short = names.map((name) => new ShortNames(names).short(name, 22));
  assert.deepEqual(short.slice(0, 2), ["size1…lr0.1_seed1…", "size1…lr0.1_seed2…"]);
});

test("names of one long word are told apart by the letters that differ", () => {
  const names = [1, 2, 3].map((i) => `${"x".repeat(40)}${i}${"y".repeat(40)}`);
  const short = names.map((name) => new ShortNames(names).short(name, 20));
  assert.deepEqual(short, ["…1…", "…2…", "…3…"]);
});
