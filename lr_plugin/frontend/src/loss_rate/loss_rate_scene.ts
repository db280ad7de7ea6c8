// Loss against rate: where each run went, range tests, and the best loss per rate.

import { bestPerRate } from "../base/bins.ts";
import { timeColor } from "../base/colors.ts";
import {
  extent,
  fitScale,
  type Range,
  type Scale,
  type ScaleKind,
} from "../base/scale.ts";
import { middleOfEnvelope, rollingMedian, smoothOverSteps } from "../base/smooth.ts";
import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { fitToMost, lossKind } from "../chart/fit_axes.ts";
import { rowsOf, type Curve, type Scene, type Spot } from "../chart/scene.ts";
import { lossSpots } from "../chart/spots.ts";
import { breakAtJumps } from "../data/jumps.ts";
import type { Series } from "../data/records.ts";
import type { AxisEnds } from "../state/state.ts";
import { curveOfBest } from "./best_curve.ts";
import {
  testBands,
  testCurves,
  testMarks,
  testSpots,
  type TestedRun,
} from "../range_tests/range_test_scene.ts";

export interface LossRateOptions {
  rateWindow: Range | null;
  rateAxisScale: ScaleKind;
  lossScale: ScaleKind | "auto";
  lossEnds: AxisEnds;
  smoothing: number;
  /** Whether the best loss of all runs is drawn above them. */
  showBest: boolean;
  theme: Theme;
}

// A low loss may be one lucky batch: what counts is the median of the rows around it.
const MEDIAN_RADIUS = 4;
const BINS_PER_DECADE = 12;
// A cosine schedule passes through many decades in its last few iterations, and a warmup
// in its first few: shown in full, they leave no room for the rates that matter. The
// highest rate of each run matters.
const DECADES_SHOWN = 5;

/** Builds the paths of the runs, their range tests, and the best loss at each rate. */
export function buildLossRate(
  runs: readonly DrawnRun[],
  tests: readonly TestedRun[],
  options: LossRateOptions,
): Scene {
  const isAlone = runs.length === 1 && tests.length === 0;
  const paths = runs.flatMap((run) => pathOf(run, options, isAlone));
  const best = options.showBest ? bestCurve(runs, options.theme) : [];
  const tested = tests.flatMap(testCurves);
  const curves = [...paths, ...tested, ...best];
  const x = rateScale(options, paths, tested);
  return {
    title: "Loss against rate",
    xLabel: "Learning rate",
    yLabel: "loss",
    xUnit: "value",
    x,
    ...fitToMost(
      lossKind(options.lossScale, runs),
      lossesByRun([...paths, ...tested], x),
      options.lossEnds === "most",
    ),
    bands: tests.flatMap(testBands),
    areas: [],
    curves,
    marks: tests.flatMap(testMarks),
    spots: [
      ...tests.flatMap(testSpots),
      ...runs.flatMap((run) => crossesOf(run, options)),
    ],
  };
}

function pathOf(run: DrawnRun, options: LossRateOptions, isAlone: boolean): Curve[] {
  const { step, learning_rate: rates, loss } = run.series.columns;
  if (!rates || !loss) return [];
  const rows = rowsOf(run.series, rates, loss);
  const raw: Curve = {
    run: run.summary.run,
    label: run.summary.run,
    color: run.color,
    dash: run.dash,
    xs: rates,
    ys: loss,
    weight: options.showBest ? "faint" : "normal",
    ...rows,
    envelope: rows.envelope && breakAtJumps(rows.envelope),
    colorByTime: isAlone && options.smoothing === 0 ? timeColor : undefined,
  };
  if (options.smoothing === 0) return [raw];
  const length = (step[step.length - 1] ?? 0) - (step[0] ?? 0);
  const smoothed = smoothOverSteps(step, loss, (length * options.smoothing) / 1000);
  return [
    { ...raw, weight: "faint" },
    {
      ...raw,
      weight: "normal",
      ys: smoothed,
      everyRow: false,
      isSmoothed: true,
      envelope: undefined,
      colorByTime: isAlone ? timeColor : undefined,
    },
  ];
}

function crossesOf({ summary, series }: DrawnRun, { theme }: LossRateOptions): Spot[] {
  const rates = series.columns.learning_rate;
  return rates ? lossSpots(summary.run, series, rates, theme) : [];
}

function medianLosses({ columns, exact }: Series): Float64Array {
  const median = exact === "envelope" ? middleOfEnvelope : rollingMedian;
  return median(columns.loss ?? [], MEDIAN_RADIUS);
}

function bestCurve(runs: readonly DrawnRun[], theme: Theme): Curve[] {
  const bins = bestPerRate(
    runs.map(({ summary, series }) => ({
      run: summary.run,
      rates: series.columns.learning_rate ?? [],
      values: medianLosses(series),
    })),
    "min",
    BINS_PER_DECADE,
  );
  return [curveOfBest(bins, theme, (run) => `median of neighbouring rows of ${run}`)];
}

/**
 * Fits the rate axis to the part that was chosen. Without one, it shows all rates of
 * range tests; on a log axis it leaves out the lowest rates of runs, see
 * `DECADES_SHOWN`.
 */
export function rateScale(
  { rateWindow, rateAxisScale: kind }: Pick<LossRateOptions, RateAxis>,
  paths: readonly Curve[],
  tested: readonly Curve[],
): Scale {
  if (rateWindow && (kind === "linear" || rateWindow[0] > 0)) {
    return { kind, min: rateWindow[0], max: rateWindow[1] };
  }
  const extentOf = (curves: readonly Curve[]) =>
    extent(
      kind,
      curves.map(({ xs }) => xs),
    );
  const all = extentOf([...paths, ...tested]);
  if (!all || kind === "linear") return fitScale(kind, all, 0.03);
  const [min, max] = all;
  const peaks = paths.flatMap((path) => extentOf([path])?.[1] ?? []);
  const lowest = Math.max(min, Math.min(max * 10 ** -DECADES_SHOWN, ...peaks));
  const ends: [number, number] = [Math.min(lowest, extentOf(tested)?.[0] ?? lowest), max];
  return fitScale("log", ends, 0.03, Infinity);
}

type RateAxis = "rateWindow" | "rateAxisScale";

function lossesByRun(curves: readonly Curve[], x: Scale): number[][] {
  const losses = new Map<string, number[]>();
  for (const curve of curves) {
    losses.set(curve.run, [...(losses.get(curve.run) ?? []), ...inside(curve, x)]);
  }
  return [...losses.values()];
}

function inside({ xs, ys }: Curve, x: Scale): number[] {
  const values: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] >= x.min && xs[i] <= x.max) values.push(ys[i]);
  }
  return values;
}
