import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { RangeTest } from "../data/records.ts";
import { colorBySetting } from "./color_scale.ts";
import { findOutcomes, type Outcomes } from "./outcomes.ts";
import { kindsOf, splitOutcomes } from "./split.ts";
import { makeRun } from "./test_runs.test.ts";
import {
  OUTCOME,
  buildWhichRate,
  fitOutcomes,
  valueKind,
  type WhichRateOptions,
} from "./which_rate_scene.ts";

const OPTIONS: WhichRateOptions = {
  title: "val_accuracy against peak rate",
  xLabel: "Peak rate",
  yLabel: "val_accuracy",
  judged: "val_accuracy",
  isHigherBetter: true,
  xWindow: null,
  xKind: "log",
  yKind: "auto",
  ends: "most",
  colorOf: () => "blue",
  theme: { error: "red" } as Theme,
};
const SEEDS = [makeRun("a1", 0.01, 0.5), makeRun("a2", 0.01, 0.75)];
const DIVERGED = makeRun("bad", 1, -Infinity);
const ADAM = makeRun("adam", 0.001, 0.6, { optimizer: { class_name: "Adam" } });

function outcomesOf(...groups: ReturnType<typeof makeRun>[][]): Outcomes {
  return findOutcomes(groups, "peak", "val_accuracy", true);
}

function build(outcomes: Outcomes, changes: Partial<WhichRateOptions> = {}) {
  const options = { ...OPTIONS, ...changes };
  return buildWhichRate(outcomes, [], fitOutcomes(outcomes, [], options), options);
}

test("all dots are in the picture, however far apart the rates are", () => {
  const far = outcomesOf([makeRun("low", 1e-30, 0.5)], [makeRun("high", 1e30, 0.6)]);
  const { x } = build(far);
  assert.ok(x.min < 1e-30 && x.max > 1e30);
});

test("seeds are a dot with a band, and what diverged is in a lane below", () => {
  const { curves, areas, lane, y } = build(outcomesOf(SEEDS, [DIVERGED]));
  const [dot, cross] = curves;
  assert.deepEqual([dot.xs[0], dot.ys[0], dot.label], [0.01, 0.625, "a1 and 1 more seed"]);
  assert.deepEqual([areas[0].lows[0], areas[0].highs[0]], [0.5, 0.75]);
  assert.equal(areas.length, 1);
  assert.equal(cross.marker, "cross");
  // Below all values, and inside of the picture.
  assert.ok(lane!.from === y.min && lane!.to < 0.5);
  assert.ok(cross.ys[0] > lane!.from && cross.ys[0] < lane!.to);
});

test("where lower is better the lane is above", () => {
  const { lane, y } = build(outcomesOf(SEEDS, [DIVERGED]), { isHigherBetter: false });
  assert.ok(lane!.to === y.max && lane!.from > 0.75);
  assert.equal(build(outcomesOf(SEEDS)).lane, undefined);
});

test("what is read of a dot is its value, and of the lane none", () => {
  const { curves } = build(outcomesOf(SEEDS, [DIVERGED]));
  assert.equal(curves[0].values!(0)[OUTCOME], 0.625);
  assert.equal(curves[0].describe!(0), "mean of 2 runs, from 0.5 to 0.75");
  assert.ok(Number.isNaN(curves[1].values!(0)[OUTCOME]));
  assert.equal(curves[1].describe!(0), "diverged");
});

test("losses that are far apart have a log axis", () => {
  assert.equal(valueKind("auto", [1, 5], false), "log");
  assert.equal(valueKind("auto", [1, 2], false), "linear");
  assert.equal(valueKind("auto", [-1, 5], false), "linear");
  assert.equal(valueKind("auto", [0.1, 0.9], true), "linear");
  assert.equal(valueKind("log", [0.1, 0.9], true), "log");
});

test("each optimizer with its schedule is a part, with the tests of its optimizer", () => {
  const outcomes = outcomesOf(SEEDS, [ADAM]);
  const found = { suggestion: null } as unknown as RangeTest;
  const tests = [{ run: "test", color: "red", test: found }];
  const parts = splitOutcomes(outcomes, tests, () => "Adam");
  assert.deepEqual(
    parts.map(({ title, outcomes: { all }, tests }) => [title, all.length, tests.length]),
    [
      ["SGD, constant", 1, 0],
      ["Adam, constant", 1, 1],
    ],
  );
  const others = splitOutcomes(outcomes, tests, () => "Lion");
  assert.deepEqual(
    others.map(({ tests }) => tests.length),
    [1, 1],
  );
  assert.deepEqual(kindsOf([ADAM, ...SEEDS]), ["SGD, constant", "Adam, constant"]);
});

test("of many kinds the rarest share a part", () => {
  const runs = Array.from({ length: 12 }, (_, i) =>
    makeRun(`run${i}`, 0.1, 0.5, { optimizer: { class_name: `O${i}` } }),
  );
  const parts = splitOutcomes(outcomesOf(...runs.map((run) => [run])), [], () => undefined);
  assert.equal(parts.length, 9);
  assert.equal(parts[8].title, "all others");
  assert.equal(parts[8].outcomes.all.length, 4);
});

test("few values of a setting have a colour each, many numbers a scale", () => {
  const run = (units: number) =>
    makeRun(`${units}`, 0.1, 0.5, { extra: { hparams: { units } } });
  const few = colorBySetting([run(1), run(2), run(1)], "units", false, "grey");
  assert.deepEqual(
    few.legend.map(({ label }) => label),
    ["1", "2"],
  );
  assert.notEqual(few.colorOf(run(1)), few.colorOf(run(2)));
  assert.equal(few.colorOf(makeRun("none", 0.1, 0.5)), "grey");
  const many = colorBySetting([1, 10, 100, 200, 500, 10_000].map(run), "units", false, "grey");
  assert.deepEqual(
    many.legend.map(({ label }) => label),
    ["1", "10", "100", "1,000", "10,000"],
  );
});
