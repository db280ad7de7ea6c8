import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTE, assignColors } from "./colors.ts";
import {
  DASHES,
  MOST_LOOKS,
  assignDashes,
  lineBackground,
  spreadColors,
} from "./line_looks.ts";

const NAMES = Array.from({ length: 60 }, (_, i) => `run${i}`);

function looksOf(names: readonly string[], places: ReadonlyMap<string, number>) {
  const dashes = assignDashes(names, (name) => places.get(name)!);
  return names.map((name) => `${places.get(name)} ${dashes.get(name)}`);
}

test("sixty runs that were recoloured look like sixty", () => {
  assert.equal(MOST_LOOKS, 60);
  assert.equal(new Set(looksOf(NAMES, spreadColors(NAMES))).size, 60);
});

test("runs with colours by their names differ as far as there are patterns", () => {
  const places = assignColors(NAMES);
  const counts = PALETTE.map(
    (_, i) => NAMES.filter((name) => places.get(name) === i).length,
  );
  const expected = counts.reduce(
    (sum, count) => sum + Math.min(count, DASHES.length),
    0,
  );
  assert.equal(new Set(looksOf(NAMES, places)).size, expected);
});

test("a run whose colour no other has is solid", () => {
  const places = spreadColors(NAMES);
  const dashes = assignDashes(NAMES.slice(0, 11), (name) => places.get(name)!);
  assert.deepEqual(dashes.get("run9"), []);
  assert.deepEqual(dashes.get("run10"), DASHES[1]);
});

test("more runs than anybody tells apart have no patterns", () => {
  const many = Array.from({ length: 61 }, (_, i) => `run${i}`);
  assert.equal(assignDashes(many, () => 0).size, 0);
});

test("a sample of a line shows its pattern", () => {
  assert.equal(lineBackground("red", []), "red");
  assert.equal(
    lineBackground("red", [2, 3]),
    "repeating-linear-gradient(90deg, red 0px 2px, transparent 2px 5px)",
  );
});
