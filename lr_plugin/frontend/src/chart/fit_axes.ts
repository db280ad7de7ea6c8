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

/** The scale of an x axis: a window, or all that the columns hold. */
export function fitWindow(
  kind: ScaleKind,
  window: Range | null,
  columns: readonly Float64Array[],
): Scale {
  const range = extent(kind, columns);
  if (window && (kind === "linear" || window[0] > 0)) {
    return { kind, min: window[0], max: window[1] };
  }
  // A single iteration has a place, but no extent.
  if (range && range[0] === range[1] && kind === "linear") {
    return { kind, min: range[0], max: range[0] + 1 };
  }
  const scale = fitScale(kind, range, 0);
  // A window that begins at 0 begins on a log axis with the first row above.
  if (window && window[1] > scale.min) return { ...scale, max: window[1] };
  return scale.min === 0 && scale.max === 0 ? { ...scale, max: 1 } : scale;
}

/** A scale that holds what the curves show inside the x axis. */
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
