import assert from "node:assert/strict";
import { test } from "node:test";

import type { XUnit } from "../data/axis.ts";
import { pickRow } from "./pick.ts";
import type { Curve, Scene } from "./scene.ts";

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

function pickAt(
  scene: Scene,
  left: number,
  top: number,
  reach: number,
  preferred: string | null = null,
) {
  return pickRow(scene, BOX, { left, top, reach, preferred });
}

const SCENE = makeScene([
  ["high", [0, 10], [8, 8]],
  ["low", [0, 5, 10], [2, 2, 2]],
]);

test("the nearest curve is picked, also between its rows", () => {
  // 25 pixels from the top is 7.5 of 10: next to the curve at 8.
  assert.equal(pickAt(SCENE, 30, 25, 10)?.curve.run, "high");
  assert.equal(pickAt(SCENE, 30, 77, 10)?.curve.run, "low");
});

test("the run that is brought out is picked where another is a little nearer", () => {
  // 6 pixels from the one at 80, 10 from the other at 64.
  const scene = makeScene([
    ["low", [0, 10], [2, 2]],
    ["other", [0, 10], [3.6, 3.6]],
  ]);
  assert.equal(pickAt(scene, 30, 74, 14)?.curve.run, "low");
  assert.equal(pickAt(scene, 30, 74, 14, "other")?.curve.run, "other");
});

test("of many rows at one pixel the one at the pointer's height is picked", () => {
  // Ten rows in a pixel, the fourth of them high.
  const xs = Array.from({ length: 10 }, (_, i) => 5 + i / 1000);
  const ys = xs.map((_, i) => (i === 3 ? 9 : 1));
  const scene = makeScene([["spike", xs, ys]]);
  assert.equal(pickAt(scene, 50, 10, 14)?.row, 3);
  assert.equal(pickAt(scene, 50, 45, 14)?.row, 3);
});

test("inside of a band its run is picked, but a line within it before it", () => {
  const scene = makeScene([
    ["band", [0, 10], [1, 9]],
    ["line", [0, 10], [5, 5]],
  ]);
  const [xs, lows, highs] = [
    [0, 10],
    [1, 1],
    [9, 9],
  ].map((at) => Float64Array.from(at));
  scene.curves[0].envelope = { xs, lows, highs, numStretches: 1 };
  // Far from both ends of the band, and from the line between them.
  assert.equal(pickAt(scene, 80, 75, 10)?.curve.run, "band");
  assert.equal(pickAt(scene, 80, 50, 10)?.curve.run, "line");
});

test("a point beyond the end of the axis is picked only where no other is", () => {
  const scene = makeScene([["run", [1, 2, 9], [9, 50, 1]]]);
  assert.equal(pickAt(scene, 17, 2, 14)?.row, 0);
});

test("the row is the nearer end of the line", () => {
  assert.equal(pickAt(SCENE, 30, 80, 10)?.row, 1);
  assert.equal(pickAt(SCENE, 10, 80, 10)?.row, 0);
});

test("nothing is picked where no curve is near", () => {
  assert.equal(pickAt(SCENE, 30, 50, 10), null);
});

test("a path that comes back is searched as a whole", () => {
  const scene = makeScene([["loop", [1, 9, 5], [1, 5, 9]]], "value");
  assert.equal(pickAt(scene, 50, 10, 5)?.row, 2);
});

test("NaN has no place", () => {
  const scene = makeScene([["gap", [0, 5, 10], [5, NaN, 5]]]);
  assert.equal(pickAt(scene, 50, 50, 10), null);
  assert.equal(pickAt(scene, 98, 50, 10)?.row, 2);
});
