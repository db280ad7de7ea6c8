// The layers of a run, each with rows of its own, so that the cursor reads layers as it
// reads runs.

import { colorsInOrder } from "../base/colors.ts";
import type { Theme } from "../base/theme.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { LayerSamples, RunSummary } from "../data/records.ts";

/** Makes a run of each layer, in the order of the model; its name is the layer's. */
export function layerRuns(
  summary: RunSummary,
  samples: LayerSamples,
  { isDark }: Theme,
): ReadableRun[] {
  const colors = colorsInOrder(samples.layers.length, isDark ? "dark" : "light");
  const step = Float64Array.from(samples.steps);
  const numRows = step.length;
  return samples.layers.map((layer, i) => {
    const columns = samples.columns.map(
      (column) => [column, layerColumn(samples, column, i)] as const,
    );
    return {
      summary: { ...summary, run: layer },
      series: {
        columns: { step, ...Object.fromEntries(columns) },
        numRows,
        rowsInWindow: numRows,
        exact: "rows",
      },
      color: colors[i],
      xs: step,
    };
  });
}

/** Collects the values of one layer over the samples; NaN where it has none. */
export function layerColumn(
  samples: LayerSamples,
  column: string,
  layer: number,
): Float64Array {
  const values = samples.values[column] ?? [];
  return Float64Array.from(samples.steps, (_, i) => values[i]?.[layer] ?? NaN);
}
