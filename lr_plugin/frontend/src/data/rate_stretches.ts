// The iterations whose rate was inside a window of rates. There may be several stretches
// of them: a warmup and a decay both pass through the window.

import type { Range } from "../base/scale.ts";
import type { Columns, Exactness, Series } from "./records.ts";

const FROM_BEST: readonly Exactness[] = ["rows", "sampled", "envelope"];

/**
 * Finds the stretches of steps [start, stop) in which the line through the rows is
 * inside a window of rates. One row before and one after go with each, so that the line
 * goes on to the edge of the picture.
 *
 * @param most How many stretches there may be; beyond that, the nearest are joined.
 */
export function stretchesAtRates(
  { step, learning_rate: rates }: Columns,
  [low, high]: Range,
  most: number,
): Range[] {
  const stretches: [number, number][] = [];
  for (let i = 0; i < step.length; i++) {
    const next = Math.min(i + 1, step.length - 1);
    if (Math.min(rates[i], rates[next]) > high) continue;
    if (!(Math.max(rates[i], rates[next]) >= low)) continue;
    const last = stretches.at(-1);
    if (last && last[1] > step[i]) last[1] = step[next] + 1;
    else stretches.push([step[i], step[next] + 1]);
  }
  return mergeNearest(stretches, most);
}

/** Counts the steps in all stretches. */
export function lengthOf(stretches: readonly Range[]): number {
  return stretches.reduce((length, [start, stop]) => length + stop - start, 0);
}

/** Joins the rows of several stretches as if they were those of one window. */
export function joinSeries(names: readonly string[], parts: readonly Series[]): Series {
  if (parts.length === 1) return parts[0];
  const columns = names.map((name) => {
    const values = parts.flatMap((part) => Array.from(part.columns[name]));
    return [name, Float64Array.from(values)];
  });
  const sum = (count: (part: Series) => number) =>
    parts.reduce((total, part) => total + count(part), 0);
  const worst = Math.max(0, ...parts.map(({ exact }) => FROM_BEST.indexOf(exact)));
  return {
    columns: Object.fromEntries(columns),
    numRows: sum(({ numRows }) => numRows),
    rowsInWindow: sum(({ rowsInWindow }) => rowsInWindow),
    exact: FROM_BEST[worst],
  };
}

function mergeNearest(stretches: readonly Range[], most: number): Range[] {
  const gaps = stretches.slice(1).map(([start], i) => start - stretches[i][1]);
  const widest = gaps
    .map((_, i) => i)
    .sort((a, b) => gaps[b] - gaps[a])
    .slice(0, most - 1);
  const kept = new Set(widest);
  const merged: [number, number][] = [];
  stretches.forEach(([start, stop], i) => {
    if (i === 0 || kept.has(i - 1)) merged.push([start, stop]);
    else merged[merged.length - 1][1] = stop;
  });
  return merged;
}
