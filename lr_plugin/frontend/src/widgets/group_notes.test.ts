import assert from "node:assert/strict";
import { test } from "node:test";

import { groupNotes } from "./group_notes.ts";

test("each note stands once, with the runs that it holds for", () => {
  const runs = [
    { run: "a", notes: ["lr and loss at the same steps.", "Other rates: x."] },
    { run: "b", notes: ["lr and loss at the same steps."] },
    { run: "c", notes: ["lr and loss at the same steps.", "Other rates: x."] },
  ];
  const subjects = groupNotes(runs).map(({ note, subject }) => `${subject}: ${note}`);
  assert.deepEqual(subjects, [
    "All 3 runs: lr and loss at the same steps.",
    "2 runs: Other rates: x.",
  ]);
});

test("a run that says something alone is named", () => {
  const runs = [
    { run: "a", notes: ["one"] },
    { run: "b", notes: [] },
  ];
  assert.deepEqual(groupNotes(runs), [{ note: "one", subject: "a", runs: ["a"] }]);
  assert.deepEqual(groupNotes([]), []);
});
