// The odd rows of a run, as spots on its curves.

import { formatCount, formatNumber } from "../base/format.ts";
import type { Theme } from "../base/theme.ts";
import type { Series } from "../data/records.ts";
import type { Curve, Spot } from "./scene.ts";

// More would be a wall of crosses or ticks; the caption counts all of them.
const MAX_CROSSES = 400;
const MAX_TICKS = 150;

/** Makes a cross at the top for each row whose value is NaN or infinite. */
export function nonfiniteSpots(
  { run, xs, ys }: Pick<Curve, "run" | "xs" | "ys">,
  textOf: (row: number) => string,
  theme: Theme,
): Spot[] {
  const rows = rowsWhere(ys, (value) => !Number.isFinite(value));
  const every = Math.max(1, Math.ceil(rows.length / MAX_CROSSES));
  return rows
    .filter((_, i) => i % every === 0)
    .map((i) => ({
      run,
      x: xs[i],
      y: "top",
      shape: "cross",
      color: theme.error,
      text: textOf(i),
    }));
}

/** Makes the crosses of a run's losses. */
export function lossSpots(
  run: string,
  { columns, exact }: Series,
  xs: ArrayLike<number>,
  theme: Theme,
): Spot[] {
  const { step, loss } = columns;
  if (!loss) return [];
  const textOf = (row: number) => {
    const at = formatCount(step[row]);
    return exact === "envelope"
      ? `A loss near step ${at} is NaN or infinite.`
      : `The loss of step ${at} is ${formatNumber(loss[row])}.`;
  };
  return nonfiniteSpots({ run, xs, ys: loss }, textOf, theme);
}

/**
 * Makes a tick at the bottom for each iteration that changed no weight; none where
 * there are too many, as with gradient accumulation seen from afar.
 */
export function skippedSpots(
  run: string,
  series: Series,
  xs: ArrayLike<number>,
  theme: Theme,
): Spot[] {
  const { step, applied } = series.columns;
  if (!applied || series.exact === "envelope") return [];
  const rows = rowsWhere(applied, (value) => value === 0);
  if (rows.length > MAX_TICKS) return [];
  return rows.map((i) => ({
    run,
    x: xs[i],
    y: "bottom",
    shape: "tick",
    color: theme.warning,
    text: `No update was applied in step ${formatCount(step[i])}.`,
  }));
}

function rowsWhere(
  values: ArrayLike<number>,
  isOdd: (value: number) => boolean,
): number[] {
  const rows: number[] = [];
  for (let i = 0; i < values.length; i++) if (isOdd(values[i])) rows.push(i);
  return rows;
}
