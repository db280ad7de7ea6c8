// Where on the axis of the drawn rows an event is.

import { lowerBound } from "../base/sorted.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { xColumn, type XAxis } from "../data/axis.ts";
import type { TrainingEvent } from "../data/records.ts";

/** A drawn run with what happened in it. */
export interface EventfulRun extends DrawnRun {
  events: readonly TrainingEvent[];
}

/** With the x of each of its rows. */
export interface PlacedRun extends EventfulRun {
  xs: Float64Array;
}

/** Finds the x of an event; NaN where it has none. */
export function eventX(event: TrainingEvent, run: PlacedRun, axis: XAxis): number {
  if (axis === "step") return event.step;
  const { step } = run.series.columns;
  if (axis === "epoch" || axis === "share") {
    const columns = { step: Float64Array.of(event.step) };
    return xColumn(axis, run.summary, columns)[0];
  }
  // By the time of its row: the event itself was written a little later.
  const i = lowerBound(step, event.step);
  return i < step.length && event.step >= step[0] ? run.xs[i] : NaN;
}
