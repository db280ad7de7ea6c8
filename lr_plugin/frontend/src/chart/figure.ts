// A chart as a picture of its own, with axes, title and legend: what PNG and SVG hold.

import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { labelTicks, placeTicks } from "../data/axis_ticks.ts";
import { paintScene } from "./paint.ts";
import type { Box, Painter } from "./painter.ts";
import type { Scene } from "./scene.ts";

interface FigureSize {
  width: number;
  height: number;
}

const LEFT = 72;
const RIGHT = 24;
const TOP = 40;
const BOTTOM = 48;
const LEGEND_ROW = 18;
const LEGEND_CELL = 220;
const MAX_LEGEND_ROWS = 12;
const TEXT_SIZE = 11;

/** Computes how large a figure is whose curves get the space `plot`. */
export function figureSize(scene: Scene, plot: FigureSize): FigureSize {
  const width = plot.width + LEFT + RIGHT;
  const rows = Math.ceil(legendOf(scene).length / legendColumns(width));
  const legendRows = Math.min(rows, MAX_LEGEND_ROWS);
  return { width, height: plot.height + TOP + BOTTOM + legendRows * LEGEND_ROW };
}

/** Paints the scene with its title, its axes and its legend. */
export function paintFigure(
  painter: Painter,
  scene: Scene,
  plot: FigureSize,
  theme: Theme,
): void {
  const box: Box = { left: LEFT, top: TOP, ...plot };
  const { width } = figureSize(scene, plot);
  painter.text(LEFT, 22, scene.title, { color: theme.text, size: 14, bold: true });
  paintAxes(painter, scene, box, theme);
  paintScene(painter, scene, box, theme);
  paintLegend(painter, scene, box.top + box.height + BOTTOM, width, theme);
}

function paintAxes(painter: Painter, scene: Scene, box: Box, theme: Theme): void {
  const bottom = box.top + box.height;
  const grid = { color: theme.grid, width: 1 };
  const label = { color: theme.muted, size: TEXT_SIZE };
  const xTicks = placeTicks(scene.x, scene.xUnit, box.width / 90);
  labelTicks(xTicks, scene.xUnit).forEach((text, i) => {
    const at = box.left + box.width * toUnit(scene.x, xTicks[i]);
    painter.polyline([at, box.top, at, bottom], grid);
    painter.text(at, bottom + 16, text, { ...label, align: "center" });
  });
  const yTicks = placeTicks(scene.y, "value", box.height / 40);
  labelTicks(yTicks, "value").forEach((text, i) => {
    const at = bottom - box.height * toUnit(scene.y, yTicks[i]);
    painter.polyline([box.left, at, box.left + box.width, at], grid);
    painter.text(box.left - 8, at + 4, text, { ...label, align: "right" });
  });
  const corner = [box.left, box.top, box.left, bottom, box.left + box.width, bottom];
  painter.polyline(corner, { color: theme.axis, width: 1 });
  painter.text(box.left + box.width / 2, bottom + 34, scene.xLabel, {
    ...label,
    align: "center",
  });
  painter.text(8, box.top - 6, scene.yLabel, label);
}

function paintLegend(
  painter: Painter,
  scene: Scene,
  top: number,
  width: number,
  theme: Theme,
): void {
  const columns = legendColumns(width);
  const entries = legendOf(scene).slice(0, columns * MAX_LEGEND_ROWS);
  entries.forEach(({ label, color }, i) => {
    const x = LEFT + (i % columns) * LEGEND_CELL;
    const y = top + Math.floor(i / columns) * LEGEND_ROW;
    painter.polyline([x, y, x + 16, y], { color, width: 3 });
    const shown =
      label.length > 32 ? `${label.slice(0, 15)}…${label.slice(-16)}` : label;
    painter.text(x + 22, y + 4, shown, { color: theme.text, size: TEXT_SIZE });
  });
}

function legendOf(scene: Scene): { label: string; color: string }[] {
  const entries = new Map<string, string>();
  for (const { label, color, weight } of scene.curves) {
    if (weight !== "faint") entries.set(label, color);
  }
  return [...entries].map(([label, color]) => ({ label, color }));
}

function legendColumns(width: number): number {
  return Math.max(1, Math.floor((width - LEFT) / LEGEND_CELL));
}
