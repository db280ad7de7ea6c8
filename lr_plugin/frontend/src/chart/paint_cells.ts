// Paints cells of colour, as those of a heat map.

import { timeColor } from "../base/colors.ts";
import { formatNumber } from "../base/format.ts";
import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { scaleTicks } from "../base/ticks.ts";
import type { Box, Painter } from "./painter.ts";
import type { Cells, ColorBar } from "./scene.ts";

// More colours no eye tells apart; with fewer, neighbours of one colour are one field.
const NUM_COLORS = 64;
// Under the next cell, so that no light comes through between two.
const OVERLAP = 0.5;
const TICKS = 5;
// Between two ticks of a bar, as a share of it.
const LEAST_GAP = 0.12;

/** A place on a colour bar, from 0 to 1, and what stands there. */
export interface BarTick {
  share: number;
  label: string;
  isGuide: boolean;
}

/** Finds the colour of a value; null for one that the scale has no place for. */
export function cellColor(value: number, { scale }: ColorBar): string | null {
  const share = toUnit(scale, value);
  if (!Number.isFinite(share)) return null;
  const inside = Math.min(1, Math.max(0, share));
  return timeColor(Math.round(inside * (NUM_COLORS - 1)) / (NUM_COLORS - 1));
}

/** Lists what stands at a colour bar, from its low end to its high one. */
export function barTicks({ scale, isCut, guide }: ColorBar): BarTick[] {
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
  { edges, rows }: Cells,
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
