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
