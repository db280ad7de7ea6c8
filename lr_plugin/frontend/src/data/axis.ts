// The x axis of the timeline: which x each row has, and which steps a window of x needs.

import type { Range } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Columns, RunSummary } from "./records.ts";

export type XAxis = "step" | "epoch" | "relative" | "wall";

export const X_AXES: Record<XAxis, string> = {
  step: "Step",
  epoch: "Epoch",
  relative: "Relative time",
  wall: "Wall time",
};

type Marks = readonly (readonly [number, number])[];
type Epochs = Pick<RunSummary, "epoch_marks" | "steps_per_epoch">;

/** Why a run cannot be shown on the axis; null if it can. */
export function whyNotOn(axis: XAxis, run: RunSummary): string | null {
  if (axis === "epoch" && epochMarks(run).length === 0) {
    return "does not say where its epochs begin";
  }
  const needsTime = axis === "relative" || axis === "wall";
  if (needsTime && !run.columns.includes("wall_time")) return "has no times";
  if (axis === "relative" && run.start_time === null) return "has no times";
  return null;
}

/** The x of every row; shares memory with the columns where nothing has to be done. */
export function xColumn(axis: XAxis, run: RunSummary, columns: Columns): Float64Array {
  const start = run.start_time ?? 0;
  switch (axis) {
    case "step":
      return columns.step;
    case "epoch": {
      const marks = epochMarks(run);
      return columns.step.map((step) => epochAt(marks, step));
    }
    case "relative":
      return columns.wall_time.map((time) => time - start);
    case "wall":
      return columns.wall_time;
  }
}

/**
 * Steps [start, stop) that a window of x shows, with one more row on either side so
 * that lines go on to the edge of the picture. Null where the window's end is beyond
 * what `columns`, rows of the whole run, can tell.
 */
export function stepsInWindow(
  axis: XAxis,
  run: RunSummary,
  window: Range,
  columns: Columns | null,
): { start: number | null; stop: number | null } {
  const [low, high] = window;
  if (axis === "step") {
    return { start: Math.floor(low), stop: Math.ceil(high) + 1 };
  }
  if (axis === "epoch") {
    const marks = epochMarks(run);
    if (marks.length === 0) return { start: null, stop: null };
    return {
      start: Math.floor(stepAtEpoch(marks, low)),
      stop: Math.ceil(stepAtEpoch(marks, high)) + 1,
    };
  }
  if (!columns || columns.step.length === 0) return { start: null, stop: null };
  const offset = axis === "relative" ? (run.start_time ?? 0) : 0;
  const first = lowerBound(columns.wall_time, low + offset) - 1;
  const last = lowerBound(columns.wall_time, high + offset);
  return {
    start: first < 0 ? null : columns.step[first],
    stop: last >= columns.step.length ? null : columns.step[last] + 1,
  };
}

/** The same window on another axis, by the rows of one run; null if it cannot be said. */
export function convertWindow(
  from: XAxis,
  to: XAxis,
  run: RunSummary,
  window: Range,
  columns: Columns,
): Range | null {
  if (whyNotOn(from, run) || whyNotOn(to, run)) return null;
  const xs = xColumn(from, run, columns);
  const ys = xColumn(to, run, columns);
  if (xs.length < 2) return null;
  const low = interpolate(xs, ys, window[0]);
  const high = interpolate(xs, ys, window[1]);
  return high > low ? [low, high] : null;
}

/** The epoch a step lies in, with the part of it that has passed: 2.5. */
export function epochAt(marks: Marks, step: number): number {
  const i = Math.max(0, lastAtOrBefore(marks, 0, step));
  const [first, epoch] = marks[i];
  return epoch + (step - first) / epochLength(marks, i);
}

/** Null for runs that do not say where their epochs begin. */
export function epochOf(run: Epochs, step: number): number | null {
  const marks = epochMarks(run);
  return marks.length === 0 ? null : epochAt(marks, step);
}

export function stepAtEpoch(marks: Marks, epoch: number): number {
  const i = Math.max(0, lastAtOrBefore(marks, 1, epoch));
  const [first, start] = marks[i];
  return first + (epoch - start) * epochLength(marks, i);
}

/** Where epochs begin; the last pair tells how long the epoch under way will be. */
export function epochMarks(run: Epochs): Marks {
  const marks = run.epoch_marks;
  const length = run.steps_per_epoch;
  if (marks.length === 0)
    return length
      ? [
          [0, 0],
          [length, 1],
        ]
      : [];
  const [step, epoch] = marks[marks.length - 1];
  if (length) return [...marks, [step + length, epoch + 1]];
  return marks.length > 1 ? marks : [];
}

function epochLength(marks: Marks, i: number): number {
  const [before, after] = i + 1 < marks.length ? [i, i + 1] : [i - 1, i];
  const epochs = marks[after][1] - marks[before][1];
  return (marks[after][0] - marks[before][0]) / epochs;
}

function lastAtOrBefore(marks: Marks, field: 0 | 1, value: number): number {
  let last = -1;
  while (last + 1 < marks.length && marks[last + 1][field] <= value) last++;
  return last;
}

function interpolate(xs: Float64Array, ys: Float64Array, x: number): number {
  const i = Math.min(Math.max(lowerBound(xs, x), 1), xs.length - 1);
  const width = xs[i] - xs[i - 1];
  const share = width > 0 ? (x - xs[i - 1]) / width : 0;
  return ys[i - 1] + share * (ys[i] - ys[i - 1]);
}
