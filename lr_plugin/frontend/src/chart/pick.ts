// Which row of which curve a pointer means.

import { fromUnit, toUnit } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import { positionOnY, type Box } from "./paint.ts";
import type { Curve, Scene } from "./scene.ts";

export interface Picked {
  curve: Curve;
  /** The row at the nearer end of the line that was hit. */
  row: number;
}

/** Finds the row whose curve passes nearest to a place, within `reach` pixels. */
export function pickRow(
  scene: Scene,
  box: Box,
  left: number,
  top: number,
  reach: number,
): Picked | null {
  let nearest = reach;
  let picked: Picked | null = null;
  for (const curve of scene.curves) {
    const found = nearestRow(curve, scene, box, left, top, reach);
    if (found.distance < nearest) {
      nearest = found.distance;
      picked = { curve, row: found.row };
    }
  }
  return picked;
}

function nearestRow(
  curve: Curve,
  scene: Scene,
  box: Box,
  left: number,
  top: number,
  reach: number,
): { row: number; distance: number } {
  const x = (value: number) => box.left + box.width * toUnit(scene.x, value);
  const { xs, ys } = curve;
  // Rates rise and fall again, so only a timeline's rows can be searched by x.
  const isSorted = scene.xUnit !== "rate";
  let first = 0;
  if (isSorted) {
    const from = fromUnit(scene.x, (left - reach - box.left) / box.width);
    first = Math.max(0, lowerBound(xs, from) - 1);
  }
  let found = { row: -1, distance: Infinity };
  for (let i = first; i < xs.length; i++) {
    const x1 = x(xs[i]);
    const y1 = positionOnY(scene, box, ys[i]);
    const hasNext = i + 1 < xs.length;
    const x2 = hasNext ? x(xs[i + 1]) : x1;
    const y2 = hasNext ? positionOnY(scene, box, ys[i + 1]) : y1;
    const { distance, share } = Number.isFinite(x2 + y2)
      ? toSegment(left, top, x1, y1, x2, y2)
      : { distance: Math.hypot(left - x1, top - y1), share: 0 };
    if (distance < found.distance) found = { row: share > 0.5 ? i + 1 : i, distance };
    if (isSorted && x1 > left + reach) break;
  }
  return found;
}

function toSegment(
  x: number,
  y: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): { distance: number; share: number } {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return { distance: Math.hypot(x - x1 - share * dx, y - y1 - share * dy), share };
}
