import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary, ScalarTag } from "../data/records.ts";
import { tagOf, tagOptions } from "./tag_options.ts";

const RUNS = [
  {
    run: "a",
    tags: { learning_rate: "lr", loss: "loss" },
    tag_choices: { learning_rate: ["lr", "lr_D"], loss: ["loss"] },
  },
  { run: "b", tags: { learning_rate: "lr" }, tag_choices: { learning_rate: ["lr"] } },
] as unknown as RunSummary[];
const TAGS: ScalarTag[] = [
  { tag: "lr", kind: "learning_rate", num_runs: 2 },
  { tag: "nll", kind: "loss", num_runs: 1 },
  { tag: "eta", kind: "other", num_runs: 2 },
];

test("likely tags come first, and every other tag may be chosen", () => {
  const { likely, others, chosen } = tagOptions("*", "learning_rate", RUNS, TAGS, {});
  assert.deepEqual(
    likely.map(({ text }) => text),
    ["by its name: lr", "lr", "lr_D"],
  );
  assert.deepEqual(
    others.map(({ text }) => text),
    ["nll", "eta"],
  );
  assert.equal(tagOf(chosen), null);
});

test("a run has its own choice, and a loss may be left out", () => {
  const choices = { a: { loss: "" }, "*": { loss: "eta" } };
  const { likely, chosen } = tagOptions("a", "loss", RUNS, TAGS, choices);
  assert.deepEqual(
    likely.map(({ text }) => text),
    ["by its name", "none", "loss", "nll"],
  );
  assert.equal(tagOf(chosen), "");
  const all = tagOptions("*", "loss", RUNS, TAGS, choices);
  assert.equal(tagOf(all.chosen), "eta");
});
