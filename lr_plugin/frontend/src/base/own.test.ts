import assert from "node:assert/strict";
import { test } from "node:test";

import { own } from "./own.ts";

test("what every object has is not the record's", () => {
  for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    assert.equal(own({}, key), undefined);
  }
});

test("a key that was written is found, whatever it is called", () => {
  const record = JSON.parse('{"__proto__": 1, "constructor": 2, "a": 3}');
  assert.deepEqual(
    ["__proto__", "constructor", "a"].map((key) => own(record, key)),
    [1, 2, 3],
  );
});
