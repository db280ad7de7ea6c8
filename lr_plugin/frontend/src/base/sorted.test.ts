import assert from "node:assert/strict";
import { test } from "node:test";

import { lowerBound, nearestIndex } from "./sorted.ts";

test("searching finds ends and gaps", () => {
  const values = [0, 10, 20];
  assert.equal(lowerBound(values, -1), 0);
  assert.equal(lowerBound(values, 10), 1);
  assert.equal(lowerBound(values, 21), 3);
  assert.equal(nearestIndex(values, 14), 1);
  assert.equal(nearestIndex(values, 16), 2);
  assert.equal(nearestIndex([], 1), -1);
});
