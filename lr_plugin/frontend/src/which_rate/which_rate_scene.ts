// The picture of Which rate?: one dot a run, or a mean and a band where runs differ in
// nothing but their seed. What diverged stands in a lane of its own.

import { formatNumber, plural } from "../base/format.ts";
import {
  extent,
  fitScale,
  fromLinear,
  toLinear,
  type Range,
  type Scale,
  type ScaleKind,
} from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { fitToMost, type FittedAxis } from "../chart/fit_axes.ts";
import type { Area, Curve, Lane, Scene } from "../chart/scene.ts";
import {
  differingSettings,
  settingOf,
  titleOfHyperparameter,
} from "../data/hyperparameters.ts";
import { bestOf } from "../data/metrics.ts";
import type { RunSummary } from "../data/records.ts";
import { bestText, momentText } from "../data/words.ts";
import { testBands, testMarks, type TestedRun } from "../range_tests/range_test_scene.ts";
import type { AxisEnds } from "../state/state.ts";
import type { Outcome, Outcomes } from "./outcomes.ts";

/** The columns that are read of a dot. */
export const X = "x";
export const OUTCOME = "outcome";

export interface WhichRateOptions {
  title: string;
  xLabel: string;
  yLabel: string;
  /** The metric by which runs are judged; null is the final loss. */
  judged: string | null;
  isHigherBetter: boolean;
  xWindow: Range | null;
  xKind: ScaleKind;
  yKind: ScaleKind | "auto";
  ends: AxisEnds;
  colorOf: (run: RunSummary) => string;
  theme: Theme;
}

/** Both axes, which several charts may share. */
export interface Axes extends FittedAxis {
  x: Scale;
  lane?: Lane;
}

// Of the height, in which nothing but what diverged is drawn.
const LANE = 0.12;
const PADDING = 0.06;
const GAP = 0.03;
const WORTH_LOG = 3;
// Half of a band's width, as a share of the axis.
const BAND_WIDTH = 0.008;

/** Fits the axes to outcomes. */
export function fitOutcomes(
  { all, xNames }: Outcomes,
  tests: readonly TestedRun[],
  options: WhichRateOptions,
): Axes {
  const { xWindow, xKind, isHigherBetter } = options;
  const sound = all.filter(({ hasDiverged }) => !hasDiverged);
  const values = sound.map(({ low, high }) => [low, high]);
  const kind = valueKind(options.yKind, values.flat(), isHigherBetter);
  const fitted = fitToMost(kind, values, options.ends === "most");
  const x = fitX(all, tests, xNames, xWindow, xKind);
  return sound.length === all.length
    ? { ...fitted, x }
    : { ...fitted, x, ...withLane(fitted.y, isHigherBetter) };
}

/** Finds the scale of outcomes: logarithmic for losses that are far apart. */
export function valueKind(
  chosen: ScaleKind | "auto",
  values: readonly number[],
  isHigherBetter: boolean,
): ScaleKind {
  if (chosen !== "auto") return chosen;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return !isHigherBetter && low > 0 && high / low > WORTH_LOG ? "log" : "linear";
}

/** Builds the picture of some outcomes on the axes of all. */
export function buildWhichRate(
  { all, xNames }: Outcomes,
  tests: readonly TestedRun[],
  axes: Axes,
  options: WhichRateOptions,
): Scene {
  const settings = differingSettings(all.flatMap(({ runs }) => runs));
  return {
    title: options.title,
    xLabel: options.xLabel,
    yLabel: options.yLabel,
    xUnit: "value",
    ...axes,
    xNames,
    bands: tests.flatMap(testBands),
    areas: all.flatMap((outcome) => bandOf(outcome, axes.x, options)),
    curves: all.map((outcome) => dotOf(outcome, axes, settings, options)),
    marks: tests.flatMap(testMarks),
    spots: [],
  };
}

function fitX(
  outcomes: readonly Outcome[],
  tests: readonly TestedRun[],
  xNames: readonly string[] | undefined,
  window: Range | null,
  kind: ScaleKind,
): Scale {
  if (xNames) return { kind: "linear", min: -0.5, max: xNames.length - 0.5 };
  if (window && (kind === "linear" || window[0] > 0)) {
    return { kind, min: window[0], max: window[1] };
  }
  const suggested = tests.flatMap(({ test }) => [
    ...(test.usable_band ?? []),
    ...(test.suggestion === null ? [] : [test.suggestion]),
  ]);
  // A dot that is left out would not be missed: all are in the picture.
  const range = extent(kind, [outcomes.map(({ x }) => x), suggested]);
  return fitScale(kind, range, PADDING, Infinity);
}

/** Adds a lane on the side on which values are worse. */
function withLane(y: Scale, isHigherBetter: boolean): { y: Scale; lane: Lane } {
  const [low, high] = [toLinear(y, y.min), toLinear(y, y.max)];
  const [gap, end] = [GAP * (high - low), (GAP + LANE) * (high - low)];
  const at = (place: number) => fromLinear(y, place);
  const label = "diverged";
  return isHigherBetter
    ? {
        y: { ...y, min: at(low - end) },
        lane: { from: at(low - end), to: at(low - gap), label },
      }
    : {
        y: { ...y, max: at(high + end) },
        lane: { from: at(high + gap), to: at(high + end), label },
      };
}

function dotOf(
  outcome: Outcome,
  { y, lane }: Axes,
  settings: readonly string[],
  options: WhichRateOptions,
): Curve {
  const { runs, x, value, hasDiverged } = outcome;
  const [{ run }] = runs;
  const middle = lane
    ? fromLinear(y, (toLinear(y, lane.from) + toLinear(y, lane.to)) / 2)
    : NaN;
  const text = describeOutcome(outcome, settings, options.judged);
  return {
    run,
    label: runs.length === 1 ? run : `${run} and ${plural(runs.length - 1, "more seed")}`,
    color: options.colorOf(runs[0]),
    xs: [x],
    ys: [hasDiverged ? middle : value],
    weight: "strong",
    marker: hasDiverged ? "cross" : undefined,
    everyRow: true,
    describe: () => text,
    // A lane has no values.
    values: () => ({ [X]: x, [OUTCOME]: value }),
  };
}

function bandOf(outcome: Outcome, x: Scale, { colorOf }: WhichRateOptions): Area[] {
  const { runs, low, high, hasDiverged } = outcome;
  if (runs.length === 1 || hasDiverged) return [];
  const half = BAND_WIDTH * (toLinear(x, x.max) - toLinear(x, x.min));
  const at = toLinear(x, outcome.x);
  const xs = [at - half, at + half].map((place) => fromLinear(x, place));
  return [
    {
      run: runs[0].run,
      color: colorOf(runs[0]),
      xs,
      lows: [low, low],
      highs: [high, high],
    },
  ];
}

/** Says what a dot stands for, and what was set. */
function describeOutcome(
  { runs, low, high, hasDiverged }: Outcome,
  settings: readonly string[],
  judged: string | null,
): string {
  const [first] = runs;
  const at = first.diverged_at;
  const best = judged === null ? null : bestOf(first, judged);
  const many =
    runs.length === 1
      ? ""
      : `mean of ${plural(runs.length, "run")}, from ${formatNumber(low)} to ` +
        formatNumber(high);
  const diverged = runs.length === 1 ? "diverged" : `${plural(runs.length, "run")} diverged`;
  const one = best && Number.isFinite(best.value) ? bestText(best) : "";
  const what = hasDiverged
    ? at && runs.length === 1
      ? `${diverged} at ${momentText(at)}`
      : diverged
    : many || one;
  const words = settings.flatMap((name) => {
    const value = settingOf(first, name);
    if (value === null || /seed$/i.test(name)) return [];
    const text = typeof value === "number" ? formatNumber(value) : value;
    return [`${titleOfHyperparameter(name)} ${text}`];
  });
  return [what, ...words].filter(Boolean).join(", ") || "run";
}
