// A chart as a picture of its own, with axes, title and legend: what PNG and SVG hold.

import { cutSentence } from "../base/axis_cut.ts";
import { ShortNames } from "../base/names.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { paintScene } from "../chart/paint.ts";
import type { Box, Painter, TextStyle } from "../chart/painter.ts";
import { valueTicks } from "../chart/plot_axis.ts";
import type { Curve, Scene } from "../chart/scene.ts";
import { TICK_SIZE, tickWidth, ticksWithRoom } from "../data/axis_ticks.ts";

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
// Of letters, as many as fit into a cell.
const LEGEND_LETTERS = 30;

/** Computes how large a figure is whose curves get the space `plot`. */
export function figureSize(scene: Scene, plot: FigureSize): FigureSize {
  const width = leftOf(scene, plot) + plot.width + rightOf(scene, plot);
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
  const box: Box = { left: leftOf(scene, plot), top: TOP, ...plot };
  const { width } = figureSize(scene, plot);
  painter.text(LEFT, 22, scene.title, { color: theme.text, size: 14, bold: true });
  const note = (scene.cuts ?? []).map(cutSentence).join(" ");
  if (note) {
    const style: TextStyle = { color: theme.muted, size: TICK_SIZE, align: "right" };
    painter.text(box.left + box.width, 22, note, style);
  }
  paintAxes(painter, scene, box, theme);
  paintScene(painter, scene, box, theme);
  paintLegend(painter, scene, box.top + box.height + BOTTOM, width, theme);
}

// Both ends have room for their numbers, however long these are.
function leftOf(scene: Scene, plot: FigureSize): number {
  return Math.max(
    LEFT,
    16 + Math.max(0, ...yTicksOf(scene, plot).labels.map(tickWidth)),
  );
}

function rightOf(scene: Scene, plot: FigureSize): number {
  return Math.max(RIGHT, 4 + tickWidth(xTicksOf(scene, plot).labels.at(-1) ?? "") / 2);
}

function xTicksOf(scene: Scene, { width }: FigureSize) {
  return ticksWithRoom(scene.x, scene.xUnit, width, 90, scene.xNames);
}

function yTicksOf(scene: Scene, { height }: FigureSize) {
  return valueTicks(scene, height / 40);
}

function paintAxes(painter: Painter, scene: Scene, box: Box, theme: Theme): void {
  const bottom = box.top + box.height;
  const grid = { color: theme.grid, width: 1 };
  const label = { color: theme.muted, size: TICK_SIZE };
  const xTicks = xTicksOf(scene, box);
  xTicks.labels.forEach((text, i) => {
    const at = box.left + box.width * toUnit(scene.x, xTicks.ticks[i]);
    painter.polyline([at, box.top, at, bottom], grid);
    painter.text(at, bottom + 16, text, { ...label, align: "center" });
  });
  const yTicks = yTicksOf(scene, box);
  yTicks.labels.forEach((text, i) => {
    const at = bottom - box.height * toUnit(scene.y, yTicks.ticks[i]);
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
  const all = legendOf(scene);
  const names = new ShortNames(all.map(({ label }) => label));
  const entries = all.slice(0, columns * MAX_LEGEND_ROWS);
  entries.forEach(({ label, color, dashed, dash: own }, i) => {
    const x = LEFT + (i % columns) * LEGEND_CELL;
    const y = top + Math.floor(i / columns) * LEGEND_ROW;
    const dash = dashed ? [4, 2] : own;
    painter.polyline([x, y, x + 16, y], { color, width: 3, dash });
    const shown = names.short(label, LEGEND_LETTERS);
    painter.text(x + 22, y + 4, shown, { color: theme.text, size: TICK_SIZE });
  });
}

function legendOf(scene: Scene): Pick<Curve, "label" | "color" | "dashed" | "dash">[] {
  const entries = new Map<string, Curve>();
  for (const curve of scene.curves) {
    if (curve.weight !== "faint") entries.set(curve.label, curve);
  }
  return [...entries.values()];
}

function legendColumns(width: number): number {
  return Math.max(1, Math.floor((width - LEFT) / LEGEND_CELL));
}
