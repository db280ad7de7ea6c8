// Paints cells of colour, as those of a heat map.

import { timeColor } from "../base/colors.ts";
import { formatNumber } from "../base/format.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { scaleTicks } from "../base/ticks.ts";
import type { Box, Painter } from "./painter.ts";
import type { BarTick, Cells, ColorBar } from "./scene.ts";

// More colours no eye tells apart; with fewer, neighbours of one colour are one field. An
// odd number, so that the middle of a scale has the colour of the middle.
const NUM_COLORS = 65;
// Under the next cell, so that no light comes through between two.
const OVERLAP = 0.5;
const TICKS = 5;
// Between two ticks of a bar, as a share of it.
const LEAST_GAP = 0.12;

/** Finds the colour of a value; null for one that the scale has no place for. */
export function cellColor(value: number, bar: ColorBar): string | null {
  const { scale, colorOf = timeColor } = bar;
  const share = toUnit(scale, value);
  if (!Number.isFinite(share)) return null;
  const inside = Math.min(1, Math.max(0, share));
  return colorOf(Math.round(inside * (NUM_COLORS - 1)) / (NUM_COLORS - 1));
}

/** Lists what stands at a colour bar, from its low end to its high one. */
export function barTicks(bar: ColorBar): readonly BarTick[] {
  const { scale, isCut, guide } = bar;
  if (bar.ticks) return bar.ticks;
  const ticks = scaleTicks(scale, TICKS).map((value) => tickAt(value));
  const found = [
    ...(guide !== null && guide > scale.min && guide < scale.max ? [tickAt(guide)] : []),
    ...(isCut.low ? [tickAt(scale.min, "≤ ")] : []),
    ...(isCut.high ? [tickAt(scale.max, "≥ ")] : []),
  ];
  for (const tick of ticks) {
    const hasRoom = found.every(({ share }) => Math.abs(share - tick.share) > LEAST_GAP);
    if (hasRoom) found.push(tick);
  }
  return found.sort((a, b) => a.share - b.share);

  function tickAt(value: number, before = ""): BarTick {
    const label = before + formatNumber(value, 2);
    return { share: toUnit(scale, value), label, isGuide: value === guide };
  }
}

/** Paints the cells inside the axes. */
export function paintCells(
  painter: Painter,
  { edges, rows, columns = [], ground }: Cells,
  box: Box,
  x: (value: number) => number,
  y: (value: number) => number,
): void {
  const right = box.left + box.width;
  // On whole pixels, so that cells are as sharp as they can be.
  const place = (value: number) =>
    Math.round(Math.min(right, Math.max(box.left, x(value))));
  const places = Array.from(edges, place);
  rows.forEach(({ colors }, row) => {
    const [top, bottom] = [Math.round(y(0.5 - row)), Math.round(y(-0.5 - row))];
    for (let first = 0; first < colors.length; ) {
      const color = colors[first];
      let next = first + 1;
      while (next < colors.length && colors[next] === color) next++;
      const [from, to] = [places[first], places[next]];
      if (color !== null && from < to) {
        const [over, under] = [to + OVERLAP, bottom + OVERLAP];
        painter.polygon([from, top, over, top, over, under, from, under], color, 1);
      }
      first = next;
    }
  });
  const bottom = box.top + box.height;
  const height = (value: number) =>
    Math.round(Math.min(bottom, Math.max(box.top, y(value))));
  if (ground && columns.length > 0) {
    // All at once: between two columns, its colour would come through.
    const [from, to] = [places[0], places[columns.length]];
    const corners = [from, box.top, to, box.top, to, bottom, from, bottom];
    painter.polygon(corners, ground, 1);
  }
  columns.forEach((column, i) => {
    const [from, to] = [places[i], places[i + 1] + OVERLAP];
    if (!(places[i] < places[i + 1])) return;
    const heights = Array.from(column.edges, height);
    column.colors.forEach((color, row) => {
      const [low, high] = [heights[row], heights[row + 1] - OVERLAP];
      if (color === null || !(high < low)) return;
      painter.polygon([from, high, to, high, to, low, from, low], color, 1);
    });
  });
}

/** Frames the row of one run. */
export function paintFrame(
  painter: Painter,
  { rows }: Cells,
  only: string,
  box: Box,
  theme: Theme,
  y: (value: number) => number,
): void {
  const row = rows.findIndex(({ run }) => run === only);
  if (row < 0) return;
  const [top, bottom] = [Math.round(y(0.5 - row)), Math.round(y(-0.5 - row))];
  const [left, right] = [box.left, box.left + box.width];
  const frame = [left, top, right, top, right, bottom, left, bottom, left, top];
  painter.polyline(frame, { color: theme.background, width: 3 });
  painter.polyline(frame, { color: theme.text, width: 1.5 });
}
