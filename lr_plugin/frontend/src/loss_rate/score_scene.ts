// The scene of the scores of a search's trials against their rates.

import { bestPerRate } from "../base/bins.ts";
import { formatNumber } from "../base/format.ts";
import { extent, fitScale, type ScaleKind } from "../base/scale.ts";
import type { Curve, Scene } from "../chart/scene.ts";
import type { RunSummary } from "../data/records.ts";
import { directionOf, objectiveOf, rateOf, scoreOf } from "../data/trial_scores.ts";
import { BEST, curveOfBest } from "./best_curve.ts";
import { rateScale, type LossRateOptions } from "./loss_rate_scene.ts";
import { testBands, testMarks, type TestedRun } from "./range_test_scene.ts";

interface ScoredRun {
  summary: RunSummary;
  color: string;
}

interface ScoreOptions extends Omit<
  LossRateOptions,
  "lossScale" | "lossEnds" | "smoothing"
> {
  metricScale: ScaleKind;
}

// Trials are few: finer bins would leave most of them without a neighbour.
const BINS_PER_DECADE = 4;

/**
 * Builds one dot for each trial with a finite score, at the rate that was set for it.
 */
export function buildScores(
  runs: readonly ScoredRun[],
  tests: readonly TestedRun[],
  options: ScoreOptions,
): Scene {
  const dots = runs.flatMap(dotOf);
  const summaries = runs.map(({ summary }) => summary);
  const bins = bestPerRate(
    dots.map(({ run, xs, ys }) => ({ run, rates: xs, values: ys })),
    directionOf(summaries),
    BINS_PER_DECADE,
  );
  const best = options.showBest ? [bestOf(bins, options)] : [];
  const x = rateScale(options, dots, []);
  const objective = objectiveOf(summaries) ?? "score";
  const scores = dots.filter(({ xs }) => xs[0] >= x.min && xs[0] <= x.max);
  return {
    title: "Score against rate",
    xLabel: "Learning rate",
    yLabel: objective,
    xUnit: "rate",
    x,
    y: fitScale(
      options.metricScale,
      extent(
        options.metricScale,
        scores.map(({ ys }) => ys),
      ),
    ),
    bands: tests.flatMap(testBands),
    areas: [],
    curves: [...best, ...dots],
    marks: tests.flatMap(testMarks),
    spots: [],
  };
}

/**
 * Counts the trials that have no place in the picture: their scores are infinitely bad.
 */
export function countDiverged(runs: readonly RunSummary[]): number {
  return runs.filter((run) => Math.abs(scoreOf(run) ?? 0) === Infinity).length;
}

function dotOf({ summary, color }: ScoredRun): Curve[] {
  const [rate, score] = [rateOf(summary), scoreOf(summary)];
  if (rate === null || score === null || !Number.isFinite(score)) return [];
  return [
    {
      run: summary.run,
      label: summary.run,
      color,
      xs: [rate],
      ys: [score],
      weight: "strong",
      describe: () => describeTrial(summary),
      everyRow: true,
    },
  ];
}

function bestOf(bins: Parameters<typeof curveOfBest>[0], options: ScoreOptions): Curve {
  const best = curveOfBest(bins, options.theme, (run) => `best score: ${run}`);
  // Thin, and drawn below the dots that it connects.
  return { ...best, run: BEST, weight: "thin", everyRow: false };
}

function describeTrial({ extra }: RunSummary): string {
  const settings = Object.entries(extra.hparams ?? {}).map(([name, value]) => {
    const text = typeof value === "number" ? formatNumber(value) : String(value);
    return `${name.replace(/^-+/, "")} ${text}`;
  });
  return settings.join(", ") || "trial";
}
