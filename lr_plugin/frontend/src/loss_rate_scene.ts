// Loss against rate: where each run went, range tests, and the best loss per rate.

import type { Range } from "./axis.ts";
import { bestLossPerRate } from "./bins.ts";
import { timeColor } from "./colors.ts";
import { formatNumber } from "./format.ts";
import type { RangeTest } from "./records.ts";
import { extent, fitScale, type Scale, type ScaleKind } from "./scale.ts";
import type { Band, Curve, Mark, Scene, Spot, Theme } from "./scene.ts";
import { smoothOverSteps } from "./smooth.ts";
import type { DrawnRun } from "./timeline_scene.ts";

export interface TestedRun {
  run: string;
  color: string;
  test: RangeTest;
}

export interface LossRateOptions {
  rateWindow: Range | null;
  lossScale: ScaleKind;
  smoothing: number;
  /** Whether the best loss of all runs is drawn above them. */
  showBest: boolean;
  theme: Theme;
}

/** The name of the curve that belongs to no single run. */
export const BEST = "best loss per rate";

const BINS_PER_DECADE = 12;
// A cosine schedule passes through many decades in its last few iterations, and a warmup
// in its first: they would squeeze the rates among which one chooses.
const DECADES_SHOWN = 5;

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
  const x = options.rateWindow
    ? { kind: "log" as const, min: options.rateWindow[0], max: options.rateWindow[1] }
    : rateScale(paths, tested);
  return {
    title: "Loss against rate",
    xLabel: "Learning rate",
    yLabel: "loss",
    xUnit: "rate",
    x,
    y: fitScale(
      options.lossScale,
      extent(
        options.lossScale,
        curves.map((curve) => inside(curve, x)),
      ),
    ),
    bands: tests.flatMap(testBands),
    areas: [],
    curves,
    marks: tests.flatMap(testMarks),
    spots: tests.flatMap(testSpots),
  };
}

function pathOf(run: DrawnRun, options: LossRateOptions, isAlone: boolean): Curve[] {
  const { step, learning_rate: rates, loss } = run.series.columns;
  if (!rates || !loss) return [];
  const raw: Curve = {
    run: run.summary.run,
    label: run.summary.run,
    color: run.color,
    xs: rates,
    ys: loss,
    weight: options.showBest ? "faint" : "normal",
    everyRow: run.series.exact === "rows",
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
      colorByTime: isAlone ? timeColor : undefined,
    },
  ];
}

function bestCurve(runs: readonly DrawnRun[], theme: Theme): Curve[] {
  const bins = bestLossPerRate(
    runs.map(({ summary, series }) => ({
      run: summary.run,
      rates: series.columns.learning_rate ?? [],
      losses: series.columns.loss ?? [],
    })),
    BINS_PER_DECADE,
  );
  if (bins.length === 0) return [];
  // No line where no run had such a rate: it would promise what nobody has tried.
  const points = bins.flatMap(({ rate, loss, bin }, i) =>
    i > 0 && bin - bins[i - 1].bin > 1
      ? [
          [rate, NaN],
          [rate, loss],
        ]
      : [[rate, loss]],
  );
  return [
    {
      run: BEST,
      label: BEST,
      color: theme.text,
      xs: Float64Array.from(points, ([rate]) => rate),
      ys: Float64Array.from(points, ([, loss]) => loss),
      weight: "strong",
      everyRow: true,
    },
  ];
}

function testCurves({ run, color, test }: TestedRun): Curve[] {
  const curve = (losses: readonly number[]) => ({
    run,
    label: `${run} (range test)`,
    color,
    xs: Float64Array.from(test.learning_rates.slice(0, losses.length)),
    ys: Float64Array.from(losses),
    everyRow: false,
  });
  return [
    ...test.losses.map((losses): Curve => ({ ...curve(losses), weight: "faint" })),
    { ...curve(test.smoothed), weight: "strong" },
  ];
}

function testBands({ run, color, test }: TestedRun): Band[] {
  const bands: Band[] = [];
  if (test.usable_band) {
    const [from, to] = test.usable_band;
    bands.push({ from, to, color, label: `usable band of ${run}` });
  }
  if (test.interval) {
    const [from, to] = test.interval;
    bands.push({ from, to, color, label: "" });
  }
  return bands;
}

function testMarks({ run, color, test }: TestedRun): Mark[] {
  if (test.suggestion === null) return [];
  const text = `${run} suggests ${formatNumber(test.suggestion, 3)}.`;
  return [{ run, x: test.suggestion, kind: "suggestion", text, color, quiet: false }];
}

function testSpots({ run, color, test }: TestedRun): Spot[] {
  return Object.entries(test.suggestions).flatMap(([rule, rate]) => {
    if (rate === null || !(rate > 0)) return [];
    let row = 0;
    test.learning_rates.forEach((candidate, i) => {
      const distance = Math.abs(Math.log(candidate / rate));
      if (distance < Math.abs(Math.log(test.learning_rates[row] / rate))) row = i;
    });
    const y = test.smoothed[row];
    if (y === undefined) return [];
    const text = `${rule}: ${formatNumber(rate, 3)}`;
    return [{ run, x: rate, y, shape: "dot" as const, color, text }];
  });
}

/** All rates of range tests, and those of runs that are not next to nothing. */
function rateScale(paths: readonly Curve[], tested: readonly Curve[]): Scale {
  const all = extent(
    "log",
    [...paths, ...tested].map(({ xs }) => xs),
  );
  const ofTests = extent(
    "log",
    tested.map(({ xs }) => xs),
  );
  if (!all) return fitScale("log", null);
  const [min, max] = all;
  const lowest = Math.max(min, max * 10 ** -DECADES_SHOWN);
  return fitScale("log", [Math.min(lowest, ofTests?.[0] ?? lowest), max], 0.03);
}

function inside({ xs, ys }: Curve, x: Scale): number[] {
  const values: number[] = [];
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] >= x.min && xs[i] <= x.max) values.push(ys[i]);
  }
  return values;
}
