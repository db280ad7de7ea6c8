import assert from "node:assert/strict";
import { test } from "node:test";

import { changeColor } from "../base/colors.ts";
import type { Theme } from "../base/theme.ts";
import { paintScene } from "../chart/paint.ts";
import { SvgPainter } from "../chart/painters.ts";
import { pickRow } from "../chart/pick.ts";
import { readRows } from "../chart/reading.ts";
import type { Landscape, RangeTest, RunSummary } from "../data/records.ts";
import { changeTicks, placeOfChange, relativeChange } from "./changes.ts";
import { buildHeadrooms } from "./headroom_scene.ts";
import { bestRate, landscapeRun, stepsOf, summarizeHeadroom } from "./landscape_run.ts";
import {
  BEST,
  CRITICAL,
  SUGGESTED,
  USED,
  VALUES,
  buildLandscape,
  describeSample,
} from "./landscape_scene.ts";
import {
  describeHeadroom,
  describeLeftOut,
  describeShare,
  describeSuggestion,
} from "./landscape_text.ts";
import { formatLandscape } from "./landscape_csv.ts";

const THEME = {
  ...{ text: "black", background: "white", grid: "silver", muted: "grey" },
  isDark: false,
} as Theme;
const X = { kind: "linear", min: 0, max: 20 } as const;
const OPTIONS = { x: X, ends: "most", test: null, theme: THEME } as const;
// The rate halves; the second update gained nothing, and nobody knows how far the third
// one could have gone.
const LANDSCAPE: Landscape = {
  num_samples: 3,
  steps: [0, 10, 20],
  used_rates: [0.02, 0.01, 0.01],
  losses: [2, 4, -1],
  rates: [
    [0.01, 0.02, 0.04],
    [0.005, 0.01, NaN],
    [0.005, 0.01, 0.02],
  ],
  loss_changes: [
    [-0.2, -0.02, 0.02],
    [4, Infinity, NaN],
    [-0.1, 0, -0.001],
  ],
  critical_rates: [0.03, 0.005, Infinity],
};
const RUN = landscapeRun({ run: "run1" } as RunSummary, LANDSCAPE, "blue");
const TEST = { suggestion: 0.1, interval: [0.05, 0.2] } as unknown as RangeTest;

function close(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-9, `${found}, expected ${expected}`);
}

test("a change is a share of the loss, whatever the loss's sign", () => {
  assert.equal(relativeChange(-0.5, 2), -0.25);
  // A loss of −1 that falls to −2 has fallen by all that it was.
  assert.equal(relativeChange(-1, -1), -1);
  assert.equal(relativeChange(0, 0), 0);
  assert.equal(relativeChange(1, 0), Infinity);
  assert.ok(Number.isNaN(relativeChange(1, NaN)));
  assert.ok(Number.isNaN(relativeChange(0, NaN)));
});

test("equal changes are equally far from the middle, and each decade takes its share", () => {
  assert.equal(placeOfChange(0), 0);
  assert.equal(placeOfChange(1), 1);
  assert.equal(placeOfChange(Infinity), 1);
  assert.equal(placeOfChange(-5), -1);
  assert.equal(placeOfChange(-0.1), -placeOfChange(0.1));
  // log10(1 + 10) and log10(1 + 100) of log10(1 + 1000).
  close(placeOfChange(0.01), Math.log10(11) / Math.log10(1001));
  close(placeOfChange(0.1), Math.log10(101) / Math.log10(1001));
  assert.ok(Number.isNaN(placeOfChange(NaN)));
});

test("the bar of the colours names the decades", () => {
  assert.deepEqual(
    changeTicks().map(({ label }) => label),
    ["−100 %", "−10 %", "−1 %", "0", "+1 %", "+10 %", "≥ +100 %"],
  );
  assert.deepEqual(
    [0, 3, 6].map((i) => changeTicks()[i].share),
    [0, 0.5, 1],
  );
});

test("samples have their headroom, their best rate and what the update did", () => {
  const { headroom, best_rate, change } = RUN.series.columns;
  assert.deepEqual([...headroom], [1.5, 0.5, Infinity]);
  // Of no rate that was tried did the second update lower the loss.
  assert.deepEqual([...best_rate], [0.01, NaN, 0.005]);
  assert.deepEqual([...change], [-1, Infinity, 0]);
  assert.equal(bestRate({ ...LANDSCAPE, loss_changes: [[]] }, 0), NaN);
});

test("the headroom is the median of the samples in view", () => {
  assert.deepEqual(summarizeHeadroom(RUN, [0, 20]), {
    numSamples: 3,
    median: 1.5,
    numEndless: 1,
    numBelowAll: 1,
    numRaised: 1,
  });
  assert.equal(summarizeHeadroom(RUN, [0, 10]).median, 0);
  assert.equal(summarizeHeadroom(RUN, [10, 20]).median, 0);
  assert.equal(summarizeHeadroom(RUN, [20, 20]).median, Infinity);
  assert.equal(summarizeHeadroom(RUN, [1, 9]).numSamples, 0);
});

test("each field of a column has its own rates, up to the middle to the next", () => {
  const { cells, y } = buildLandscape(RUN, OPTIONS);
  const [first, second] = cells!.columns!;
  [0.01 / Math.SQRT2, 0.01 * Math.SQRT2, 0.02 * Math.SQRT2, 0.04 * Math.SQRT2].forEach(
    (edge, i) => close(first.edges[i], edge),
  );
  close(second.edges[0], 0.005 / Math.SQRT2);
  assert.equal(second.colors.length, 2);
  assert.deepEqual(cells!.edges, [-5, 5, 15, 25]);
  // All that was tried is in the picture.
  assert.ok(y.min < 0.005 && y.max > 0.04);
});

test("colours say the change, white that nothing changed, and are the worst at infinity", () => {
  const [, second, third] = buildLandscape(RUN, OPTIONS).cells!.columns!;
  assert.deepEqual(second.colors, [changeColor(1, "light"), changeColor(1, "light")]);
  assert.equal(third.colors[1], "#ffffff");
  assert.equal(third.colors[0], changeColor((1 + placeOfChange(-0.1)) / 2, "light"));
});

test("between two samples, the rates of those around are in the picture", () => {
  const x = { kind: "linear", min: 3, max: 7 } as const;
  const { y } = buildLandscape(RUN, { ...OPTIONS, x });
  assert.deepEqual(y, buildLandscape(RUN, OPTIONS).y);
  const first = buildLandscape(RUN, { ...OPTIONS, x: { ...x, min: 0 } });
  assert.ok(first.y.min > 0.005 && first.y.min < 0.01);
});

test("a picture has all steps of its run, of which one may have a sample", () => {
  const summary = { run: "run1", first_step: 0, last_step: 99 } as RunSummary;
  const run = landscapeRun(summary, LANDSCAPE, "blue");
  assert.deepEqual([...stepsOf(run)], [0, 0, 10, 20, 99]);
});

test("a sample of an unknown loss has no colour", () => {
  const unknown = { ...LANDSCAPE, losses: [NaN, NaN, NaN] };
  const scene = buildLandscape(landscapeRun(RUN.summary, unknown, "blue"), OPTIONS);
  assert.deepEqual(scene.cells!.columns![0].colors, [null, null, null]);
});

test("the field under the cursor is read: its rate, its change, its headroom", () => {
  const scene = buildLandscape(RUN, OPTIONS);
  const box = { left: 0, top: 0, width: 200, height: 100 };
  const at = (step: number, rate: number) => {
    const { min, max } = scene.y;
    const top = 100 * (1 - Math.log(rate / min) / Math.log(max / min));
    const pointer = { left: 10 * step, top, reach: 14, preferred: null };
    const picked = pickRow(scene, box, pointer);
    const place = { x: step, picked, exact: null };
    const options = { axis: "step", focus: null, columns: Object.keys(VALUES) } as const;
    return readRows([], scene, place, options)[0];
  };
  const row = at(2, 0.05);
  assert.deepEqual(row.values, { rate: 0.04, change: 1, headroom: 1.5 });
  assert.equal(row.text, "step 0, used rate 0.02, critical rate 0.03");
  assert.deepEqual(at(4, 0.013).values, { rate: 0.01, change: -10, headroom: 1.5 });
  // Where it was not tried, nothing is read.
  assert.equal(at(10, 0.03), undefined);
});

test("what is known of the cliff is said as far as it is known", () => {
  assert.equal(
    describeSample(RUN, 1),
    "step 10, used rate 0.01, critical rate at most 0.005",
  );
  const beyond = "beyond what was tried";
  assert.equal(describeSample(RUN, 2), `step 20, used rate 0.01, critical rate ${beyond}`);
  assert.deepEqual(
    buildLandscape(RUN, OPTIONS).spots.map(({ x, y, text }) => [x, y, text]),
    [
      [10, "bottom", "Every rate that was tried raised the loss."],
      [20, "top", "No rate that was tried raised the loss."],
    ],
  );
});

test("the keys begin at the used rate, and go up and down from it", () => {
  const { curves } = buildLandscape(RUN, OPTIONS);
  const rates = curves.map(({ weight, ys, label }) => (weight === "unseen" ? ys[0] : label));
  // Up leads to the curve before, from the first one to the last.
  assert.deepEqual(rates, [0.02, 0.01, USED, CRITICAL, BEST, 0.04]);
});

test("the best rates are dots, and no line between them", () => {
  const best = buildLandscape(RUN, OPTIONS).curves.find(({ label }) => label === BEST)!;
  assert.deepEqual(Array.from(best.ys), [0.01, NaN, NaN, NaN, 0.005, NaN]);
  assert.deepEqual(best.values!(4), { rate: 0.005, headroom: Infinity });
});

test("a range test of the run is a line and a band across its picture", () => {
  const { curves, areas, y } = buildLandscape(RUN, { ...OPTIONS, test: TEST });
  const line = curves.find(({ label }) => label === SUGGESTED)!;
  assert.deepEqual([Array.from(line.xs), Array.from(line.ys)], [[0, 20], [0.1, 0.1]]);
  assert.equal(line.describe!(0), "between 0.05 and 0.2");
  assert.deepEqual([areas[0].lows, areas[0].highs], [[0.05, 0.05], [0.2, 0.2]]);
  assert.ok(y.max > 0.2);
  const alone = buildLandscape(RUN, { ...OPTIONS, test: { ...TEST, interval: null } });
  const words = alone.curves.find(({ label }) => label === SUGGESTED)!.describe!(0);
  assert.deepEqual([words, alone.areas], ["without an interval", []]);
  const none = { ...TEST, suggestion: null, interval: null };
  const without = buildLandscape(RUN, { ...OPTIONS, test: none });
  assert.deepEqual([without.areas, without.curves.length], [[], 6]);
});

test("columns are painted on their ground, and lines on them have an outline", () => {
  const scene = buildLandscape(RUN, OPTIONS);
  const painter = new SvgPainter();
  const box = { left: 0, top: 0, width: 201, height: 101 };
  paintScene(painter, scene, box, THEME);
  const svg = painter.finish(box, "white", box);
  const fills = [...svg.matchAll(/<polygon[^>]* fill="([^"]*)"/g)].map(([, fill]) => fill);
  assert.equal(fills.filter((fill) => fill === "silver").length, 1);
  assert.equal(fills.length, 1 + 3 + 2 + 3);
  const strokes = [...svg.matchAll(/stroke="(white|black)" stroke-width="([^"]*)"/g)];
  assert.deepEqual(
    strokes.slice(0, 2).map(([, color, width]) => [color, width]),
    [
      ["white", "3.5"],
      ["black", "1.5"],
    ],
  );
});

test("a critical rate between two that are not known is a dash, not a best rate's dot", () => {
  const rates = { ...LANDSCAPE, critical_rates: [Infinity, 0.007, Infinity] };
  const run = landscapeRun(RUN.summary, rates, "blue");
  const scene = buildLandscape(run, OPTIONS);
  const painter = new SvgPainter();
  const box = { left: 0, top: 0, width: 200, height: 100 };
  const critical = scene.curves.filter(({ label }) => label === CRITICAL);
  paintScene(painter, { ...scene, curves: critical, spots: [] }, box, THEME);
  const svg = painter.finish(box, "white", box);
  assert.ok(!svg.includes("<circle"));
  // At step 10, in the middle.
  assert.match(svg, /d="M96 [\d.]+L104 [\d.]+"/);
});

test("headrooms are drawn beside the cliff, and those that are not known are marked", () => {
  const { curves, spots, y, guides } = buildHeadrooms([RUN], { x: X });
  assert.deepEqual(Array.from(curves[0].ys), [1.5, NaN, Infinity]);
  assert.deepEqual(guides, [{ y: 1, label: "1 ×, the cliff" }]);
  assert.ok(y.min < 1 && y.max > 1.5);
  assert.deepEqual(
    spots.map(({ x, text }) => [x, text]),
    [
      [10, "Step 10: Every rate that was tried raised the loss."],
      [20, "Step 20: No rate that was tried raised the loss."],
    ],
  );
});

test("a landscape without samples, and one of samples without rates, are no error", () => {
  const empty = landscapeRun(
    RUN.summary,
    { ...LANDSCAPE, steps: [], rates: [], loss_changes: [], used_rates: [], losses: [], critical_rates: [] },
    "blue",
  );
  assert.deepEqual(buildLandscape(empty, OPTIONS).cells!.columns, []);
  const bare = { ...LANDSCAPE, rates: [[NaN], [NaN], [NaN]] };
  const scene = buildLandscape(landscapeRun(RUN.summary, bare, "blue"), OPTIONS);
  assert.deepEqual(scene.cells!.columns![0], { edges: [], colors: [] });
});

test("what is said has the numbers in view", () => {
  const none = { numSamples: 0, median: NaN, numEndless: 0, numBelowAll: 0, numRaised: 0 };
  assert.equal(
    describeHeadroom("run1", {
      ...{ numSamples: 3, median: 1.54, numEndless: 1, numBelowAll: 1, numRaised: 2 },
    }),
    "Headroom of run1: 1.5 ×, the median of 3 samples in view. " +
      "In 1 of them no rate that was tried raised the loss (bars at the top). " +
      "In 1 of them every rate that was tried raised it (bars at the bottom). " +
      "In 2 of them the update as it was made raised the loss of the next batch.",
  );
  assert.equal(
    describeHeadroom("a", { ...none, numSamples: 1, median: Infinity }),
    "Headroom of a: beyond the rates that were tried, the median of 1 sample in view.",
  );
  assert.match(
    describeHeadroom("a", { ...none, numSamples: 3, median: 0 }),
    /^Headroom of a: below the rates that were tried, the median/,
  );
  assert.equal(describeHeadroom("a", none), "No sample of a is in view.");
  assert.equal(describeShare(LANDSCAPE), "");
  assert.equal(
    describeShare({ ...LANDSCAPE, num_samples: 9000 }),
    "3 of 9,000 samples are drawn, evenly spread.",
  );
  assert.equal(describeLeftOut(12, 12), "");
  assert.equal(
    describeLeftOut(12, 40),
    "12 of 40 landscapes are drawn: choose fewer runs to see others.",
  );
});

test("the rate of the next run is suggested with its reason, or none with one", () => {
  const landscape = { num_samples: 9, critical_rate: 1, headroom: 3 };
  const suggested = (rate: number | null, interval: [number, number] | null) =>
    describeSuggestion({
      landscape: { ...landscape, suggestion: { rate, interval, reason: "It was low." } },
    });
  assert.equal(
    suggested(0.3057, [0.1019, 4.5855]),
    "Suggested for the next run: a highest rate of 0.306, between 0.102 and 4.59. It was low.",
  );
  assert.equal(suggested(null, null), "No rate is suggested for the next run. It was low.");
  assert.equal(describeSuggestion({ landscape: null }), "");
});

test("the CSV has a line for each rate that was tried", () => {
  assert.deepEqual(formatLandscape(LANDSCAPE).split("\n"), [
    "step,used_rate,critical_rate,loss,rate,loss_change",
    "0,0.02,0.03,2,0.01,-0.2",
    "0,0.02,0.03,2,0.02,-0.02",
    "0,0.02,0.03,2,0.04,0.02",
    "10,0.01,0.005,4,0.005,4",
    "10,0.01,0.005,4,0.01,inf",
    "20,0.01,inf,-1,0.005,-0.1",
    "20,0.01,inf,-1,0.01,0",
    "20,0.01,inf,-1,0.02,-0.001",
    "",
  ]);
});
