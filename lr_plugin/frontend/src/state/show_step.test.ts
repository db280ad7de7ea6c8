import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { showStep } from "./show_step.ts";

const CHOSEN = [{ run: "a" }] as RunSummary[];

test("a step is shown with its neighbours", () => {
  assert.deepEqual(showStep(1234, "a", CHOSEN), {
    view: "timeline",
    x: "step",
    window: [1184, 1284],
    focus: "a",
  });
});

test("no step is below 0", () => {
  assert.deepEqual(showStep(7, "a", CHOSEN).window, [0, 57]);
});

test("a run that was not drawn is drawn as well", () => {
  assert.deepEqual(showStep(7, "b", CHOSEN).choice, ["a", "b"]);
});
