// The legend of a figure: all that is drawn, in as many columns as have room.

import { ShortNames, visible } from "../base/names.ts";
import type { Theme } from "../base/theme.ts";
import type { Painter } from "../chart/painter.ts";
import { TICK_SIZE, tickWidth } from "../data/axis_ticks.ts";

export interface LegendEntry {
  label: string;
  color: string;
  dash?: readonly number[];
  width: number;
}

interface Legend {
  entries: readonly LegendEntry[];
  numColumns: number;
  cell: number;
  height: number;
}

const ROW = 15;
const MOST_LETTERS = 30;
const SAMPLE = 16;
const GAP = 6;
const BETWEEN = 16;

/** Lays out all entries, with their names in full where these are not long. */
export function layoutLegend(entries: readonly LegendEntry[], width: number): Legend {
  const names = new ShortNames(entries.map(({ label }) => label));
  const shown = entries.map((entry) => ({
    ...entry,
    label:
      entry.label.length <= MOST_LETTERS
        ? visible(entry.label)
        : names.short(entry.label, MOST_LETTERS),
  }));
  const longest = Math.max(0, ...shown.map(({ label }) => tickWidth(label)));
  const cell = SAMPLE + GAP + longest + BETWEEN;
  const numColumns = Math.max(1, Math.floor((width + BETWEEN) / cell));
  const height = Math.ceil(shown.length / numColumns) * ROW;
  return { entries: shown, numColumns, cell, height };
}

export function paintLegend(
  painter: Painter,
  { entries, numColumns, cell }: Legend,
  { left, top }: { left: number; top: number },
  theme: Theme,
): void {
  entries.forEach(({ label, color, dash, width }, i) => {
    const x = left + (i % numColumns) * cell;
    const y = top + (Math.floor(i / numColumns) + 0.5) * ROW;
    painter.polyline([x, y, x + SAMPLE, y], { color, width, dash });
    const style = { color: theme.text, size: TICK_SIZE };
    painter.text(x + SAMPLE + GAP, y + 4, label, style);
  });
}
