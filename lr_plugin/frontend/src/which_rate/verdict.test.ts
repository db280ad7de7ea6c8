import assert from "node:assert/strict";
import { test } from "node:test";

import type { Outcome } from "./outcomes.ts";
import { makeOutcome, makeRun } from "./test_runs.test.ts";
import { describeMissing, describeVerdict } from "./verdict.ts";

function verdict(all: Outcome[], changes = {}): string {
  const groups = all.map(({ runs }) => runs);
  const options = { what: "val_accuracy", isHigherBetter: true, x: "peak rate", ...changes };
  return describeVerdict(all, groups, options);
}

const points = (...pairs: [number, number][]) =>
  pairs.map(([x, value]) => makeOutcome(x, value));

test("the best, what is as good, and from where on all diverged", () => {
  const all = points(
    [0.01, 0.9],
    [0.03, 0.977],
    [0.0794, 0.978],
    [0.2, 0.9765],
    [0.4632, 0.95],
    [0.8, NaN],
    [1.5, NaN],
  );
  // A tenth of what is missing to 1 is 0.0022, said and used as 0.2 points.
  assert.equal(
    verdict(all),
    "Of 7 runs the best, val_accuracy 0.978, had a peak rate of 0.0794; the 2 others " +
      "within 0.2 points of it had 0.03 to 0.2; above 0.5 all 2 diverged.",
  );
});

test("a bound is not said so that it is false", () => {
  // 0.5 would be above a run that diverged at 0.49.
  const all = points([0.01, 0.5], [0.1, 0.6], [0.4632, 0.7], [0.49, NaN], [0.6, NaN]);
  assert.match(verdict(all), /; above 0\.47 all 2 diverged/);
});

test("nothing is said of divergence between runs that did not diverge", () => {
  const all = points([0.1, NaN], [0.2, NaN], [0.3, 0.5], [0.4, 0.6], [0.5, 0.2]);
  assert.doesNotMatch(verdict(all), /diverged/);
  const single = points([0.1, 0.5], [0.2, 0.6], [0.3, 0.5], [0.4, NaN]);
  assert.doesNotMatch(verdict(single), /diverged/);
});

test("a best at the edge of what was tried says so", () => {
  const low = points([0.1, 0.9], [0.2, 0.5], [0.3, 0.4], [0.4, 0.3]);
  assert.match(verdict(low), /had a peak rate of 0\.1; no lower peak rate was tried\.$/);
  const high = points([0.1, 0.3], [0.2, 0.4], [0.3, 0.5], [0.4, 0.9]);
  assert.match(verdict(high), /had a peak rate of 0\.4; no higher peak rate was tried\.$/);
});

test("of losses the lower is better, and a tenth of the lowest is near", () => {
  const all = points([0.1, 2], [0.2, 1], [0.3, 1.1], [0.4, 1.11]);
  assert.equal(
    verdict(all, { what: "final loss", isHigherBetter: false }),
    "Of 4 runs the best, final loss 1, had a peak rate of 0.2; the other one within 0.1 " +
      "of it had 0.3.",
  );
});

test("of values without a known end nothing is called near", () => {
  const all = points([0.1, 20], [0.2, 31], [0.3, 30.9], [0.4, 25]);
  assert.doesNotMatch(verdict(all, { what: "psnr" }), /within/);
});

test("seeds are counted as runs and as settings", () => {
  const seeds = (x: number, value: number): Outcome => {
    const runs = [makeRun(`a${x}`, x, value), makeRun(`b${x}`, x, value)];
    return { ...makeOutcome(x, value), runs };
  };
  const all = [seeds(0.1, 0.5), seeds(0.2, 0.9), seeds(0.3, 0.6), seeds(0.4, 0.5)];
  assert.equal(
    verdict(all),
    "Of 8 runs at 4 settings, each by the mean of its seeds, the best, val_accuracy 0.9, " +
      "had a peak rate of 0.2.",
  );
});

test("too few runs, or too few rates, say nothing", () => {
  assert.equal(verdict(points([0.1, 0.5], [0.2, 0.6], [0.3, 0.7])), "");
  assert.equal(verdict(points([0.1, 0.5], [0.1, 0.6], [0.2, 0.7], [0.2, 0.8])), "");
  assert.equal(verdict(points([0.1, NaN], [0.2, NaN], [0.3, NaN], [0.4, NaN])), "");
});

test("runs that are not in the picture are counted", () => {
  assert.equal(
    describeMissing(1, 2, "last rate", "val_loss"),
    "1 run without a last rate that this axis can show is left out. 2 runs without " +
      "val_loss are left out.",
  );
  assert.equal(describeMissing(0, 0, "last rate", "val_loss"), "");
});
