// What the table beside the cursor says, in words.

import { formatCount, formatNumber, plural } from "../base/format.ts";
import type { Around } from "../chart/exact_row.ts";
import type { ReadRow } from "../chart/reading.ts";
import type { XAxis } from "../data/axis.ts";
import { describePlace } from "../data/place.ts";
import type { RunSummary } from "../data/records.ts";

// As many as `formatNumber` needs to tell neighbouring float32 apart at a glance.
const DIGITS = 6;
const RANGE_DIGITS = 4;
// More would be higher than a chart.
const MAX_ROWS = 10;

/** Says where in its run a row is. */
export function describeRow(
  row: ReadRow,
  summary: RunSummary | undefined,
  axis: XAxis,
): string {
  if (row.text !== null) return row.text;
  if (!summary) return "";
  if (row.isExact || !row.around) return describePlace(summary, row.values, axis);
  const { firstStep, lastStep } = row.around;
  return `steps ${formatCount(firstStep)} to ${formatCount(lastStep)}`;
}

/** Writes one value of a row; of a row that stands for many, its range. */
export function cellText(row: ReadRow, column: string): string {
  return row.isExact || !row.around
    ? formatNumber(row.values[column], DIGITS)
    : rangeText(row.around, column);
}

/** Writes the lowest and the highest value of a column. */
export function rangeText({ lows, highs }: Around, column: string): string {
  const [low, high] = [lows[column], highs[column]];
  if (low === undefined) return "";
  const [from, to] = [low, high].map((value) => formatNumber(value, RANGE_DIGITS));
  return from === to ? from : `${from} … ${to}`;
}

/** Says what the range of a row is. */
export function rangeLabel({ count }: Around): string {
  return `lowest … highest of ${plural(count, "iteration")}`;
}

/** Says the values of a row, for screen readers. */
export function valuesInWords(row: ReadRow, values: Record<string, string>): string {
  const { around, isExact, smoothed } = row;
  const known = Object.entries(values).filter(
    ([column]) => row.values[column] !== undefined,
  );
  const words = known.map(([column, text]) => `${text} ${cellText(row, column)}`);
  if (smoothed !== null) words.push(`smoothed ${formatNumber(smoothed, DIGITS)}`);
  if (!around) return words.join(", ");
  const ranges = known.map(
    ([column, text]) => `${text} ${rangeText(around, column)}`,
  );
  return [...words, rangeLabel(around), ...(isExact ? ranges : [])].join(", ");
}

/** Picks the rows nearest in height to the first one, in their own order. */
export function nearestRows(rows: readonly ReadRow[]): ReadRow[] {
  if (rows.length <= MAX_ROWS) return [...rows];
  const heightOf = ({ dots }: ReadRow) => dots.at(-1)?.y ?? NaN;
  const distance = (row: ReadRow) => {
    const found = Math.abs(heightOf(row) - heightOf(rows[0]));
    return Number.isNaN(found) ? Infinity : found;
  };
  const others = rows.slice(1).sort((a, b) => distance(a) - distance(b));
  const nearest = new Set([rows[0], ...others.slice(0, MAX_ROWS - 1)]);
  return rows.filter((row) => nearest.has(row));
}
