import assert from "node:assert/strict";
import { test } from "node:test";

import { rowsInView } from "./rows_in_view.ts";

test("rows that are seen are there, and twenty on either side", () => {
  assert.deepEqual(rowsInView(1000, 0, 310, 31), [0, 30]);
  assert.deepEqual(rowsInView(1000, 3100, 310, 31), [80, 130]);
  assert.deepEqual(rowsInView(1000, 31_000 - 310, 310, 31), [970, 1000]);
});

test("a table that became shorter has no rows below its end", () => {
  assert.deepEqual(rowsInView(5, 31_000, 310, 31), [5, 5]);
});
