// Where an axis ends although some values lie beyond: one run that diverged to 1e33
// would make a single line of all the others.

import { formatNumber, plural } from "./format.ts";
import { toLinear, type ScaleKind } from "./scale.ts";

export interface AxisCut {
  side: "top" | "bottom";
  /** The value at which the axis ends. */
  end: number;
  /** How many runs have values beyond. */
  numRuns: number;
  /** The value furthest beyond. */
  extreme: number;
  /** Whether the axis ends there; else the person has asked for all of it. */
  isApplied: boolean;
}

// The others would get less than a fifth of the height. A run that would not be seen at
// all must be much further away.
const FLATTENED = 5;
const FLATTENED_BY_UNSEEN = 25;
const FEWEST_WITH_UNSEEN = 4;
// Most of the runs decide.
const MOST_OUTSIDE = 0.25;
// A single spike is no reason: it must be seen.
const MOST_OF_RUN = 0.98;
// Of a schedule's tail and its warmup.
const LOWEST_OF_RUN = 0.05;
// Updates at so small a share of a run's highest rate change nothing.
const LEAST_OF_PEAK = 1e-8;
const WORTH_DECADES = 0.5;

/**
 * Finds between which values most of the runs are, where few others are so far away
 * that these would be flattened.
 *
 * @param columns The values of each run.
 * @returns Null for a side on which all may be shown.
 */
export function cutOutliers(
  kind: ScaleKind,
  columns: readonly ArrayLike<number>[],
): { low: number | null; high: number | null } {
  const runs = columns.map((column) => shownValues(kind, column)).filter(isNotEmpty);
  const upwards = runs.map((values) =>
    values.map((value) => toLinear({ kind }, value)),
  );
  const downwards = upwards.map((values) => values.map((value) => -value).reverse());
  const least = kind === "log" ? () => Math.log10(2) : Math.abs;
  const back = (at: number | null, sign: number) =>
    at === null ? null : kind === "log" ? 10 ** (sign * at) : sign * at;
  return {
    low: back(cutAbove(downwards, least), -1),
    high: back(cutAbove(upwards, least), 1),
  };
}

/**
 * Finds the lowest rate that matters on a log axis: a cosine's last iterations, and an
 * exponential schedule that is never ended, pass through many decades in which nothing
 * happens.
 */
export function floorOfRates(columns: readonly ArrayLike<number>[]): number | null {
  const runs = columns.map((column) => shownValues("log", column)).filter(isNotEmpty);
  if (runs.length === 0) return null;
  const floors = runs.map((rates) =>
    Math.max(quantile(rates, LOWEST_OF_RUN), LEAST_OF_PEAK * rates[rates.length - 1]),
  );
  const floor = Math.min(...floors);
  const lowest = Math.min(...runs.map(([first]) => first));
  return Math.log10(floor / lowest) > WORTH_DECADES ? floor : null;
}

/** Describes what lies beyond an end of an axis; null if nothing does. */
export function describeBeyond(
  side: AxisCut["side"],
  end: number,
  columns: readonly ArrayLike<number>[],
  isApplied: boolean,
): AxisCut | null {
  let numRuns = 0;
  let extreme = end;
  for (const column of columns) {
    let isBeyond = false;
    for (let i = 0; i < column.length; i++) {
      const value = column[i];
      if (!Number.isFinite(value) || (side === "bottom" && value <= 0)) continue;
      if (side === "top" ? value <= end : value >= end) continue;
      isBeyond = true;
      extreme = side === "top" ? Math.max(extreme, value) : Math.min(extreme, value);
    }
    if (isBeyond) numRuns++;
  }
  return numRuns === 0 ? null : { side, end, numRuns, extreme, isApplied };
}

/** Says where an axis ends, and what lies beyond. */
export function cutSentence(cut: AxisCut): string {
  const { side, numRuns, isApplied } = cut;
  const runs = plural(numRuns, "run");
  const [end, extreme] = [formatNumber(cut.end, 2), formatNumber(cut.extreme, 2)];
  const [ends, beyond] = side === "top" ? ["end", "beyond"] : ["begin", "below"];
  const go = numRuns === 1 ? "goes" : "go";
  return isApplied
    ? `The axis ${ends}s at ${end}; ${runs} ${go} ${beyond}, to ${extreme}.`
    : `The axis goes on to ${extreme} for ${runs}; it could ${ends} at ${end}.`;
}

/**
 * Finds how high most of the runs go, where the others would flatten them.
 *
 * @param runs The places of each run's values on the axis, rising.
 * @param least Tells how much of the axis some runs take at least, by their highest
 *   place.
 */
function cutAbove(
  runs: readonly (readonly number[])[],
  least: (highest: number) => number,
): number | null {
  const byHeight = runs
    .map((places) => ({
      low: places[0],
      high: places[places.length - 1],
      most: quantile(places, MOST_OF_RUN),
    }))
    .sort((a, b) => b.most - a.most);
  const mostOutside = Math.max(1, Math.floor(MOST_OUTSIDE * runs.length));
  for (let outside = 1; outside <= mostOutside && outside < runs.length; outside++) {
    const rest = byHeight.slice(outside);
    const low = Math.min(...rest.map((run) => run.low));
    const high = Math.max(...rest.map((run) => run.high));
    const span = Math.max(high - low, least(high));
    const isFar = byHeight.slice(0, outside).every((run) => {
      const isUnseen = run.low > high;
      if (isUnseen && runs.length < FEWEST_WITH_UNSEEN) return false;
      return run.most - low > span * (isUnseen ? FLATTENED_BY_UNSEEN : FLATTENED);
    });
    if (isFar) return high;
  }
  return null;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))];
}

/** Lists the values that an axis can show, rising. */
function shownValues(kind: ScaleKind, column: ArrayLike<number>): number[] {
  return Array.from(column)
    .filter((value) => Number.isFinite(value) && (kind === "linear" || value > 0))
    .sort((a, b) => a - b);
}

function isNotEmpty(values: readonly number[]): boolean {
  return values.length > 0;
}
