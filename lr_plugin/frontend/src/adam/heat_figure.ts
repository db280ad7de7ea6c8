// A heat map of layers as a picture of its own, with titles and steps.

import { timeColor } from "../base/colors.ts";
import { formatCount, formatNumber } from "../base/format.ts";
import { cutMiddle } from "../base/names.ts";
import type { Range } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import type { Painter, TextStyle } from "../chart/painter.ts";
import type { LayerSamples } from "../data/records.ts";
import type { Picture } from "../picture/save_picture.ts";

const PLOT_WIDTH = 760;
const ROW_HEIGHT = 16;
const LEFT = 240;
// As many as fit before the plot.
const LAYER_LETTERS = 34;
const TOP = 56;
const MARGIN = 24;

/**
 * Describes the picture that is saved of a heat map.
 *
 * @param range The lowest and the highest value, both above 0.
 */
export function heatPicture(
  title: string,
  samples: LayerSamples,
  values: readonly (readonly number[])[],
  range: Range,
  theme: Theme,
): Picture {
  const height = TOP + samples.layers.length * ROW_HEIGHT + 2 * MARGIN;
  return {
    title,
    width: LEFT + PLOT_WIDTH + MARGIN,
    height,
    paint: (painter) => paint(painter, title, samples, values, range, theme),
  };
}

/** Finds the colour of a value; null for one that is not above 0 or not finite. */
export function heatColor(value: number, [low, high]: Range): string | null {
  if (!(value > 0 && value < Infinity)) return null;
  const decades = Math.log10(high / low) || 1;
  return timeColor(Math.log10(value / low) / decades);
}

function paint(
  painter: Painter,
  title: string,
  { layers, steps }: LayerSamples,
  values: readonly (readonly number[])[],
  range: Range,
  theme: Theme,
): void {
  const label: TextStyle = { color: theme.muted, size: 11 };
  const [low, high] = range.map((value) => formatNumber(value, 2));
  painter.text(MARGIN, 24, title, { color: theme.text, size: 14, bold: true });
  painter.text(MARGIN, 42, `From ${low} (dark) to ${high} (light).`, label);
  layers.forEach((layer, row) => {
    const middle = TOP + (row + 0.7) * ROW_HEIGHT;
    const name = cutMiddle(layer, LAYER_LETTERS);
    painter.text(LEFT - 8, middle, name, { ...label, align: "right" });
  });
  const width = PLOT_WIDTH / steps.length;
  values.forEach((sample, column) =>
    sample.forEach((value, row) => {
      const color = heatColor(value, range);
      if (!color) return;
      const [x, y] = [LEFT + column * width, TOP + row * ROW_HEIGHT];
      const [right, bottom] = [x + width, y + ROW_HEIGHT];
      painter.polygon([x, y, right, y, right, bottom, x, bottom], color, 1);
    }),
  );
  const bottom = TOP + layers.length * ROW_HEIGHT + 18;
  painter.text(LEFT, bottom, `step ${formatCount(steps[0])}`, label);
  painter.text(LEFT + PLOT_WIDTH, bottom, formatCount(steps[steps.length - 1]), {
    ...label,
    align: "right",
  });
}
