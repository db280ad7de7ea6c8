// A run of which there are rows, as the charts take it.

import type { RunSummary, Series } from "../data/records.ts";

export interface DrawnRun {
  summary: RunSummary;
  series: Series;
  color: string;
}

/** Gives their rows and colours to the runs; leaves out those that have no rows yet. */
export function drawRuns(
  runs: readonly RunSummary[],
  series: ReadonlyMap<string, Series>,
  colorOf: (run: string) => string,
): DrawnRun[] {
  return runs.flatMap((summary) => {
    const rows = series.get(summary.run);
    return rows ? [{ summary, series: rows, color: colorOf(summary.run) }] : [];
  });
}
