// A chart as a picture of its own, with axes, title and legend: what PNG and SVG hold.

import { cutSentence } from "../base/axis_cut.ts";
import { timeColor } from "../base/colors.ts";
import { plural } from "../base/format.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { paintScene, showsQuietMarks } from "../chart/paint.ts";
import { barTicks } from "../chart/paint_cells.ts";
import type { Box, Painter, TextStyle } from "../chart/painter.ts";
import { valueTicks } from "../chart/plot_axis.ts";
import type { ColorBar, Scene } from "../chart/scene.ts";
import { TICK_SIZE, tickWidth, ticksWithRoom } from "../data/axis_ticks.ts";
import { placeLabels } from "./event_labels.ts";
import { layoutLegend, paintLegend, type LegendEntry } from "./figure_legend.ts";

export interface Size {
  width: number;
  height: number;
}

export interface FigureOptions {
  hasTitle: boolean;
  /** The run that is brought out on the page; null shows all alike. */
  focus: string | null;
}

/** A picture that knows how large it is. */
export interface Layout extends Size {
  paint: (painter: Painter) => void;
}

const LEFT = 60;
const RIGHT = 24;
const MARGIN = 8;
const TITLE = 24;
const LABEL_ROW = 14;
const X_AXIS = 42;
const BAR = 32;
const BAR_WIDTH = 260;
const RAMP = 10;
const BAR_STEPS = 52;
const NOTE_ROW = 15;
// Of the space for the curves: what they need, and their share of the wanted height.
const LEAST_HEIGHT = 110;
const LEAST_SHARE = 0.5;
// Of a row of cells that has its name beside it.
const CELL_HEIGHT = 14;
const MOST_HEIGHT = 840;
// As the style sheet fades the runs that are not brought out.
const FADED = 0.25;

/**
 * Lays a figure out. All lengths are in units of which the letters at the axes are 11
 * high. Where the legend leaves the curves too little, the figure is higher than wanted.
 */
export function layoutFigure(
  scene: Scene,
  theme: Theme,
  wanted: Size,
  { hasTitle, focus }: FigureOptions,
): Layout {
  const { width } = wanted;
  const left = leftOf(scene, wanted.height / 2);
  const room = { left, right: width - rightOf(scene, width - left) };
  const plotWidth = Math.max(1, room.right - room.left);
  const x = (value: number) => room.left + plotWidth * toUnit(scene.x, value);
  const hasRuns = new Set(scene.curves.map(({ run }) => run)).size > 1;
  const events = placeLabels(scene.marks, { xOf: x, ...room, hasRuns });
  const legend = layoutLegend(legendOf(scene, plotWidth, x), width - 2 * MARGIN);
  const notes = notesOf(scene, events.numLeftOut).flatMap((note) =>
    wrap(note, width - 2 * MARGIN),
  );
  const top =
    MARGIN + (hasTitle ? TITLE : 0) + LABEL_ROW * (1 + events.numRows) + MARGIN / 2;
  // Half a row is empty between the legend and the notes.
  const noteRows = notes.length && notes.length + 0.5;
  const below =
    X_AXIS + (scene.cells ? BAR : 0) + legend.height + NOTE_ROW * noteRows + MARGIN;
  const least = Math.max(leastHeight(scene), LEAST_SHARE * wanted.height);
  const plotHeight = Math.max(least, wanted.height - top - below);
  const box: Box = { left: room.left, top, width: plotWidth, height: plotHeight };
  return {
    width,
    height: top + plotHeight + below,
    paint(painter) {
      if (hasTitle) {
        const style = { color: theme.text, size: 14, bold: true };
        painter.text(MARGIN, MARGIN + 14, scene.title, style);
      }
      paintAxes(painter, scene, box, theme);
      paintCurves(painter, scene, box, theme, focus);
      const label: TextStyle = { color: theme.muted, size: TICK_SIZE };
      const firstRow = MARGIN + (hasTitle ? TITLE : 0) + LABEL_ROW - 3;
      painter.text(MARGIN, firstRow, scene.yLabel, label);
      for (const { text, at, x: beside, align, row } of events.labels) {
        const y = firstRow + (row + 1) * LABEL_ROW;
        painter.text(beside, y, text, { ...label, color: theme.text, align });
        // The line of the event goes on up to its label.
        const line = [at, y - TICK_SIZE + 2, at, box.top];
        painter.polyline(line, { color: theme.text, width: 1, alpha: 0.7, dash: [4, 3] });
      }
      let y = box.top + box.height + X_AXIS;
      if (scene.cells) {
        paintBar(painter, scene.cells.bar, box, y, theme);
        y += BAR;
      }
      paintLegend(painter, legend, { left: MARGIN, top: y }, theme);
      y += legend.height;
      notes.forEach((note, i) =>
        painter.text(MARGIN, y + (i + 1.2) * NOTE_ROW, note, label),
      );
    },
  };
}

function leastHeight({ cells }: Scene): number {
  if (!cells) return LEAST_HEIGHT;
  const height = Math.min(MOST_HEIGHT, CELL_HEIGHT * cells.rows.length);
  return cells.columns ? Math.max(LEAST_HEIGHT, height) : height;
}

function paintCurves(
  painter: Painter,
  scene: Scene,
  box: Box,
  theme: Theme,
  focus: string | null,
): void {
  const isOut = focus !== null && scene.curves.some(({ run }) => run === focus);
  if (!isOut || scene.cells) return paintScene(painter, scene, box, theme);
  painter.faded(FADED, () => paintScene(painter, scene, box, theme));
  paintScene(painter, scene, box, theme, focus);
}

// Both ends have room for their numbers, however long these are.
function leftOf(scene: Scene, height: number): number {
  const { labels } = valueTicks(scene, height / 40);
  return Math.max(LEFT, 16 + Math.max(0, ...labels.map(tickWidth)));
}

function rightOf(scene: Scene, width: number): number {
  return Math.max(RIGHT, 4 + tickWidth(xTicksOf(scene, width).labels.at(-1) ?? "") / 2);
}

function xTicksOf(scene: Scene, width: number) {
  return ticksWithRoom(scene.x, scene.xUnit, width, 90, scene.xNames);
}

function paintAxes(painter: Painter, scene: Scene, box: Box, theme: Theme): void {
  const bottom = box.top + box.height;
  const grid = { color: theme.grid, width: 1 };
  const label = { color: theme.muted, size: TICK_SIZE };
  const xTicks = xTicksOf(scene, box.width);
  xTicks.labels.forEach((text, i) => {
    const at = box.left + box.width * toUnit(scene.x, xTicks.ticks[i]);
    painter.polyline([at, box.top, at, bottom], grid);
    painter.text(at, bottom + 16, text, { ...label, align: "center" });
  });
  const yTicks = valueTicks(scene, box.height / 40);
  yTicks.labels.forEach((text, i) => {
    const at = bottom - box.height * toUnit(scene.y, yTicks.ticks[i]);
    painter.polyline([box.left, at, box.left + box.width, at], grid);
    painter.text(box.left - 8, at + 4, text, { ...label, align: "right" });
  });
  const corner = [box.left, box.top, box.left, bottom, box.left + box.width, bottom];
  painter.polyline(corner, { color: theme.axis, width: 1 });
  painter.text(box.left + box.width / 2, bottom + 33, scene.xLabel, {
    ...label,
    align: "center",
  });
}

function paintBar(
  painter: Painter,
  bar: ColorBar,
  box: Box,
  top: number,
  theme: Theme,
): void {
  const style: TextStyle = { color: theme.muted, size: TICK_SIZE };
  painter.text(MARGIN, top + RAMP - 1, bar.label, style);
  const left = Math.max(box.left, 2 * MARGIN + tickWidth(bar.label));
  const width = Math.max(1, Math.min(BAR_WIDTH, box.left + box.width - left));
  const bottom = top + RAMP;
  for (let i = 0; i < BAR_STEPS; i++) {
    const from = left + (width * i) / BAR_STEPS;
    // Under the next one, so that no light comes through.
    const to = Math.min(left + width, left + (width * (i + 1.5)) / BAR_STEPS);
    const corners = [from, top, to, top, to, bottom, from, bottom];
    const color = (bar.colorOf ?? timeColor)(i / (BAR_STEPS - 1));
    painter.polygon(corners, color, 1);
  }
  for (const { share, label, isGuide } of barTicks(bar)) {
    const at = left + share * width;
    const color = isGuide ? theme.text : theme.muted;
    if (isGuide) painter.polyline([at, top - 2, at, bottom + 2], { color, width: 2 });
    painter.text(at, bottom + 13, label, { ...style, color, align: "center" });
  }
}

function legendOf(
  scene: Scene,
  plotWidth: number,
  x: (value: number) => number,
): LegendEntry[] {
  const entries = new Map<string, LegendEntry>();
  for (const { label, color, dashed, dash, weight } of scene.curves) {
    if (weight === "faint" || weight === "unseen") continue;
    entries.set(label, { label, color, dash: dashed ? [4, 2] : dash, width: 3 });
  }
  if (showsQuietMarks(scene.marks, plotWidth, x)) {
    for (const { label, color, quiet } of scene.marks) {
      if (quiet && label) entries.set(label, { label, color, dash: [1, 3], width: 1 });
    }
  }
  return [...entries.values()];
}

function notesOf({ cuts }: Scene, numLeftOut: number): string[] {
  return [
    ...(cuts ?? []).map(cutSentence),
    ...(numLeftOut > 0
      ? [`${plural(numLeftOut, "event")} ${numLeftOut === 1 ? "has" : "have"} no room for a label.`]
      : []),
  ];
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (tickWidth(longer) > width && lines[lines.length - 1]) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
