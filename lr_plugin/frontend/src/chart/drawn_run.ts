// A run of which there are rows, as the charts take it.

import type { Dash } from "../base/line_looks.ts";
import type { RunSummary, Series } from "../data/records.ts";

export interface DrawnRun {
  summary: RunSummary;
  series: Series;
  color: string;
  /** The pattern of its lines; solid if it is missing. */
  dash?: Dash;
}

/** Gives their rows and colours to the runs; leaves out those that have no rows yet. */
export function drawRuns(
  runs: readonly RunSummary[],
  series: ReadonlyMap<string, Series>,
  colorOf: (run: string) => string,
  dashOf: (run: string) => Dash | undefined = () => undefined,
): DrawnRun[] {
  return runs.flatMap((summary) => {
    const rows = series.get(summary.run);
    const [color, dash] = [colorOf(summary.run), dashOf(summary.run)];
    return rows ? [{ summary, series: rows, color, dash }] : [];
  });
}
