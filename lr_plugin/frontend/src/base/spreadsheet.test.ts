import assert from "node:assert/strict";
import { test } from "node:test";

import { textCell } from "./spreadsheet.ts";

test("what a spreadsheet would run has a quote before it", () => {
  for (const formula of ["=1+1", "+A1", "-1+1", "@SUM(1+1)", "=cmd|'/C calc'!A0"]) {
    assert.equal(textCell(formula), `'${formula}`);
  }
  // Spreadsheets take what comes after a tab or a line break for the beginning.
  assert.equal(textCell("\t=1+1"), "' =1+1");
});

test("a text that is a number stays a number", () => {
  for (const number of ["-0.5", "+3", "-1e-3", "-.5", "-2E+10", "7"]) {
    assert.equal(textCell(number), number);
  }
});

test("a cell is one line without tabs", () => {
  assert.equal(textCell("a\tb\r\nc\u2028d"), "a b c d");
});

test("other text stays as it is", () => {
  assert.equal(textCell("cosine, 5 % = warmup"), "cosine, 5 % = warmup");
});
