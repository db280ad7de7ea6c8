// Parallel coordinates as data: an axis for each setting and for the outcome, and which
// runs are within the parts of them that a person has marked.

import { compareNames } from "../base/name_order.ts";
import { extent, fitScale, toUnit, type Range, type Scale } from "../base/scale.ts";
import { settingOf, titleOfHyperparameter } from "../data/hyperparameters.ts";
import type { RunSummary } from "../data/records.ts";
import { hasDiverged, valueOf } from "./outcomes.ts";

export interface ParallelAxis {
  key: string;
  title: string;
  scale: Scale;
  /** What stands at 0, 1, 2, ..., where these are no numbers. */
  names?: readonly string[];
  /** Finds the place of a run, from 0 to 1; null where it has no value. */
  unitOf: (run: RunSummary) => number | null;
}

/** Parts of axes by their keys, from 0 to 1. */
export type Brushes = Readonly<Record<string, Range>>;

const SEED = /seed$/i;
const LOG_DECADES = 1;
const PEAK = "peak rate";
export const OUTCOME_AXIS = "outcome";
// Beyond the end of the axis, where no value is.
const BESIDE = 0.09;
const ROUNDING = 1e-6;

/**
 * Makes an axis of each setting, of the peak rate unless a setting is the same, and of the
 * outcome.
 */
export function makeAxes(
  runs: readonly RunSummary[],
  settings: readonly string[],
  what: string,
  judged: string | null,
  isHigherBetter: boolean,
): ParallelAxis[] {
  const peakOf = (run: RunSummary) => run.learning_rate?.max ?? null;
  const outcomeOf = (run: RunSummary) =>
    hasDiverged(run, judged) ? null : valueOf(run, judged);
  const outcome = axisOfNumbers(OUTCOME_AXIS, what, runs, outcomeOf, !isHigherBetter);
  const isPeak = (name: string) => runs.every((run) => isAbout(settingOf(run, name), peakOf(run)));
  const worst = isHigherBetter ? -BESIDE : 1 + BESIDE;
  return [
    ...settings
      .filter((name) => !SEED.test(name))
      .map((name) => axisOfSetting(name, runs)),
    ...(settings.some(isPeak)
      ? []
      : [axisOfNumbers(PEAK, "Peak rate", runs, peakOf, true)]),
    {
      ...outcome,
      unitOf: (run) => (hasDiverged(run, judged) ? worst : outcome.unitOf(run)),
    },
  ];
}

/** Tells whether two values are the same number, of which one may be a float32. */
function isAbout(value: unknown, other: number | null): boolean {
  if (typeof value !== "number" || other === null) return false;
  return Math.abs(value - other) <= ROUNDING * Math.abs(other);
}

/** Lists the runs that are within all marked parts. */
export function brushedRuns(
  runs: readonly RunSummary[],
  axes: readonly ParallelAxis[],
  brushes: Brushes,
): RunSummary[] {
  const limits = axes.filter(({ key }) => Object.hasOwn(brushes, key));
  return runs.filter((run) =>
    limits.every(({ key, unitOf }) => {
      const unit = unitOf(run);
      return unit !== null && unit >= brushes[key][0] && unit <= brushes[key][1];
    }),
  );
}

function axisOfSetting(name: string, runs: readonly RunSummary[]): ParallelAxis {
  const values = runs.map((run) => settingOf(run, name)).filter((one) => one !== null);
  const title = titleOfHyperparameter(name);
  if (values.every((value) => typeof value === "number")) {
    return axisOfNumbers(name, title, runs, (run) => settingOf(run, name) as number, true);
  }
  const names = [...new Set(values.map(String))].sort(compareNames);
  const scale: Scale = { kind: "linear", min: -0.5, max: names.length - 0.5 };
  const unitOf = (run: RunSummary) => {
    const value = settingOf(run, name);
    return value === null ? null : toUnit(scale, names.indexOf(String(value)));
  };
  return { key: name, title, scale, names, unitOf };
}

function axisOfNumbers(
  key: string,
  title: string,
  runs: readonly RunSummary[],
  valueOfRun: (run: RunSummary) => number | null,
  mayBeLog: boolean,
): ParallelAxis {
  const values = runs.map(valueOfRun).filter((value) => value !== null);
  const range = extent("linear", [values]);
  const isLog =
    mayBeLog && range !== null && range[0] > 0 && Math.log10(range[1] / range[0]) > LOG_DECADES;
  const scale = fitScale(isLog ? "log" : "linear", range);
  const unitOf = (run: RunSummary) => {
    const value = valueOfRun(run);
    const unit = value === null ? NaN : toUnit(scale, value);
    return Number.isFinite(unit) ? unit : null;
  };
  return { key, title, scale, unitOf };
}
