// A run of which there are rows, as the charts take it.

import type { Range } from "../base/scale.ts";
import { stepsInWindow, type XAxis } from "../data/axis.ts";
import type { RunSummary, Series, TrainingEvent } from "../data/records.ts";

export interface DrawnRun {
  summary: RunSummary;
  series: Series;
  color: string;
  events: readonly TrainingEvent[];
}

/** The runs of which there are rows, as the charts take them. */
export function drawRuns(
  runs: readonly RunSummary[],
  series: ReadonlyMap<string, Series>,
  colorOf: (run: string) => string,
  eventsOf: (run: string) => readonly TrainingEvent[] | null = () => null,
): DrawnRun[] {
  return runs.flatMap((summary) => {
    const { run } = summary;
    const found = series.get(run);
    return found
      ? [{ summary, series: found, color: colorOf(run), events: eventsOf(run) ?? [] }]
      : [];
  });
}

/** The steps [start, stop) of a window, for downloads; null if it shows all. */
export function stepsShown(
  axis: XAxis,
  window: Range | null,
  drawn: readonly DrawnRun[],
): Range | null {
  if (!window || drawn.length === 0) return null;
  const { summary, series } = drawn[0];
  const { start, stop } = stepsInWindow(axis, summary, window, series.columns);
  const first = Math.max(0, start ?? summary.first_step);
  return [first, stop ?? summary.last_step + 1];
}
