import assert from "node:assert/strict";
import { test } from "node:test";

import { describeFailures } from "./use_series.ts";

test("what fails for many runs alike is said once", () => {
  const failures = ["a", "b", "c"].map((run) => [run, "No answer."] as const);
  assert.deepEqual(describeFailures([...failures, ["d", "Too old."]]), [
    "a and 2 more runs: No answer.",
    "d: Too old.",
  ]);
});
