import assert from "node:assert/strict";
import { test } from "node:test";

import { median, middleOfEnvelope, rollingMedian, smoothOverSteps } from "./smooth.ts";

test("without a reach nothing is touched", () => {
  const losses = Float64Array.of(3, 1, 2);
  assert.equal(smoothOverSteps([0, 1, 2], losses, 0), losses);
});

test("a spike is not smoothed into its neighbours", () => {
  const losses = Float64Array.of(1, 1, 90, 1, 1);
  assert.deepEqual([...smoothOverSteps([0, 1, 2, 3, 4], losses, 1)], [1, 1, 1, 1, 1]);
});

test("a straight line stays where it is, to its very ends", () => {
  const steps = Float64Array.from({ length: 50 }, (_, i) => i);
  const line = steps.map((step) => 100 - 2 * step);
  assert.deepEqual([...smoothOverSteps(steps, line, 7)], [...line]);
});

test("the middle half counts", () => {
  // Of 0, 1, 2, 3, 4, 5, 6, 700 the middle four are 2 to 5.
  const losses = Float64Array.of(9, 0, 1, 2, 3, 4, 5, 6, 700, 9);
  const steps = [0, 2, 3, 4, 5, 6, 7, 8, 9, 11];
  assert.equal(smoothOverSteps(steps, losses, 4)[4], (2 + 3 + 4 + 5) / 4);
});

test("reach is in steps, so rows far away do not count", () => {
  const losses = Float64Array.of(8, 8, 2, 4, 3, 8, 8);
  const smoothed = smoothOverSteps([0, 10, 99, 100, 101, 190, 200], losses, 5);
  assert.deepEqual([...smoothed].slice(2, 5), [3, 3, 3]);
});

test("an envelope is drawn through its middle", () => {
  // Stretches from 1 to 3, in the order that jumps less.
  const steps = Float64Array.from({ length: 400 }, (_, i) => i);
  const edges = steps.map((i) => (((i + 1) >> 1) % 2 ? 3 : 1));
  const inside = smoothOverSteps(steps, edges, 20).slice(20, -20);
  assert.ok(inside.every((loss) => Math.abs(loss - 2) < 0.1));
});

test("NaN stays where it is and spoils nothing else", () => {
  const smoothed = smoothOverSteps([0, 1, 2], Float64Array.of(2, NaN, 2), 5);
  assert.deepEqual([...smoothed], [2, NaN, 2]);
});

test("a rolling median ignores a single spike", () => {
  assert.deepEqual([...rollingMedian([1, 1, 90, 1, 1], 1)], [1, 1, 1, 1, 1]);
});

test("the median of an even number of values is between the middle ones", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("the middle of an envelope lies between its edges, at the ends too", () => {
  // Stretches from 1 to 3, in the order that jumps less.
  const values = Float64Array.of(1, 3, 3, 1, 1, 3, 3, 1, 1, 3);
  assert.deepEqual([...middleOfEnvelope(values, 2)], new Array(10).fill(2));
  // Of 3, 1, 1, 5 the middle ones are 1 and 3, for the last four rows alike.
  const last = middleOfEnvelope([9, 9, 3, 1, 1, 5], 2).slice(4);
  assert.deepEqual([...last], [2, 2]);
});
