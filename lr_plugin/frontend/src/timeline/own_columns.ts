// Columns of rows that are drawn where somebody asks for them: what a training loop logged
// besides its rate and its loss.

import { formatCount, formatNumber } from "../base/format.ts";
import type { Scale, ScaleKind } from "../base/scale.ts";
import { extent } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { fitToMost, visibleColumns } from "../chart/fit_axes.ts";
import { rowsOf, type Curve, type Scene, type Spot } from "../chart/scene.ts";
import { nonfiniteSpots } from "../chart/spots.ts";
import type { RunSummary } from "../data/records.ts";
import { columnTitle } from "../data/words.ts";
import type { AxisEnds } from "../state/state.ts";
import type { PlacedRun } from "./event_place.ts";

// They are drawn anyway, or say which row it is.
const DRAWN_ANYWAY = ["step", "learning_rate", "loss", "applied", "wall_time"];
// The other rates and losses of a run are drawn beside the first ones.
const DRAWN_BESIDE = ":";
// Values that are further apart are no longer seen beside each other on a linear axis.
const LINEAR_RATIO = 100;

/** Lists the columns that can be drawn of these runs, by name. */
export function ownColumns(runs: readonly RunSummary[]): string[] {
  const names = new Set(runs.flatMap(({ columns }) => columns));
  return [...names]
    .filter((name) => !DRAWN_ANYWAY.includes(name) && !name.includes(DRAWN_BESIDE))
    .sort();
}

/** Finds the scale of a column: logarithmic where its values span decades. */
export function columnKind(
  chosen: ScaleKind | "auto",
  columns: readonly ArrayLike<number>[],
): ScaleKind {
  if (chosen !== "auto") return chosen;
  const [min, max] = extent("linear", columns) ?? [0, 0];
  return min > 0 && max / min > LINEAR_RATIO ? "log" : "linear";
}

interface ColumnOptions {
  columnScale: ScaleKind | "auto";
  columnEnds: AxisEnds;
  theme: Theme;
}

/** Builds the chart of a column of the runs that have it; null if none of them has. */
export function buildColumn(
  runs: readonly PlacedRun[],
  column: string,
  weight: Curve["weight"],
  base: Pick<Scene, "xLabel" | "xUnit" | "bands" | "areas" | "marks"> & { x: Scale },
  { columnScale, columnEnds, theme }: ColumnOptions,
): Scene | null {
  const curves = runs.flatMap(({ summary, series, color, dash, xs }): Curve[] => {
    const ys = series.columns[column];
    const { run } = summary;
    return ys
      ? [{ run, label: run, color, dash, xs, ys, weight, ...rowsOf(series, xs, ys) }]
      : [];
  });
  if (curves.length === 0) return null;
  const columns = visibleColumns(curves, base.x);
  const title = columnTitle(column);
  return {
    ...base,
    title,
    yLabel: title,
    ...fitToMost(columnKind(columnScale, columns), columns, columnEnds === "most"),
    curves,
    spots: curves.flatMap((curve) => oddSpots(curve, title, theme)),
  };
}

function oddSpots(curve: Curve, title: string, theme: Theme): Spot[] {
  const steps = curve.series?.columns.step ?? [];
  // Where a row stands for several iterations, it could be any of them.
  const place = curve.everyRow ? "at" : "near";
  const textOf = (row: number) =>
    `${title} is ${formatNumber(curve.ys[row])} ${place} step ${formatCount(steps[row])}.`;
  return nonfiniteSpots(curve, textOf, theme);
}
