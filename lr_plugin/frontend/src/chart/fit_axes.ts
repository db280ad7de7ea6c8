// Fits the axes of a chart to what it shows.

import {
  extent,
  fitScale,
  type Range,
  type Scale,
  type ScaleKind,
} from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
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

/** Fits a y axis to what the curves show between the ends of the x axis. */
export function yScale(kind: ScaleKind, curves: readonly Curve[], x: Scale): Scale {
  return fitScale(
    kind,
    extent(
      kind,
      curves.map((curve) => visiblePart(curve, x)),
    ),
  );
}

function visiblePart(curve: Curve, x: Scale): ArrayLike<number> {
  const ys = curve.ys as Float64Array;
  const first = lowerBound(curve.xs, x.min);
  let last = lowerBound(curve.xs, x.max);
  while (last < curve.xs.length && curve.xs[last] === x.max) last++;
  // With no row inside, the line between its neighbours crosses the picture.
  return first < last
    ? ys.slice(first, last)
    : ys.slice(Math.max(0, first - 1), last + 1);
}
