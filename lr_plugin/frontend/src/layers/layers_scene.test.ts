import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTE, timeColor } from "../base/colors.ts";
import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { cellEdges } from "../chart/cell_edges.ts";
import { barTicks, cellColor } from "../chart/paint_cells.ts";
import { SvgPainter } from "../chart/painters.ts";
import { paintScene } from "../chart/paint.ts";
import { readRows } from "../chart/reading.ts";
import type { Exactness, LayerSamples, RunSummary } from "../data/records.ts";
import { buildHeat } from "./heat_scene.ts";
import { layerRuns } from "./layer_runs.ts";
import {
  buildColumn,
  buildStepSizes,
  buildUpdateRatios,
  describeSamples,
  type StepAxes,
} from "./layers_scene.ts";

const THEME = {
  ...{ text: "black", background: "white", error: "red", muted: "grey" },
  isDark: false,
} as Theme;
const AXES: StepAxes = {
  x: { kind: "linear", min: 0, max: 100 },
  yRoom: 90,
  kind: "log",
  ends: "most",
  theme: THEME,
};
const SAMPLES: LayerSamples = {
  layers: ["conv", "head"],
  columns: ["update_ratio"],
  steps: [0, 50],
  values: {
    update_ratio: [
      [0.01, 0.1],
      [0.02, NaN],
    ],
  },
};
const SUMMARY = { run: "run1" } as RunSummary;
const LAYERS = layerRuns(SUMMARY, SAMPLES, THEME);
const HEAT = { column: "update_ratio", title: "Ratio", names: ["conv", "head"] };

function makeRun(columns: Record<string, number[]>, exact: Exactness): DrawnRun {
  const all = Object.entries(columns).map(
    ([name, values]) => [name, Float64Array.from(values)] as const,
  );
  const numRows = all[0][1].length;
  return {
    summary: SUMMARY,
    series: { columns: Object.fromEntries(all), numRows, rowsInWindow: numRows, exact },
    color: "blue",
  };
}

test("a gradient's norm that is not finite is marked at its step", () => {
  const spotsOf = (exact: Exactness) => {
    const run = makeRun({ step: [0, 1, 2], gradient_norm: [1, Infinity, 2] }, exact);
    return buildColumn([run], "gradient_norm", "Norm", AXES).spots;
  };
  const [spot] = spotsOf("rows");
  assert.deepEqual([spot.x, spot.y, spot.text], [1, "top", "∞ at step 1."]);
  assert.equal(spotsOf("envelope")[0].text, "∞ near step 1.");
});

test("a rate is dashed only beside a step size", () => {
  const sgd = { step: [0, 1], learning_rate: [0.1, 0.1] };
  const adam = { ...sgd, step_size: [0.01, 0.02] };
  const linesOf = (columns: Record<string, number[]>) => {
    const { title, curves } = buildStepSizes([makeRun(columns, "rows")], AXES);
    return [title, curves.map(({ label, dashed }) => [label, dashed])];
  };
  assert.deepEqual(linesOf(sgd), ["Learning rate", [["run1", false]]]);
  assert.deepEqual(linesOf(adam), [
    "Rate and step size",
    [
      ["run1, rate", true],
      ["run1, step size", false],
    ],
  ]);
});

test("a layer whose update is NaN is marked", () => {
  const { spots } = buildUpdateRatios(LAYERS, null, AXES);
  assert.deepEqual(
    spots.map(({ run, x }) => [run, x]),
    [["head", 50]],
  );
});

test("the usual ratio is in the picture of ratios that are far from it", () => {
  const { y, guides } = buildUpdateRatios(LAYERS, null, AXES);
  assert.deepEqual(guides, [{ y: 1e-3, label: "1e-3, rule of thumb" }]);
  assert.ok(y.min < 1e-3 && y.max > 0.1);
});

test("the layer at the cursor is read, and not the first one", () => {
  const scene = buildUpdateRatios(LAYERS, null, AXES);
  const picked = { curve: scene.curves[1], row: 0 };
  const place = { x: 0, picked, exact: null };
  const rows = readRows(LAYERS, scene, place, { axis: "step", focus: null, columns: [] });
  assert.deepEqual(
    rows.map(({ run, values }) => [run, values.update_ratio]),
    [
      ["head", 0.1],
      ["conv", 0.01],
    ],
  );
});

test("ten layers have the colours of runs, more go from dark to light", () => {
  const colorsOf = (count: number) => {
    const layers = Array.from({ length: count }, (_, i) => `layer${i}`);
    const samples = { ...SAMPLES, layers, values: {} };
    return layerRuns(SUMMARY, samples, THEME).map(({ color }) => color);
  };
  assert.deepEqual(
    colorsOf(10),
    PALETTE.map(({ light }) => light),
  );
  const many = colorsOf(11);
  assert.equal(new Set(many).size, 11);
  assert.equal(many[0], "#00224e");
});

test("a map has a cell for each sample, between the middles to its neighbours", () => {
  const heat = buildHeat(LAYERS, { ...HEAT, guide: 1e-3, axes: AXES })!;
  // The whole axis is 100 steps long: samples at 0 and 50 part at 25.
  assert.deepEqual(Array.from(heat.cells!.edges), [-25, 25, 75]);
  const [conv, head] = heat.cells!.rows;
  // From 0.01, the darkest, to 0.1, the lightest.
  assert.deepEqual([conv.colors[0], head.colors[0]], [timeColor(0), timeColor(1)]);
  assert.equal(head.colors[1], null);
  assert.deepEqual(heat.x, AXES.x);
  assert.equal(heat.yRoom, AXES.yRoom);
});

test("a sample at step 0 leaves the others their places on a log axis", () => {
  // On the axis from 1 to 10,000 a decade is a quarter.
  const edges = cellEdges([0, 10, 100, 1000], { kind: "log", min: 1, max: 1e4 });
  const rounded = edges.map((edge) => Number(Math.log10(edge).toFixed(6)));
  assert.deepEqual(rounded, [-Infinity, 0.5, 1.5, 2.5, 3.5]);
});

test("a sample alone has a narrow cell", () => {
  const edges = cellEdges([50], AXES.x);
  assert.deepEqual(edges, [49, 51]);
});

test("a map of zeros and of nothing is left out", () => {
  const samples = { ...SAMPLES, values: { update_ratio: [[0, NaN]] } };
  const layers = layerRuns(SUMMARY, samples, THEME);
  assert.equal(buildHeat(layers, { ...HEAT, guide: null, axes: AXES }), null);
});

test("cells are painted without a seam, the highlighted row gets a frame", () => {
  const scene = buildHeat(LAYERS, { ...HEAT, guide: null, axes: AXES })!;
  const box = { left: 0, top: 0, width: 201, height: 33 };
  const paint = (only: string | null) => {
    const painter = new SvgPainter();
    paintScene(painter, scene, box, THEME, only);
    return painter.finish(box, "white", box);
  };
  const frame = 'd="M0 17L201 17L201 33L0 33L0 17"';
  assert.equal(paint("head").match(/points=/g), null);
  assert.equal(paint("head").split(frame).length, 3);
  // From step 0 to 25 and to 75 of 100, each half a pixel under its neighbours.
  assert.deepEqual(paint(null).match(/points="[^"]*"/g), [
    'points="0,0 50.5,0 50.5,17.5 0,17.5"',
    'points="50,0 151.5,0 151.5,17.5 50,17.5"',
    'points="0,17 50.5,17 50.5,33.5 0,33.5"',
  ]);
});

test("the lowest value is dark, the highest light, and nothing has no colour", () => {
  const bar = {
    label: "Ratio",
    scale: { kind: "log", min: 1e-3, max: 1 },
    isCut: { low: false, high: false },
    guide: null,
  } as const;
  assert.equal(cellColor(1e-3, bar), "rgb(0,34,78)");
  assert.equal(cellColor(1, bar), "rgb(254,232,56)");
  assert.equal(cellColor(5, bar), cellColor(1, bar));
  assert.equal(cellColor(0, bar), null);
  assert.equal(cellColor(NaN, bar), null);
});

test("a tick gives way to a guide that is near", () => {
  const ticks = barTicks({
    label: "Ratio",
    scale: { kind: "log", min: 1e-4, max: 1 },
    isCut: { low: false, high: false },
    guide: 2e-3,
  });
  // A decade is a quarter: 0.001 is 0.08 of the bar away from the guide.
  assert.deepEqual(
    ticks.map(({ label }) => label),
    ["1e-4", "0.002", "0.01", "0.1", "1"],
  );
});

test("a bar has the guide among its ticks, and says where it is cut", () => {
  const ticks = barTicks({
    label: "Ratio",
    scale: { kind: "log", min: 1e-4, max: 1 },
    isCut: { low: true, high: false },
    guide: 1e-3,
  });
  assert.deepEqual(
    ticks.map(({ share, label, isGuide }) => [share, label, isGuide]),
    [
      [0, "≤ 1e-4", false],
      [0.25, "0.001", true],
      [0.5, "0.01", false],
      [0.75, "0.1", false],
      [1, "1", false],
    ],
  );
});

test("samples that are beside the window are said not to be in view", () => {
  assert.equal(describeSamples(SAMPLES, AXES.x), "2 samples of 2 layers");
  const beside = { ...AXES.x, min: 60, max: 70 };
  assert.equal(
    describeSamples(SAMPLES, beside),
    "2 samples of 2 layers, none of them in view",
  );
});
