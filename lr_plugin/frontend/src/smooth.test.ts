import assert from "node:assert/strict";
import { test } from "node:test";

import { median, middleOfEnvelope, rollingMedian, smoothOverSteps } from "./smooth.ts";

test("without a half life nothing is touched", () => {
  const losses = Float64Array.of(3, 1, 2);
  assert.equal(smoothOverSteps([0, 1, 2], losses, 0), losses);
});

test("the first loss is itself, not pulled towards zero", () => {
  assert.equal(smoothOverSteps([0, 1], Float64Array.of(4, 1), 1)[0], 4);
});

test("a loss one half life ago counts half", () => {
  // (0.5 * 4 + 1) / (0.5 + 1) = 2
  assert.equal(smoothOverSteps([0, 10], Float64Array.of(4, 1), 10)[1], 2);
});

test("distance is in steps, so left out rows do not change the weights", () => {
  // (0.25 * 4 + 1) / 1.25 = 1.6
  assert.equal(smoothOverSteps([0, 20], Float64Array.of(4, 1), 10)[1], 1.6);
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
