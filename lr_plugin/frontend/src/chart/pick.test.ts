import assert from "node:assert/strict";
import { test } from "node:test";

import { pickRow } from "./pick.ts";
import type { Curve, Scene, XUnit } from "./scene.ts";

const BOX = { left: 0, top: 0, width: 100, height: 100 };

function makeScene(
  curves: [string, number[], number[]][],
  xUnit: XUnit = "step",
): Scene {
  return {
    xUnit,
    x: { kind: "linear", min: 0, max: 10 },
    y: { kind: "linear", min: 0, max: 10 },
    curves: curves.map(([run, xs, ys]) => ({ run, xs, ys }) as unknown as Curve),
  } as unknown as Scene;
}

const SCENE = makeScene([
  ["high", [0, 10], [8, 8]],
  ["low", [0, 5, 10], [2, 2, 2]],
]);

test("the nearest curve is picked, also between its rows", () => {
  // 25 pixels from the top is 7.5 of 10: next to the curve at 8.
  assert.equal(pickRow(SCENE, BOX, 30, 25, 10)?.curve.run, "high");
  assert.equal(pickRow(SCENE, BOX, 30, 77, 10)?.curve.run, "low");
});

test("the row is the nearer end of the line", () => {
  assert.equal(pickRow(SCENE, BOX, 30, 80, 10)?.row, 1);
  assert.equal(pickRow(SCENE, BOX, 10, 80, 10)?.row, 0);
});

test("nothing is picked where no curve is near", () => {
  assert.equal(pickRow(SCENE, BOX, 30, 50, 10), null);
});

test("a path that comes back is searched as a whole", () => {
  const scene = makeScene([["loop", [1, 9, 5], [1, 5, 9]]], "rate");
  assert.equal(pickRow(scene, BOX, 50, 10, 5)?.row, 2);
});

test("NaN has no place", () => {
  const scene = makeScene([["gap", [0, 5, 10], [5, NaN, 5]]]);
  assert.equal(pickRow(scene, BOX, 50, 50, 10), null);
  assert.equal(pickRow(scene, BOX, 98, 50, 10)?.row, 2);
});
