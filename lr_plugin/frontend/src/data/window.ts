// The part of the x axis that is shown: in words, and kept within bounds.

import {
  formatCount,
  formatDurations,
  formatNumber,
  formatWallTimes,
} from "../base/format.ts";
import type { Range } from "../base/scale.ts";
import { epochMarks, xColumn, type XAxis } from "./axis.ts";
import type { RunSummary } from "./records.ts";

// A narrower window would have no line in it.
const FEWEST_STEPS = 4;

/** Says which part of the axis a window is. */
export function describeWindow(axis: XAxis, [low, high]: Range): string {
  switch (axis) {
    case "step":
      return `Steps ${formatCount(Math.ceil(low))} to ${formatCount(Math.floor(high))}`;
    case "epoch":
      return `Epochs ${between(low, high)}`;
    case "share":
      return `${between(low, high)} % of each run’s steps so far`;
    case "relative": {
      const [from, to] = formatDurations([low, high]);
      return `From ${from} to ${to} after the start`;
    }
    case "wall": {
      const [from, to] = formatWallTimes([low, high]);
      return `From ${from} to ${to}`;
    }
  }
}

/** Writes both ends with enough digits to tell a hundredth of what is between them. */
function between(low: number, high: number): string {
  const digits = Math.max(4, Math.ceil(Math.log10(high / (high - low))) + 2);
  return `${formatNumber(low, digits)} to ${formatNumber(high, digits)}`;
}

/**
 * Keeps a window inside of the runs, and wide enough for a few iterations.
 *
 * @returns Null if the window would show everything.
 */
export function limitWindow(
  range: Range | null,
  axis: XAxis,
  runs: readonly RunSummary[],
): Range | null {
  if (!range || runs.length === 0) return null;
  const ends = runs.map((run): Range => {
    if (axis === "step") return [run.first_step, run.last_step];
    if (axis === "share") return [0, 100];
    if (axis === "epoch") {
      const steps = Float64Array.of(run.first_step, run.last_step);
      const [first, last] = xColumn("epoch", run, { step: steps });
      return [first, last];
    }
    const start = axis === "relative" ? (run.start_time ?? 0) : 0;
    return [(run.start_time ?? 0) - start, (run.last_time ?? 0) - start];
  });
  const low = Math.min(...ends.map(([first]) => first));
  const high = Math.max(...ends.map(([, last]) => last));
  const narrowest = FEWEST_STEPS * widthOfStep(axis, runs[0]);
  let [from, to] = range;
  if (to - from < narrowest) {
    const center = (from + to) / 2;
    [from, to] = [center - narrowest / 2, center + narrowest / 2];
  }
  if (axis === "step") [from, to] = [Math.floor(from), Math.ceil(to)];
  if (from <= low && to >= high) return null;
  const width = Math.min(to - from, high - low);
  from = Math.min(Math.max(from, low), high - width);
  return [from, from + width];
}

/** Estimates how much of the axis one iteration takes. */
function widthOfStep(axis: XAxis, run: RunSummary): number {
  if (axis === "step") return 1;
  if (axis === "share") return 100 / Math.max(1, run.last_step - run.first_step);
  if (axis === "epoch") {
    const marks = epochMarks(run);
    return (marks[1][1] - marks[0][1]) / (marks[1][0] - marks[0][0]);
  }
  const duration = (run.last_time ?? 0) - (run.start_time ?? 0);
  return duration / Math.max(1, run.last_step - run.first_step);
}
