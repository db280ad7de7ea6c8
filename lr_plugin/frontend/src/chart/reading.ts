// What the cursor reads: the rows of all runs that are nearest to one x.

import {
  formatCount,
  formatDuration,
  formatNumber,
  formatWallTime,
} from "../base/format.ts";
import { areNear, type Scale } from "../base/scale.ts";
import { nearestIndex } from "../base/sorted.ts";
import { epochOf, type XAxis } from "../data/axis.ts";
import type { Exactness, RunSummary, Series } from "../data/records.ts";
import type { DrawnRun } from "./drawn_run.ts";
import type { Picked } from "./pick.ts";
import { READ_REACH } from "./scene.ts";

export interface ReadableRun extends DrawnRun {
  /** The x of each row. */
  xs: ArrayLike<number>;
}

export interface ReadRow {
  run: string;
  color: string;
  row: number;
  step: number;
  values: Record<string, number>;
  exact: Exactness;
}

/** Reads the nearest row of each run; leaves out runs that have none near `x`. */
export function readAt(
  runs: readonly ReadableRun[],
  x: number,
  scale: Scale,
): ReadRow[] {
  return runs.flatMap(({ summary, series, color, xs }) => {
    const row = nearestIndex(xs, x);
    // A row further away would be taken for one at the cursor.
    if (row < 0 || !areNear(scale, xs[row], x, READ_REACH)) return [];
    return [readRow(summary, series, color, row)];
  });
}

/**
 * Reads the row under the pointer, where x is no moment that all runs had.
 *
 * @param values The columns that are read. A curve that is no run has none of them: its
 *   x counts as the first, its y as the second.
 */
export function readPicked(
  runs: readonly ReadableRun[],
  { curve, row }: Picked,
  values: readonly string[],
): ReadRow {
  const found = runs.find(({ xs }) => xs === curve.xs);
  if (found) return readRow(found.summary, found.series, found.color, row);
  const [x, y] = values;
  return {
    run: curve.label,
    color: curve.color,
    row,
    step: NaN,
    values: { [x]: curve.xs[row], [y]: curve.ys[row] },
    exact: "rows",
  };
}

function readRow(
  summary: RunSummary,
  series: Series,
  color: string,
  row: number,
): ReadRow {
  const values = Object.fromEntries(
    Object.entries(series.columns).map(([name, column]) => [name, column[row]]),
  );
  const { run } = summary;
  return { run, color, row, step: values.step, values, exact: series.exact };
}

/** Says the step, epoch and time of a row, the unit of the axis first. */
export function describePlace(summary: RunSummary, row: ReadRow, axis: XAxis): string {
  const epoch = epochOf(summary, row.step);
  const time = row.values.wall_time;
  const isTimed = time !== undefined && Number.isFinite(time);
  const words: Record<XAxis, string | null> = {
    step: `step ${formatCount(row.step)}`,
    epoch: epoch === null ? null : `epoch ${formatNumber(epoch)}`,
    relative:
      isTimed && summary.start_time !== null
        ? `${formatDuration(time - summary.start_time)} after the start`
        : null,
    wall: isTimed ? formatWallTime(time) : null,
  };
  const order: XAxis[] = ["step", "epoch", "relative", "wall"];
  return [axis, ...order.filter((other) => other !== axis)]
    .map((name) => words[name])
    .filter((word) => word !== null)
    .join(", ");
}
