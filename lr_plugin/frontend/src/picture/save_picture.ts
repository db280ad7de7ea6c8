// Hands a picture to the browser's downloads, as PNG or as SVG.

import type { Theme } from "../base/theme.ts";
import type { Painter } from "../chart/painter.ts";
import { CanvasPainter, SvgPainter } from "../chart/painters.ts";
import { saveFile } from "../state/host.ts";

export interface Picture {
  title: string;
  width: number;
  height: number;
  paint: (painter: Painter) => void;
}

// Sharp enough to be printed.
const PIXELS_PER_UNIT = 2;

export function saveSvg({ title, width, height, paint }: Picture, theme: Theme): void {
  const painter = new SvgPainter();
  paint(painter);
  const text = painter.finish(width, height, theme.background);
  saveFile(`${fileName(title)}.svg`, new Blob([text], { type: "image/svg+xml" }));
}

export function savePng({ title, width, height, paint }: Picture, theme: Theme): void {
  const canvas = document.createElement("canvas");
  canvas.width = width * PIXELS_PER_UNIT;
  canvas.height = height * PIXELS_PER_UNIT;
  const context = canvas.getContext("2d")!;
  context.scale(PIXELS_PER_UNIT, PIXELS_PER_UNIT);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, width, height);
  paint(new CanvasPainter(context));
  canvas.toBlob((blob) => blob && saveFile(`${fileName(title)}.png`, blob));
}

function fileName(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}
