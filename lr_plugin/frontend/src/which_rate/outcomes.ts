// What each run came to, and at which rate or other setting.

import { compareNames } from "../base/name_order.ts";
import { own } from "../base/own.ts";
import { settingOf, titleOfHyperparameter } from "../data/hyperparameters.ts";
import { bestOf } from "../data/metrics.ts";
import type { RunSummary } from "../data/records.ts";

/** The rates of a run that can stand for it, by what the state calls them. */
export const RATES: Record<string, string> = {
  peak: "Peak rate",
  first: "First rate",
  last: "Last rate",
};

/** A run, or several that differ in nothing but their seed. */
export interface Outcome {
  runs: readonly RunSummary[];
  x: number;
  /** The mean over the runs; NaN if they diverged. */
  value: number;
  low: number;
  high: number;
  hasDiverged: boolean;
}

export interface Outcomes {
  /** In order of x; those that diverged are among them, apart from those that did not. */
  all: readonly Outcome[];
  /** The names of the places 0, 1, 2, ... on the x axis, where these are no numbers. */
  xNames?: readonly string[];
  /** How many runs do not have what is on the x axis, or on the y axis. */
  numWithoutX: number;
  numWithoutValue: number;
}

/**
 * Finds what groups of runs came to.
 *
 * @param against What is on the x axis: a key of `RATES`, or a setting.
 * @param judged The metric by which runs are judged; null is the final loss.
 * @param isLog Whether x must be above 0.
 */
export function findOutcomes(
  groups: readonly (readonly RunSummary[])[],
  against: string,
  judged: string | null,
  isLog: boolean,
): Outcomes {
  const runs = groups.flat();
  const texts = runs.map((run) => xOf(run, against)).filter((x) => typeof x === "string");
  const xNames = texts.length > 0 ? namesOf(runs, against) : undefined;
  const placeOf = (run: RunSummary): number | null => {
    const x = xOf(run, against);
    if (x === null) return null;
    if (xNames) return xNames.indexOf(String(x));
    return Number.isFinite(x) && (!isLog || Number(x) > 0) ? Number(x) : null;
  };
  const all: Outcome[] = [];
  let numWithoutX = 0;
  let numWithoutValue = 0;
  for (const group of groups) {
    const placed = group.filter((run) => placeOf(run) !== null);
    numWithoutX += group.length - placed.length;
    const diverged = placed.filter((run) => hasDiverged(run, judged));
    const sound = placed.filter((run) => !diverged.includes(run));
    const judgeable = sound.filter((run) => valueOf(run, judged) !== null);
    numWithoutValue += sound.length - judgeable.length;
    if (judgeable.length > 0) all.push(outcomeOf(judgeable, placeOf, judged));
    if (diverged.length > 0) {
      const x = meanOf(diverged.map((run) => placeOf(run)!));
      all.push({ runs: diverged, x, value: NaN, low: NaN, high: NaN, hasDiverged: true });
    }
  }
  all.sort((a, b) => a.x - b.x);
  return { all, xNames, numWithoutX, numWithoutValue };
}

/** Names what is on the x axis. */
export function titleOfX(against: string): string {
  return own(RATES, against) ?? titleOfHyperparameter(against);
}

/** Finds the value by which a run is judged; null where it has none. */
export function valueOf(run: RunSummary, judged: string | null): number | null {
  const value = judged === null ? run.loss?.final : bestOf(run, judged)?.value;
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** Tells whether a run diverged, whatever it had reached before. */
export function hasDiverged(run: RunSummary, judged: string | null): boolean {
  const best = judged === null ? undefined : bestOf(run, judged)?.value;
  const isInfinite = best !== undefined && Math.abs(best) === Infinity;
  const { loss } = run;
  return run.diverged_at !== null || isInfinite || (loss !== null && Number.isNaN(loss.final));
}

function outcomeOf(
  runs: readonly RunSummary[],
  placeOf: (run: RunSummary) => number | null,
  judged: string | null,
): Outcome {
  const values = runs.map((run) => valueOf(run, judged)!);
  return {
    runs,
    x: meanOf(runs.map((run) => placeOf(run)!)),
    value: meanOf(values),
    low: Math.min(...values),
    high: Math.max(...values),
    hasDiverged: false,
  };
}

function xOf(run: RunSummary, against: string): number | string | null {
  const rates = run.learning_rate;
  if (against === "peak") return rates?.max ?? null;
  if (against === "first") return rates?.first ?? null;
  if (against === "last") return rates?.last ?? null;
  return settingOf(run, against);
}

function namesOf(runs: readonly RunSummary[], against: string): string[] {
  const found = runs.map((run) => xOf(run, against)).filter((x) => x !== null);
  return [...new Set(found.map(String))].sort(compareNames);
}

function meanOf(values: readonly number[]): number {
  // Of equal values the very value, and not what rounding makes of their mean.
  if (values.every((value) => value === values[0])) return values[0];
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
