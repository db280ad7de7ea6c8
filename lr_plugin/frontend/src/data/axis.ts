// What the x axis may count: which x a row has, and which steps a window of x needs.

import type { Range } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Columns, RunSummary } from "./records.ts";

export type XAxis = "step" | "epoch" | "share" | "relative" | "wall";

/** What an x axis counts. */
export type XUnit = XAxis | "value";

export const X_AXES: Record<XAxis, string> = {
  step: "Step",
  epoch: "Epoch",
  share: "Share of the run",
  relative: "Relative time",
  wall: "Wall time",
};

type Marks = readonly (readonly [number, number])[];
type Epochs = Pick<RunSummary, "epoch_marks" | "steps_per_epoch">;

/** Says why a run cannot be shown on the axis; null if it can. */
export function whyNotOn(axis: XAxis, run: RunSummary): string | null {
  if (axis === "epoch" && epochMarks(run).length === 0) {
    return "does not say where its epochs begin";
  }
  const needsTime = axis === "relative" || axis === "wall";
  if (needsTime && !run.columns.includes("wall_time")) return "has no times";
  if (axis === "relative" && run.start_time === null) return "has no times";
  return null;
}

/** Computes the x of every row; the array may be one of `columns` itself. */
export function xColumn(axis: XAxis, run: RunSummary, columns: Columns): Float64Array {
  const start = run.start_time ?? 0;
  switch (axis) {
    case "step":
      return columns.step;
    case "epoch": {
      const marks = epochMarks(run);
      return columns.step.map((step) => epochAt(marks, step));
    }
    case "share":
      return columns.step.map((step) => shareAt(run, step));
    case "relative":
      return columns.wall_time.map((time) => time - start);
    case "wall":
      return columns.wall_time;
  }
}

/**
 * Finds the steps [start, stop) that a window of x shows, and one more row on either
 * side so that lines go on to the edge of the picture.
 *
 * @param columns Rows of the whole run, which tell at what time each step was.
 * @returns Null for an end that these rows cannot tell.
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
  if (axis === "share") {
    return {
      start: Math.floor(stepAtShare(run, low)),
      stop: Math.ceil(stepAtShare(run, high)) + 1,
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

/**
 * Converts a window to another axis by the rows of one run; null if they cannot tell.
 */
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

/** Finds how much of a run has passed at a step, in percent of all its steps so far. */
export function shareAt(run: RunSummary, step: number): number {
  const length = run.last_step - run.first_step;
  return length > 0 ? (100 * (step - run.first_step)) / length : 0;
}

/** Finds the step at which so many percent of a run have passed. */
export function stepAtShare(run: RunSummary, share: number): number {
  return run.first_step + (share / 100) * (run.last_step - run.first_step);
}

/** Finds the epoch of a step, with the part of it that has passed: 2.5. */
export function epochAt(marks: Marks, step: number): number {
  const i = Math.max(0, lastAtOrBefore(marks, 0, step));
  const [first, epoch] = marks[i];
  return epoch + (step - first) / epochLength(marks, i);
}

/**
 * Finds the epoch of a step of a run; null if the run does not say where epochs begin.
 */
export function epochOf(run: Epochs, step: number): number | null {
  const marks = epochMarks(run);
  return marks.length === 0 ? null : epochAt(marks, step);
}

/** Finds the step at which an epoch, or a part of one, has passed. */
export function stepAtEpoch(marks: Marks, epoch: number): number {
  const i = Math.max(0, lastAtOrBefore(marks, 1, epoch));
  const [first, start] = marks[i];
  return first + (epoch - start) * epochLength(marks, i);
}

/**
 * Lists where epochs begin, as pairs of step and epoch; the last pair tells how long
 * the epoch under way will be.
 */
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
