// Paints parallel coordinates, on the screen and in files.

import { cutMiddle, visible } from "../base/names.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import type { Painter } from "../chart/painter.ts";
import { TICK_SIZE, labelTicks, placeTicks } from "../data/axis_ticks.ts";
import type { RunSummary } from "../data/records.ts";
import type { Brushes, ParallelAxis } from "./parallel_axes.ts";

export interface ParallelScene {
  axes: readonly ParallelAxis[];
  runs: readonly RunSummary[];
  brushes: Brushes;
  isChosen: (run: RunSummary) => boolean;
  colorOf: (run: RunSummary) => string;
  /** The run that stands out. */
  strong: string | null;
}

export interface Size {
  width: number;
  height: number;
  /** The space above, for a title. */
  top?: number;
}

const TOP = 46;
const BOTTOM = 40;
const LEFT = 56;
const RIGHT = 64;
const TITLE_LETTERS = 16;
const NAME_LETTERS = 9;
const BRUSH_WIDTH = 16;
const TICKS = 5;

/** Finds the x of an axis in pixels. */
export function axisX(i: number, count: number, { width }: Size): number {
  return count < 2 ? LEFT : LEFT + (i * (width - LEFT - RIGHT)) / (count - 1);
}

/** Finds the y of a place on an axis in pixels, and back. */
export function unitY(unit: number, { height, top = 0 }: Size): number {
  return height - BOTTOM - unit * (height - top - TOP - BOTTOM);
}

export function unitAt(y: number, { height, top = 0 }: Size): number {
  return (height - BOTTOM - y) / (height - top - TOP - BOTTOM);
}

/** Computes the corners of a run's line: x, y, x, y, ...; NaN where it has no value. */
export function lineOf(run: RunSummary, axes: readonly ParallelAxis[], size: Size): number[] {
  return axes.flatMap(({ unitOf }, i) => {
    const unit = unitOf(run);
    return [axisX(i, axes.length, size), unit === null ? NaN : unitY(unit, size)];
  });
}

export function paintParallel(
  painter: Painter,
  scene: ParallelScene,
  size: Size,
  theme: Theme,
): void {
  const { axes, runs, strong, isChosen, colorOf } = scene;
  const paint = (run: RunSummary, width: number, alpha: number) => {
    const points = lineOf(run, axes, size);
    painter.polyline(points, { color: colorOf(run), width, alpha });
  };
  for (const run of runs) if (!isChosen(run)) paint(run, 1, 0.15);
  for (const run of runs) if (isChosen(run)) paint(run, 1.5, 0.75);
  const found = runs.find(({ run }) => run === strong);
  if (found) paint(found, 3.5, 1);
  axes.forEach((axis, i) => paintAxis(painter, axis, i, scene, size, theme));
}

function paintAxis(
  painter: Painter,
  axis: ParallelAxis,
  i: number,
  { axes, brushes }: ParallelScene,
  size: Size,
  theme: Theme,
): void {
  const x = axisX(i, axes.length, size);
  const label = { color: theme.text, size: TICK_SIZE };
  painter.polyline([x, unitY(0, size), x, unitY(1, size)], { color: theme.axis, width: 1.5 });
  const { ticks, labels } = ticksOf(axis);
  ticks.forEach((tick, at) => {
    const y = unitY(toUnit(axis.scale, tick), size);
    painter.polyline([x - 4, y, x, y], { color: theme.axis, width: 1 });
    painter.text(x + 5, y + 4, labels[at], label);
  });
  const title = cutMiddle(axis.title, TITLE_LETTERS);
  painter.text(x, 16 + (size.top ?? 0), title, { ...label, align: "center", bold: true });
  if (Object.hasOwn(brushes, axis.key)) {
    const [low, high] = brushes[axis.key].map((unit) => unitY(unit, size));
    const [left, right] = [x - BRUSH_WIDTH / 2, x + BRUSH_WIDTH / 2];
    painter.polygon([left, low, right, low, right, high, left, high], theme.text, 0.2);
  }
}

function ticksOf({ scale, names }: ParallelAxis) {
  if (names) {
    const labels = names.map((name) => cutMiddle(visible(name), NAME_LETTERS));
    return { ticks: names.map((_, i) => i), labels };
  }
  const ticks = placeTicks(scale, "value", TICKS);
  return { ticks, labels: labelTicks(ticks, "value") };
}
