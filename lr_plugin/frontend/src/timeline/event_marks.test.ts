import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import { eventKindLabel, eventMarks } from "./event_marks.ts";

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

test("a mark says of which step it is, which the row beside it need not be", () => {
  const text = "Epoch 78 ended: loss 0.039.";
  const event = { kind: "epoch_end", step: 779_999, text, details: {}, wall_time: 0 };
  const [mark] = eventMarks("a", [event], ({ step }) => step, {} as Theme);
  assert.equal(mark.text, "Step 779,999: Epoch 78 ended: loss 0.039.");
});
