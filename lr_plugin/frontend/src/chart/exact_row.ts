// What is drawn at one place may stand for many iterations. This says which ones to ask
// the server for, and reads its answer: the picked row, and the extremes of all.

import { fromUnit, toUnit, type Range, type Scale } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Series } from "../data/records.ts";
import { stretchAt, stretchesOf } from "../data/stretches.ts";
import type { Picked } from "./pick.ts";
import type { Curve } from "./scene.ts";

/** Some iterations that follow each other, by the extremes of each column. */
export interface Around {
  firstStep: number;
  lastStep: number;
  count: number;
  lows: Record<string, number>;
  highs: Record<string, number>;
}

export interface ExactRow {
  picked: Picked;
  /** The columns of the row; null if it cannot be read any more. */
  values: Record<string, number> | null;
  /** All iterations at its place, itself among them. */
  around: Around;
}

/**
 * Finds the steps [start, stop) that are drawn where a row is; null if it is the only
 * one there.
 *
 * @param x The axis of time; null where x is a rate, and a place no stretch of time.
 * @param pixel How much of that axis one pixel is, as a share.
 */
export function stepsAround(
  { curve, row }: Picked,
  x: Scale | null,
  pixel: number,
): Range | null {
  const { series, xs } = curve;
  if (!series || series.exact === "rows") return null;
  const { step } = series.columns;
  if (series.exact === "envelope") {
    const { first, last } = stretchAt(stretchesOf(series), row);
    return first === last ? null : [step[first], step[last] + 1];
  }
  // Against the rate: all that was left out beside the row.
  let start = (step[row - 1] ?? step[row] - 1) + 1;
  let stop = step[row + 1] ?? step[row] + 1;
  if (x) {
    const at = toUnit(x, xs[row]);
    const ends = [at - pixel / 2, at + pixel / 2].map((unit) =>
      stepAt(fromUnit(x, unit), xs, step),
    );
    start = Math.min(Math.ceil(ends[0]), step[row]);
    stop = Math.max(Math.floor(ends[1]), step[row]) + 1;
  }
  return stop - start > 1 ? [start, stop] : null;
}

/** Reads the server's answer for the steps around a picked row. */
export function readAnswer(picked: Picked, answer: Series): ExactRow {
  const { curve, row } = picked;
  const all = { first: 0, last: answer.numRows - 1 };
  const around = { ...describeRows(answer, all), count: answer.rowsInWindow };
  if (curve.series?.exact !== "envelope") {
    return {
      picked,
      values: curve.series ? valuesAt(curve.series, row) : null,
      around,
    };
  }
  const column = columnOf(curve);
  if (answer.exact === "envelope" || column === null) {
    return { picked, values: null, around };
  }
  const found = nearestRow(answer.columns[column], curve.ys[row]);
  return { picked, values: found < 0 ? null : valuesAt(answer, found), around };
}

/** Finds the column that a curve draws; null if it draws none. */
export function columnOf({ series, ys }: Curve): string | null {
  const names = Object.keys(series?.columns ?? {});
  return names.find((name) => series!.columns[name] === ys) ?? null;
}

/** Describes some rows of a series by their extremes. */
export function describeRows(
  { columns }: Series,
  { first, last }: { first: number; last: number },
): Around {
  const lows: Record<string, number> = {};
  const highs: Record<string, number> = {};
  for (const [name, values] of Object.entries(columns)) {
    const finite = values.subarray(first, last + 1).filter(Number.isFinite);
    lows[name] = finite.length ? finite.reduce((a, b) => Math.min(a, b)) : NaN;
    highs[name] = finite.length ? finite.reduce((a, b) => Math.max(a, b)) : NaN;
  }
  const [firstStep, lastStep] = [columns.step[first], columns.step[last]];
  return { firstStep, lastStep, count: lastStep - firstStep + 1, lows, highs };
}

export function valuesAt({ columns }: Series, row: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, column[row]]),
  );
}

/** Finds the step at an x, between those of the drawn rows. */
function stepAt(x: number, xs: ArrayLike<number>, steps: Float64Array): number {
  const i = Math.min(Math.max(lowerBound(xs, x), 1), xs.length - 1);
  const width = xs[i] - xs[i - 1];
  const share = width > 0 ? (x - xs[i - 1]) / width : 0;
  const step = steps[i - 1] + share * (steps[i] - steps[i - 1]);
  return Math.min(Math.max(step, steps[0]), steps[steps.length - 1]);
}

function nearestRow(values: ArrayLike<number>, value: number): number {
  let found = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const distance = Math.abs(values[i] - value);
    if (found < 0 || distance < Math.abs(values[found] - value)) found = i;
  }
  return found;
}
