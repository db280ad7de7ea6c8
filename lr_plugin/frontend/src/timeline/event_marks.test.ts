import assert from "node:assert/strict";
import { test } from "node:test";

import { eventKindLabel } from "./event_marks.ts";

test("kinds are words, those of other programs too", () => {
  assert.equal(eventKindLabel("epoch_end"), "Epoch end");
  assert.equal(eventKindLabel("weights_saved"), "Weights saved");
});

test("a kind is a label like any other, whatever it is called", () => {
  assert.equal(eventKindLabel("__proto__"), "Proto");
  assert.equal(eventKindLabel("constructor"), "Constructor");
  assert.equal(eventKindLabel("toString"), "ToString");
  assert.equal(eventKindLabel("a\nb"), "A□b");
});
