import assert from "node:assert/strict";
import { test } from "node:test";

import { breakAtJumps } from "./jumps.ts";

/** Gives the x after which a band of some height is broken. */
function breaks(xs: number[], lows = xs.map(() => 1), highs = xs.map(() => 5)) {
  const ends = { lows: Float64Array.from(lows), highs: Float64Array.from(highs) };
  const band = { xs: Float64Array.from(xs), ...ends, numStretches: xs.length / 2 };
  const broken = breakAtJumps(band);
  const found: number[] = [];
  broken.highs.forEach((high, i) => {
    if (Number.isNaN(high)) found.push(broken.xs[i - 1]);
  });
  assert.equal(broken.xs.length, xs.length + found.length);
  return found;
}

test("a step between two stretches breaks the band", () => {
  assert.deepEqual(breaks([0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01]), [0.1]);
});

test("a step within a stretch, which has both rates, breaks it too", () => {
  assert.deepEqual(breaks([0.1, 0.1, 0.1, 0.01, 0.01, 0.01]), [0.1]);
});

test("a step at the end of a slow decay, and a restart, break it", () => {
  const decay = [8, 7.5, 7.4, 7, 7, 6.5];
  assert.deepEqual(breaks([...decay, 0.6, 0.6, 0.6, 0.6]), [6.5]);
  // Half a cosine, down to next to nothing, twice.
  const falls = Array.from({ length: 40 }, (_, i) => 1 + Math.cos((Math.PI * i) / 40));
  assert.deepEqual(breaks([...falls, ...falls]), [falls[39]]);
});

test("a rate that moves through what lies between breaks nothing", () => {
  const rise = Array.from({ length: 20 }, (_, i) => i / 20);
  const triangle = [...rise, 1, ...rise.reverse()];
  assert.deepEqual(breaks(triangle), []);
  // A constant rate, and then a fall to zero.
  assert.deepEqual(breaks([1, 1, 1, 1, 1, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4, 0.2]), []);
  // Cycles that are shorter than a stretch.
  assert.deepEqual(breaks([0.1, 1, 1, 0.1, 0.1, 1, 1, 0.1]), []);
  assert.deepEqual(breaks(Array.from({ length: 30 }, (_, i) => 1.3 ** -i)), []);
});

test("one stretch alone, and a line without height, are left as they are", () => {
  assert.deepEqual(breaks([0.1, 1]), []);
  const line = [5, 4, 3, 2];
  assert.deepEqual(breaks([1, 1, 0.1, 0.1], line, line), []);
});
