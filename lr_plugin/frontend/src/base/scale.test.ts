import assert from "node:assert/strict";
import { test } from "node:test";

import {
  extent,
  fitScale,
  fitWhole,
  fromUnit,
  panBy,
  toUnit,
  zoomAround,
  type Scale,
} from "./scale.ts";

const LOG: Scale = { kind: "log", min: 1e-4, max: 1 };
const LINEAR: Scale = { kind: "linear", min: 100, max: 200 };

test("a log scale gives each decade the same room", () => {
  assert.equal(toUnit(LOG, 1e-4), 0);
  assert.equal(toUnit(LOG, 1e-2), 0.5);
  assert.equal(toUnit(LOG, 1), 1);
});

test("positions lead back to values", () => {
  assert.ok(Math.abs(fromUnit(LOG, 0.25) - 1e-3) < 1e-12);
  assert.equal(fromUnit(LINEAR, 0.25), 125);
});

test("zero has no place on a log scale", () => {
  assert.equal(toUnit(LOG, 0), -Infinity);
});

test("the extent ignores what is not finite", () => {
  assert.deepEqual(
    extent("linear", [
      [NaN, 3],
      [Infinity, -1],
    ]),
    [-1, 3],
  );
  assert.deepEqual(extent("log", [[0, 3, -1, 0.5]]), [0.5, 3]);
  assert.equal(extent("linear", [[NaN]]), null);
});

test("a constant is shown in the middle", () => {
  const linear = fitScale("linear", [0.003, 0.003]);
  assert.ok(Math.abs(toUnit(linear, 0.003) - 0.5) < 1e-12);
  const log = fitScale("log", [0.003, 0.003]);
  assert.ok(Math.abs(toUnit(log, 0.003) - 0.5) < 1e-12);
});

test("a rate that falls to nearly zero does not stretch a log axis without end", () => {
  const scale = fitScale("log", [1e-300, 0.001]);
  assert.ok(scale.min >= 1e-13);
});

test("rates that reach zero have no axis below it", () => {
  assert.equal(fitScale("linear", [0, 0.003]).min, 0);
});

test("zooming keeps the value under the cursor where it is", () => {
  const [low, high] = zoomAround(LINEAR, 120, 0.5);
  // 120 was a fifth from the left of 100..200, and is a fifth from the left of 110..160.
  assert.deepEqual([low, high], [110, 160]);
});

test("panning keeps the width", () => {
  assert.deepEqual(panBy(LINEAR, 0.5), [150, 250]);
});

test("a scale of all values has as many decades as these", () => {
  assert.ok(fitWhole("log", [1, 1e33]).min < 1);
  assert.ok(fitScale("log", [1, 1e33]).min > 1e20);
});
