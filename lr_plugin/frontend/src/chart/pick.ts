// Which row of which curve a pointer means.

import { fromUnit, toUnit } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import { positionOnY } from "./paint.ts";
import type { Box } from "./painter.ts";
import type { Cells, Curve, Scene } from "./scene.ts";

export interface Picked {
  curve: Curve;
  row: number;
}

interface Pointer {
  left: number;
  top: number;
  /** How far from a curve the pointer may be, in pixels. */
  reach: number;
  /** The run that is picked also where another is somewhat nearer. */
  preferred: string | null;
}

// How many times as far as another curve the preferred one may be.
const PREFERENCE = 3;

/**
 * Finds the curve that passes nearest to a place, and of its points the one that is
 * nearest on the screen; null if no curve is within reach.
 */
export function pickRow(scene: Scene, box: Box, pointer: Pointer): Picked | null {
  if (scene.cells?.columns) return pickCell(scene, scene.cells, box, pointer);
  let nearest = Infinity;
  let picked: Curve | null = null;
  for (const curve of scene.curves) {
    const distance = distanceTo(curve, scene, box, pointer);
    if (distance >= pointer.reach) continue;
    const weighed = curve.run === pointer.preferred ? distance / PREFERENCE : distance;
    if (weighed < nearest) {
      nearest = weighed;
      picked = curve;
    }
  }
  return picked && { curve: picked, row: nearestPoint(picked, scene, box, pointer) };
}

/** Finds the field of a column in which the pointer is; null where there is none. */
function pickCell(
  scene: Scene,
  { edges, columns = [] }: Cells,
  box: Box,
  { left, top }: Pointer,
): Picked | null {
  const x = fromUnit(scene.x, (left - box.left) / box.width);
  const height = 1 - (top - box.top) / box.height;
  const y = fromUnit(scene.y, height);
  const row = lowerBound(edges, x) - 1;
  const ends = columns[row]?.edges;
  if (!ends || !(y >= ends[0] && y <= ends[ends.length - 1])) return null;
  let nearest = Infinity;
  let picked: Curve | null = null;
  for (const curve of scene.curves) {
    if (curve.weight !== "unseen") continue;
    const distance = Math.abs(toUnit(scene.y, curve.ys[row]) - height);
    if (distance < nearest) [nearest, picked] = [distance, curve];
  }
  return picked && { curve: picked, row };
}

// A line inside of a band is meant rather than the band.
const INSIDE_BAND = 4;

/** Measures how far the line of a curve passes from a place, or its band. */
function distanceTo(curve: Curve, scene: Scene, box: Box, pointer: Pointer): number {
  const { xs, ys } = curve;
  const { left, top, reach } = pointer;
  const x = (value: number) => box.left + box.width * toUnit(scene.x, value);
  // Rates rise and fall again, so only a timeline's rows can be searched by x.
  const isSorted = scene.xUnit !== "value";
  let first = 0;
  if (isSorted) {
    const from = fromUnit(scene.x, (left - reach - box.left) / box.width);
    first = Math.max(0, lowerBound(xs, from) - 1);
  }
  let nearest = Infinity;
  for (let i = first; i < xs.length; i++) {
    const x1 = x(xs[i]);
    const y1 = positionOnY(scene, box, ys[i]);
    const hasNext = i + 1 < xs.length;
    const x2 = hasNext ? x(xs[i + 1]) : x1;
    const y2 = hasNext ? positionOnY(scene, box, ys[i + 1]) : y1;
    const distance = Number.isFinite(x2 + y2)
      ? toSegment(left, top, x1, y1, x2, y2)
      : Math.hypot(left - x1, top - y1);
    if (distance < nearest) nearest = distance;
    if (isSorted && x1 > left + reach) break;
  }
  const isInside = isInBand(curve, scene, box, pointer);
  return isInside ? Math.min(nearest, INSIDE_BAND) : nearest;
}

/** Tells whether a place is between the edges of a curve's band. */
function isInBand(
  { envelope }: Curve,
  scene: Scene,
  box: Box,
  { left, top }: Pointer,
): boolean {
  if (!envelope || scene.xUnit === "value") return false;
  const { xs, lows, highs } = envelope;
  const at = lowerBound(xs, fromUnit(scene.x, (left - box.left) / box.width));
  if (at === 0 || at === xs.length) return false;
  const y = (value: number) => positionOnY(scene, box, value);
  const bottom = Math.max(y(lows[at - 1]), y(lows[at]));
  return top <= bottom && top >= Math.min(y(highs[at - 1]), y(highs[at]));
}

/**
 * Finds the nearest of all points: the line that was hit may be a long one. Points
 * outside of the picture count only where none is inside.
 */
function nearestPoint(
  { xs, ys }: Curve,
  scene: Scene,
  box: Box,
  { left, top }: Pointer,
): number {
  let nearest = { row: 0, distance: Infinity, isInside: false };
  for (let row = 0; row < xs.length; row++) {
    const x = box.left + box.width * toUnit(scene.x, xs[row]);
    const y = positionOnY(scene, box, ys[row]);
    const distance = Math.hypot(x - left, y - top);
    if (Number.isNaN(distance)) continue;
    const isInside = isIn(box, x, y);
    const isBetter = isInside === nearest.isInside && distance < nearest.distance;
    if (isBetter || (isInside && !nearest.isInside)) {
      nearest = { row, distance, isInside };
    }
  }
  return nearest.row;
}

// A point on an edge of the picture is inside, whatever its last digit says.
const SLACK = 0.5;

function isIn(box: Box, x: number, y: number): boolean {
  return (
    x >= box.left - SLACK &&
    x <= box.left + box.width + SLACK &&
    y >= box.top - SLACK &&
    y <= box.top + box.height + SLACK
  );
}

function toSegment(
  x: number,
  y: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((x - x1) * dx + (y - y1) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}
