// Paints a scene.

import { cutMiddle } from "../base/names.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { paintCells, paintFrame } from "./paint_cells.ts";
import { paintEnvelope } from "./paint_envelope.ts";
import type { Box, Painter, Stroke, TextStyle } from "./painter.ts";
import type { Curve, Guide, Lane, Mark, Scene, Spot } from "./scene.ts";

const WIDTHS = { normal: 1.5, thin: 1, faint: 1, strong: 2.5, unseen: 0 };
const ALPHAS = { normal: 1, thin: 0.7, faint: 0.28, strong: 1, unseen: 0 };
// A sample is a band where its stretches have this much room: narrower ones are as close
// as the strokes of noise. And where most of the rows were left out: a line would only go
// up and down between extremes.
const ROOM_FOR_BAND = 4;
const LEFT_OUT = 0.5;
const HALF_DASH = 4;
// Single iterations get a dot where they have this much room.
const ROOM_FOR_DOTS = 7;
const ROOM_FOR_QUIET_MARKS = 6;
const TIME_SEGMENTS = 64;
const SECOND_DASH = [6, 4];
// In heights of the box: surfaces lose digits where a line leads very far away.
const FAR = 1e4;
const BAND_LABEL_GAP = 6;
const BAND_LABEL_HEIGHT = 14;
const BAND_LABEL_LETTERS = 48;

/**
 * Paints all of the scene that lies inside the axes.
 *
 * @param only The run that is painted alone; null paints all.
 */
export function paintScene(
  painter: Painter,
  scene: Scene,
  box: Box,
  theme: Theme,
  only: string | null = null,
): void {
  const x = (value: number) => box.left + box.width * toUnit(scene.x, value);
  const y = (value: number) => positionOnY(scene, box, value);
  const wanted = ({ run }: { run: string }) => only === null || run === only;
  painter.clipped(box, () => {
    if (only === null) {
      for (const band of scene.bands) {
        const [from, to] = [x(band.from), x(band.to)];
        painter.polygon(
          [
            from,
            box.top,
            to,
            box.top,
            to,
            box.top + box.height,
            from,
            box.top + box.height,
          ],
          band.color,
          0.12,
        );
      }
    }
    if (only === null && scene.lane) paintLane(painter, scene.lane, box, theme, y);
    if (scene.cells && only === null) paintCells(painter, scene.cells, box, x, y);
    if (scene.cells && only !== null) paintFrame(painter, scene.cells, only, box, theme, y);
    paintMarks(painter, scene.marks.filter(wanted), box, x);
    for (const area of scene.areas.filter(wanted)) {
      const points: number[] = [];
      for (let i = 0; i < area.xs.length; i++)
        points.push(x(area.xs[i]), y(area.highs[i]));
      for (let i = area.xs.length - 1; i >= 0; i--) {
        points.push(x(area.xs[i]), y(area.lows[i]));
      }
      painter.polygon(points, area.color, 0.18);
    }
    for (const curve of scene.curves.filter(wanted)) {
      paintCurve(painter, curve, box, x, y, only !== null);
    }
    for (const spot of scene.spots.filter(wanted)) paintSpot(painter, spot, box, x, y);
  });
  if (only === null) {
    for (const guide of scene.guides ?? []) paintGuide(painter, guide, box, theme, y);
    const { lane } = scene;
    const bottom = box.top + box.height;
    const isLaneBelow = lane && lane.from <= scene.y.min;
    const floor = isLaneBelow ? Math.min(bottom, y(lane.to)) : bottom;
    painter.clipped(box, () => paintBandLabels(painter, scene, box, floor, theme, x));
  }
}

/**
 * Finds the height of a value, outside of the box where the axis has ended before. What
 * a log axis cannot show, zero and below, is drawn at its lower edge. NaN and infinity
 * have no place.
 */
export function positionOnY(scene: Scene, box: Box, value: number): number {
  if (!Number.isFinite(value)) return NaN;
  const hasNoPlace = scene.y.kind === "log" && value <= 0;
  const unit = hasNoPlace ? 0 : toUnit(scene.y, value);
  return box.top + box.height * (1 - Math.max(-FAR, Math.min(1 + FAR, unit)));
}

/**
 * Paints the texts of bands at their left edges: a range test's suggestion is in their
 * middle.
 */
function paintBandLabels(
  painter: Painter,
  scene: Scene,
  box: Box,
  floor: number,
  theme: Theme,
  x: (value: number) => number,
): void {
  const style: TextStyle = { color: theme.muted, size: 11 };
  const labelled = scene.bands.filter(({ label }) => label);
  labelled.forEach((band, row) => {
    const left = Math.max(box.left, x(band.from)) + BAND_LABEL_GAP;
    // The bands of several tests overlap, and often begin at the same rate.
    const bottom = floor - BAND_LABEL_GAP - row * BAND_LABEL_HEIGHT;
    const text = cutMiddle(band.label, BAND_LABEL_LETTERS);
    if (left < x(band.to)) painter.text(left, bottom, text, style);
  });
}

function paintCurve(
  painter: Painter,
  curve: Curve,
  box: Box,
  x: (value: number) => number,
  y: (value: number) => number,
  isAlone: boolean,
): void {
  if (curve.weight === "unseen") return;
  const points: number[] = [];
  let visible = 0;
  for (let i = 0; i < curve.xs.length; i++) {
    const px = x(curve.xs[i]);
    points.push(Number.isFinite(px) ? px : NaN, y(curve.ys[i]));
    if (px >= box.left && px <= box.left + box.width) visible++;
  }
  const stroke: Stroke = {
    color: curve.color,
    width: isAlone && curve.weight === "thin" ? WIDTHS.normal : WIDTHS[curve.weight],
    alpha: isAlone && curve.weight === "thin" ? 1 : ALPHAS[curve.weight],
    dash: curve.dashed ? SECOND_DASH : curve.dash,
  };
  if (isBand(curve, box, visible)) {
    paintEnvelope(painter, curve.envelope!, x, y, stroke, curve.colorByTime);
    return;
  }
  if (curve.colorByTime) {
    paintByTime(painter, points, stroke, curve.colorByTime);
  } else {
    if (curve.outline) painter.polyline(points, outlineOf(curve.outline, stroke.width));
    painter.polyline(points, stroke);
  }
  const hasRoom = visible > 0 && box.width / visible >= ROOM_FOR_DOTS;
  const radius = curve.weight === "strong" ? 3 : 2.5;
  for (let i = 0; i < points.length; i += 2) {
    // A line through one value with a gap on either side would not be seen.
    const isIsland =
      Number.isNaN(points[i - 1] ?? NaN) && Number.isNaN(points[i + 3] ?? NaN);
    if (Number.isNaN(points[i + 1]) || Number.isNaN(points[i])) continue;
    if ((hasRoom && curve.everyRow && curve.weight !== "faint") || isIsland) {
      const color = curve.colorByTime?.(i / points.length) ?? curve.color;
      if (curve.marker === "cross") {
        paintCross(painter, points[i], points[i + 1], color);
      } else if (curve.marker === "dash") {
        const dash = [points[i] - HALF_DASH, points[i + 1], points[i] + HALF_DASH, points[i + 1]];
        if (curve.outline) painter.polyline(dash, outlineOf(curve.outline, stroke.width));
        painter.polyline(dash, { ...stroke, dash: undefined });
      } else {
        if (curve.outline) painter.dot(points[i], points[i + 1], radius + 1, curve.outline);
        painter.dot(points[i], points[i + 1], radius, color);
      }
    }
  }
}

function outlineOf(color: string, width: number): Stroke {
  return { color, width: width + 2 };
}

/**
 * Tells whether a curve is painted as a band.
 *
 * @param visible How many of its points are inside the axes.
 */
export function isBand(
  { envelope, xs, series }: Curve,
  box: Box,
  visible: number,
): boolean {
  if (!envelope) return false;
  const shown = (envelope.numStretches * visible) / xs.length;
  if (!series || series.exact === "envelope") return true;
  const hasRoom = box.width / shown > ROOM_FOR_BAND;
  return hasRoom || series.numRows < (1 - LEFT_OUT) * series.rowsInWindow;
}

function paintByTime(
  painter: Painter,
  points: readonly number[],
  stroke: Stroke,
  color: (share: number) => string,
): void {
  const rows = points.length / 2;
  const perSegment = Math.max(1, Math.ceil(rows / TIME_SEGMENTS));
  for (let first = 0; first < rows - 1; first += perSegment) {
    const last = Math.min(rows - 1, first + perSegment);
    painter.polyline(points.slice(2 * first, 2 * last + 2), {
      ...stroke,
      color: color((first + last) / 2 / (rows - 1)),
    });
  }
}

/** Tells whether there are quiet marks, and room for them. */
export function showsQuietMarks(
  marks: readonly Mark[],
  width: number,
  x: (value: number) => number,
): boolean {
  const quiet = marks.filter((mark) => mark.quiet);
  const places = new Set(quiet.map((mark) => Math.round(x(mark.x))));
  return places.size > 0 && width / places.size >= ROOM_FOR_QUIET_MARKS;
}

function paintMarks(
  painter: Painter,
  marks: readonly Mark[],
  box: Box,
  x: (value: number) => number,
): void {
  const bottom = box.top + box.height;
  const showsQuiet = showsQuietMarks(marks, box.width, x);
  let lastQuiet = -Infinity;
  for (const mark of marks) {
    const at = x(mark.x);
    if (!(at >= box.left && at <= box.left + box.width)) continue;
    if (mark.quiet) {
      // On a log axis, marks crowd together at the end.
      const isNear = at >= lastQuiet && at - lastQuiet < ROOM_FOR_QUIET_MARKS;
      if (!showsQuiet || isNear) continue;
      lastQuiet = at;
      painter.polyline([at, box.top, at, bottom], {
        color: mark.color,
        width: 1,
        alpha: 0.35,
        dash: [1, 3],
      });
      continue;
    }
    painter.polyline([at, box.top, at, bottom], {
      color: mark.color,
      width: 1,
      alpha: 0.7,
      dash: [4, 3],
    });
    const flag = [at, box.top, at + 8, box.top + 4, at, box.top + 8];
    painter.polygon(flag, mark.color, 1);
  }
}

function paintSpot(
  painter: Painter,
  spot: Spot,
  box: Box,
  x: (value: number) => number,
  y: (value: number) => number,
): void {
  const at = x(spot.x);
  const bottom = box.top + box.height;
  const height =
    spot.y === "top" ? box.top + 7 : spot.y === "bottom" ? bottom - 5 : y(spot.y);
  if (spot.shape === "dot") {
    painter.dot(at, height, 4, spot.color);
  } else if (spot.shape === "tick") {
    painter.polyline([at, height - 4, at, height + 5], { color: spot.color, width: 1 });
  } else {
    paintCross(painter, at, height, spot.color);
  }
}

function paintCross(painter: Painter, x: number, y: number, color: string): void {
  const stroke: Stroke = { color, width: 2 };
  painter.polyline([x - 4, y - 4, x + 4, y + 4], stroke);
  painter.polyline([x - 4, y + 4, x + 4, y - 4], stroke);
}

function paintGuide(
  painter: Painter,
  { y: value, label }: Guide,
  box: Box,
  theme: Theme,
  y: (value: number) => number,
): void {
  const [at, right] = [y(value), box.left + box.width];
  if (!(at > box.top && at < box.top + box.height)) return;
  const stroke: Stroke = { color: theme.muted, width: 1, dash: [2, 3] };
  painter.polyline([box.left, at, right, at], stroke);
  const style: TextStyle = { color: theme.muted, size: 11, align: "right" };
  painter.text(right - BAND_LABEL_GAP, at - 4, label, style);
}

function paintLane(
  painter: Painter,
  lane: Lane,
  box: Box,
  theme: Theme,
  y: (value: number) => number,
): void {
  const [bottom, top] = [y(lane.from), y(lane.to)];
  const right = box.left + box.width;
  painter.polygon([box.left, bottom, right, bottom, right, top, box.left, top], theme.error, 0.08);
  const style: TextStyle = { color: theme.error, size: 11 };
  painter.text(box.left + BAND_LABEL_GAP, (top + bottom) / 2 + 4, lane.label, style);
}
