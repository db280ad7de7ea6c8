// The landscape of one run: at each sampled update, what every rate would have done.

import { changeColor } from "../base/colors.ts";
import { formatCount, formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { Scale } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { cellEdges } from "../chart/cell_edges.ts";
import { fitToRates } from "../chart/fit_axes.ts";
import { cellColor } from "../chart/paint_cells.ts";
import type { CellColumn, ColorBar, Curve, Scene, Spot } from "../chart/scene.ts";
import type { RangeTest } from "../data/records.ts";
import type { AxisEnds } from "../state/state.ts";
import { changeTicks, placeOfChange, relativeChange } from "./changes.ts";
import { isBelowAll, nearest, type LandscapeRun } from "./landscape_run.ts";

interface LandscapeOptions {
  /** The steps, the same for all runs. */
  x: Scale;
  /** What the axis of the rates shows. */
  ends: AxisEnds;
  /** The range test of the same run. */
  test: RangeTest | null;
  theme: Theme;
}

export const USED = "used rate";
export const CRITICAL = "critical rate";
export const BEST = "best rate of the moment";
export const SUGGESTED = "suggestion of the range test";
export const BEYOND = "No rate that was tried raised the loss.";
export const BELOW = "Every rate that was tried raised the loss.";
// As the scene names what is read at the cursor.
export const VALUES = { rate: "rate", change: "change in %", headroom: "headroom" };

/** Builds the picture of one landscape. */
export function buildLandscape(run: LandscapeRun, options: LandscapeOptions): Scene {
  const { landscape, summary, series, xs } = run;
  const { x, ends, test, theme } = options;
  const { used_rate, critical_rate, best_rate } = series.columns;
  const bar = changeBar(theme);
  const tested = test ? ratesOfTest(test) : [];
  const rows = Array.from(xs, (_, i) => i);
  const inView = rows.filter((i) => xs[i] >= x.min && xs[i] <= x.max);
  // Between two samples, the fields around are seen.
  const shown = (inView.length > 0 ? inView : rows).flatMap((i) => [
    used_rate[i],
    critical_rate[i],
    ...landscape.rates[i],
  ]);
  return {
    title: `Landscape of ${visible(summary.run)}`,
    xLabel: "Step",
    yLabel: "learning rate",
    xUnit: "step",
    x,
    ...fitToRates("log", [[...shown, ...tested]], ends === "most"),
    cells: {
      edges: cellEdges(xs, x),
      rows: [],
      columns: landscape.steps.map((_, i) => cellColumn(run, i, bar)),
      // What was not tried must not look as if nothing changed.
      ground: theme.grid,
      bar,
    },
    bands: [],
    areas: test?.interval
      ? [
          {
            run: summary.run,
            color: theme.text,
            xs: [x.min, x.max],
            lows: [test.interval[0], test.interval[0]],
            highs: [test.interval[1], test.interval[1]],
          },
        ]
      : [],
    curves: inOrderOfKeys(run, tried(run), [
      line(run, { label: USED, ys: used_rate, theme }),
      line(run, { label: CRITICAL, ys: known(run, critical_rate), theme, dashed: true }),
      bestDots(run, best_rate, theme),
      ...(test ? suggestionLine(run, test, options) : []),
    ]),
    marks: [],
    spots: unknownSpots(run, { color: theme.text }),
  };
}

/** Leaves out what is only known to be below or above the rates that were tried. */
export function known({ landscape }: LandscapeRun, values: Float64Array): Float64Array {
  return values.map((value, i) => (isBelowAll(landscape, i) ? NaN : value));
}

/** Makes a bar at the edge where the cliff is below or above the rates that were tried. */
export function unknownSpots(
  { summary, landscape, xs }: LandscapeRun,
  { color, before = "" }: { color: string; before?: string },
): Spot[] {
  return Array.from(xs).flatMap((x, i): Spot[] => {
    const isBelow = isBelowAll(landscape, i);
    if (!isBelow && landscape.critical_rates[i] !== Infinity) return [];
    const [y, what] = isBelow ? (["bottom", BELOW] as const) : (["top", BEYOND] as const);
    const text = before ? `${before} ${formatCount(x)}: ${what}` : what;
    return [{ run: summary.run, x, y, shape: "tick", color, text }];
  });
}

/** Describes what the colours of a landscape say. */
export function changeBar({ isDark }: Pick<Theme, "isDark">): ColorBar {
  const side = isDark ? "dark" : "light";
  return {
    label: "Change of the loss",
    scale: { kind: "linear", min: -1, max: 1 },
    isCut: { low: false, high: true },
    guide: null,
    colorOf: (share) => changeColor(share, side),
    ticks: changeTicks(),
  };
}

function cellColumn(
  { landscape }: LandscapeRun,
  sample: number,
  bar: ColorBar,
): CellColumn {
  const { rates, loss_changes: changes, losses } = landscape;
  const points = rates[sample].flatMap((rate, i) => (rate > 0 ? [{ rate, i }] : []));
  const colors = points.map(({ i }) => {
    const place = placeOfChange(relativeChange(changes[sample][i], losses[sample]));
    return cellColor(place, bar);
  });
  if (points.length === 0) return { edges: [], colors: [] };
  const edges = cellEdges(
    points.map(({ rate }) => rate),
    { kind: "log", min: 1, max: 10 },
  );
  return { edges, colors };
}

/** Makes a curve of each rate that was tried, to be read at the cursor. */
function tried(run: LandscapeRun): Curve[] {
  const { landscape, xs, series } = run;
  const { rates, loss_changes: changes, losses } = landscape;
  const numPoints = Math.max(0, ...rates.map(({ length }) => length));
  return Array.from({ length: numPoints }, (_, point) => ({
    ...unseen(run),
    ys: Float64Array.from(xs, (_, i) => rates[i][point] ?? NaN),
    values: (row) => ({
      rate: rates[row][point] ?? NaN,
      change: 100 * relativeChange(changes[row][point] ?? NaN, losses[row]),
      headroom: series.columns.headroom[row],
    }),
  }));
}

function unseen(run: LandscapeRun): Omit<Curve, "ys"> {
  const { summary, color, xs } = run;
  return {
    run: summary.run,
    label: summary.run,
    color,
    xs,
    weight: "unseen",
    everyRow: true,
    describe: (row) => describeSample(run, row),
  };
}

/** Says which update a sample is of, and what is known of it as a whole. */
export function describeSample({ series, landscape }: LandscapeRun, row: number) {
  const { step, used_rate, critical_rate } = series.columns;
  const [used, critical] = [used_rate[row], critical_rate[row]];
  const cliff =
    critical === Infinity
      ? "beyond what was tried"
      : `${isBelowAll(landscape, row) ? "at most " : ""}${formatNumber(critical, 3)}`;
  return (
    `step ${formatCount(step[row])}, used rate ${formatNumber(used, 3)}, ` +
    `critical rate ${cliff}`
  );
}

/**
 * Orders curves so that keys begin at the used rate, and go up to higher rates and down
 * to lower ones; the lines are behind the lowest one.
 */
function inOrderOfKeys(
  { landscape }: LandscapeRun,
  curves: readonly Curve[],
  lines: readonly Curve[],
): Curve[] {
  const { rates, used_rates: used } = landscape;
  const at = rates.length > 0 ? Math.max(0, nearest(rates[0], used[0])) : 0;
  const [below, above] = [curves.slice(0, at + 1), curves.slice(at + 1)];
  return [...below.reverse(), ...lines, ...above.reverse()];
}

function line(
  run: LandscapeRun,
  options: { label: string; ys: Float64Array; theme: Theme; dashed?: boolean },
): Curve {
  const { label, ys, theme, dashed } = options;
  return {
    ...unseen(run),
    label,
    color: theme.text,
    outline: theme.background,
    ys,
    weight: "normal",
    dashed,
    // The best rates are dots.
    marker: dashed ? "dash" : undefined,
    everyRow: false,
    values: (row) => ({ rate: ys[row], headroom: run.series.columns.headroom[row] }),
  };
}

/** Makes dots, each alone: a line between the best of two moments would say nothing. */
function bestDots(run: LandscapeRun, best: Float64Array, theme: Theme): Curve {
  const gaps = (values: ArrayLike<number>, between: (i: number) => number) =>
    Float64Array.from({ length: 2 * values.length }, (_, i) =>
      i % 2 === 0 ? values[i / 2] : between((i - 1) / 2),
    );
  const rowOf = (point: number) => Math.floor(point / 2);
  return {
    ...line(run, { label: BEST, ys: gaps(best, () => NaN), theme }),
    xs: gaps(run.xs, (i) => run.xs[i]),
    dash: [2, 4],
    describe: (point) => describeSample(run, rowOf(point)),
    values: (point) => ({
      rate: best[rowOf(point)],
      headroom: run.series.columns.headroom[rowOf(point)],
    }),
  };
}

function suggestionLine(
  run: LandscapeRun,
  { suggestion, interval }: RangeTest,
  { x, theme }: LandscapeOptions,
): Curve[] {
  if (suggestion === null) return [];
  const ends = interval?.map((rate) => formatNumber(rate, 3));
  const text = ends ? `between ${ends[0]} and ${ends[1]}` : "without an interval";
  return [
    {
      ...line(run, {
        label: SUGGESTED,
        ys: Float64Array.of(suggestion, suggestion),
        theme,
      }),
      xs: [x.min, x.max],
      dash: [1, 3],
      describe: () => text,
      values: () => ({ rate: suggestion }),
    },
  ];
}

function ratesOfTest({ suggestion, interval }: RangeTest): number[] {
  return [...(suggestion === null ? [] : [suggestion]), ...(interval ?? [])];
}
