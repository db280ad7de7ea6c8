// Fits the axes of a chart to what it shows.

import {
  cutOutliers,
  describeBeyond,
  floorOfRates,
  type AxisCut,
} from "../base/axis_cut.ts";
import {
  extent,
  fitScale,
  fitWhole,
  type Range,
  type Scale,
  type ScaleKind,
} from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Series } from "../data/records.ts";
import type { DrawnRun } from "./drawn_run.ts";
import type { Curve } from "./scene.ts";

/** Fits an x axis to the window, or to all that the columns hold. */
export function fitWindow(
  kind: ScaleKind,
  window: Range | null,
  columns: readonly Float64Array[],
): Scale {
  const range = extent(kind, columns);
  if (window && (kind === "linear" || window[0] > 0)) {
    return { kind, min: window[0], max: window[1] };
  }
  // A single iteration has no width.
  if (range && range[0] === range[1] && kind === "linear") {
    return { kind, min: range[0], max: range[0] + 1 };
  }
  const scale = fitScale(kind, range, 0);
  // A log axis has no 0: a window from there on begins with the first row above it.
  if (window && window[1] > scale.min) return { ...scale, max: window[1] };
  return scale.min === 0 && scale.max === 0 ? { ...scale, max: 1 } : scale;
}

/**
 * Chooses the scale of losses: linear where some may be negative, as those of policies
 * are, unless the user has chosen.
 */
export function lossKind(
  chosen: ScaleKind | "auto",
  runs: readonly DrawnRun[],
): ScaleKind {
  if (chosen !== "auto") return chosen;
  return runs.some(({ summary }) => (summary.loss?.min ?? 0) < 0) ? "linear" : "log";
}

/** A y axis, and where it was cut so that a few values do not flatten the others. */
export interface FittedAxis {
  y: Scale;
  cuts: AxisCut[];
}

/** Fits a y axis to all that the curves show between the ends of the x axis. */
export function yScale(kind: ScaleKind, curves: readonly Curve[], x: Scale): Scale {
  return fitScale(
    kind,
    extent(
      kind,
      curves.map((curve) => visiblePart(curve, x)),
    ),
  );
}

/**
 * Fits a y axis to most of the runs.
 *
 * @param columns The values of each run that the picture may show.
 * @param isCut Whether it ends there; else it shows all, and only says so.
 */
export function fitToMost(
  kind: ScaleKind,
  columns: readonly ArrayLike<number>[],
  isCut: boolean,
): FittedAxis {
  const range = extent(kind, columns);
  if (!range) return { y: fitWhole(kind, range), cuts: [] };
  const { low, high } = cutOutliers(kind, columns);
  const most = fitWhole(kind, [low ?? range[0], high ?? range[1]]);
  const cuts = [
    low === null ? null : describeBeyond("bottom", most.min, columns, isCut),
    high === null ? null : describeBeyond("top", most.max, columns, isCut),
  ];
  return {
    y: isCut ? most : fitWhole(kind, range),
    cuts: cuts.filter((cut) => cut !== null),
  };
}

/** Fits a y axis to rates; a log axis leaves out the last decades of a schedule. */
export function fitToRates(
  kind: ScaleKind,
  columns: readonly ArrayLike<number>[],
  isCut: boolean,
): FittedAxis {
  const range = extent(kind, columns);
  const floor = kind === "log" ? floorOfRates(columns) : null;
  const all = fitWhole(kind, range);
  if (!range || floor === null) return { y: all, cuts: [] };
  const most = fitWhole(kind, [floor, range[1]]);
  const cut = describeBeyond("bottom", most.min, columns, isCut);
  return { y: isCut ? most : all, cuts: cut ? [cut] : [] };
}

/** Lists the values of each run between the ends of the x axis. */
export function visibleColumns(
  curves: readonly Curve[],
  x: Scale,
): ArrayLike<number>[] {
  const columns = new Map<string, number[]>();
  for (const curve of curves) {
    const values = columns.get(curve.run) ?? [];
    columns.set(curve.run, [...values, ...Array.from(visiblePart(curve, x))]);
  }
  return [...columns.values()];
}

// Rates that differ more are no longer seen beside each other on a linear axis.
const LINEAR_DECADES = 1.5;

/**
 * Finds the scale on which all rates are seen, where the person has not chosen one.
 *
 * @param runs Those that are drawn; what counts is the highest rate of each.
 */
export function rateKind(
  chosen: ScaleKind | "auto",
  runs: readonly DrawnRun[],
): ScaleKind {
  if (chosen !== "auto") return chosen;
  const peaks = runs.flatMap(({ summary, series }) => {
    const rates = summary.learning_rate;
    const peak = rates ? rates.max : extent("log", rateColumns(series))?.[1];
    return peak !== undefined && peak > 0 && peak < Infinity ? [peak] : [];
  });
  if (peaks.length === 0) return "linear";
  const span = Math.log10(Math.max(...peaks) / Math.min(...peaks));
  return span > LINEAR_DECADES ? "log" : "linear";
}

function rateColumns({ columns }: Series): Float64Array[] {
  return columns.learning_rate ? [columns.learning_rate] : [];
}

function visiblePart(curve: Curve, x: Scale): ArrayLike<number> {
  const ys = curve.ys as Float64Array;
  const first = lowerBound(curve.xs, x.min);
  let last = lowerBound(curve.xs, x.max);
  while (last < curve.xs.length && curve.xs[last] === x.max) last++;
  if (first < last) return ys.slice(first, last);
  // With no row inside, the line between its neighbours crosses the picture, if there
  // is one on either side.
  const isCrossing = first > 0 && last < curve.xs.length;
  return isCrossing ? ys.slice(first - 1, last + 1) : [];
}
