import assert from "node:assert/strict";
import { test } from "node:test";

import type { Scale } from "../base/scale.ts";
import { draggedZoom, selectedZoom, wheelZoom, zoomScale } from "./zoom.ts";

const PLOT = { width: 400, height: 200 };
const X: Scale = { kind: "linear", min: 0, max: 1000 };
// Four decades, so 50 pixels each.
const Y: Scale = { kind: "log", min: 1e-4, max: 1 };
const AXES = { x: X, y: Y };

test("a drag across chooses a part of x, one along the height a part of y", () => {
  const across = { left: 100, top: 0, width: 200, height: 200 };
  assert.deepEqual(selectedZoom(AXES, PLOT, across), { x: [250, 750] });
  const along = { left: 0, top: 50, width: 400, height: 100 };
  const { x, y } = selectedZoom(AXES, PLOT, along);
  assert.equal(x, undefined);
  assert.ok(Math.abs(y![0] / 1e-3 - 1) < 1e-9);
  assert.ok(Math.abs(y![1] / 1e-1 - 1) < 1e-9);
});

test("a box chooses a part of both", () => {
  const box = { left: 0, top: 0, width: 40, height: 50 };
  const { x, y } = selectedZoom(AXES, PLOT, box);
  assert.deepEqual(x, [0, 100]);
  assert.ok(Math.abs(y![0] - 0.1) < 1e-12 && Math.abs(y![1] - 1) < 1e-12);
});

test("dragging the picture to the right shows what was before", () => {
  assert.deepEqual(draggedZoom(AXES, PLOT, 100, 0), { x: [-250, 750] });
});

test("dragging the picture down shows what was above", () => {
  const { x, y } = draggedZoom(AXES, PLOT, 0, 50);
  assert.equal(x, undefined);
  assert.ok(Math.abs(y![0] / 1e-3 - 1) < 1e-9);
  assert.ok(Math.abs(y![1] / 10 - 1) < 1e-9);
});

test("a hand that shakes moves one axis only", () => {
  assert.deepEqual(Object.keys(draggedZoom(AXES, PLOT, 100, 10)), ["x"]);
  assert.deepEqual(Object.keys(draggedZoom(AXES, PLOT, -5, 90)), ["y"]);
  assert.deepEqual(Object.keys(draggedZoom(AXES, PLOT, 60, -60)), ["x", "y"]);
  assert.deepEqual(draggedZoom(AXES, PLOT, 0, 0), {});
});

test("the wheel keeps the value under the pointer where it is", () => {
  assert.deepEqual(wheelZoom(AXES, "x", 250, 0.5), { x: [125, 625] });
});

test("an axis shows a part of itself", () => {
  assert.deepEqual(zoomScale(X, [10, 20]), { kind: "linear", min: 10, max: 20 });
  assert.equal(zoomScale(X, null), X);
});

test("what an axis cannot show leaves it as it is", () => {
  assert.equal(zoomScale(Y, [-1, 1]), Y);
  assert.equal(zoomScale(Y, [0, 1]), Y);
  assert.equal(zoomScale(X, [1, Infinity]), X);
  assert.equal(zoomScale(X, [1, 1 + 1e-12]), X);
});
