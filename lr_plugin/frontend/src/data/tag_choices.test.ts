import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseTag, formatTagChoices, parseTagChoices } from "./tag_choices.ts";

test("a choice is added, replaced and taken back", () => {
  const one = chooseTag({}, "run1", "learning_rate", "optim/lr");
  assert.deepEqual(one, { run1: { learning_rate: "optim/lr" } });
  const two = chooseTag(chooseTag(one, "*", "loss", ""), "run1", "loss", "nll");
  assert.deepEqual(two, {
    run1: { learning_rate: "optim/lr", loss: "nll" },
    "*": { loss: "" },
  });
  assert.deepEqual(chooseTag(two, "*", "loss", null), {
    run1: { learning_rate: "optim/lr", loss: "nll" },
  });
  assert.deepEqual(chooseTag(one, "run1", "learning_rate", null), {});
});

test("choices survive being written", () => {
  const choices = { "a,b": { loss: "x=y" }, "*": { learning_rate: "lr & more" } };
  assert.deepEqual(parseTagChoices(formatTagChoices(choices)), choices);
  assert.equal(formatTagChoices({}), "");
});

test("nonsense is no choice", () => {
  for (const text of ["", "x", "[]", "null", '{"a":1}', '{"a":{"loss":3,"b":"c"}}']) {
    assert.deepEqual(parseTagChoices(text), {}, text);
  }
  assert.deepEqual(parseTagChoices(undefined), {});
});
