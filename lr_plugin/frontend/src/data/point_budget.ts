// How many points of each run are asked for.

import type { Range } from "../base/scale.ts";
import { epochMarks, stepAtEpoch, stepAtShare, type XAxis } from "./axis.ts";
import type { RunSummary } from "./records.ts";

// The screen has no room for more, and painting them takes time.
const MOST_OF_ALL_RUNS = 40_000;
// From the most to the least of one run. While a training grows, the number must not
// change with every iteration: other numbers are other questions.
const LEVELS = [2000, 1600, 1300, 1000, 800, 650, 500, 400, 300, 220, 170, 130, 100];

/**
 * Tells how many points of each run are asked for. Runs that have fewer rows leave
 * theirs to the others.
 *
 * @param numRows How many rows each run has where the view looks.
 */
export function pointsPerRun(numRows: readonly number[]): number {
  const total = (level: number) =>
    numRows.reduce((sum, rows) => sum + Math.min(rows, level), 0);
  const found = LEVELS.find((level) => total(level) <= MOST_OF_ALL_RUNS);
  return found ?? LEVELS[LEVELS.length - 1];
}

/** Estimates how many rows a run has in a window; null is the whole run. */
export function rowsInWindow(
  run: RunSummary,
  axis: XAxis,
  window: Range | null,
): number {
  if (!window) return run.num_iterations;
  const { first_step: first, last_step: last } = run;
  const start = run.start_time ?? 0;
  const ends: Record<XAxis, Range> = {
    step: [first, last],
    epoch: [first, last],
    share: [first, last],
    relative: [0, (run.last_time ?? start) - start],
    wall: [start, run.last_time ?? start],
  };
  const marks = epochMarks(run);
  const isEpoch = axis === "epoch" && marks.length > 0;
  const stepAt = (at: number) =>
    isEpoch ? stepAtEpoch(marks, at) : axis === "share" ? stepAtShare(run, at) : at;
  const [from, to] = window.map(stepAt);
  const [low, high] = ends[axis];
  const shown = Math.min(high, to) - Math.max(low, from);
  if (shown < 0) return 0;
  const share = high > low ? Math.min(1, shown / (high - low)) : 1;
  return Math.ceil(share * run.num_iterations);
}
