// Hands a picture to the browser's downloads or to the clipboard.

import type { Theme } from "../base/theme.ts";
import type { Painter } from "../chart/painter.ts";
import { CanvasPainter, SvgPainter } from "../chart/painters.ts";
import { readThemeOf, saveFile } from "../state/host.ts";
import type { Layout, Size } from "./figure.ts";
import {
  DOTS_PER_METRE,
  dotsPerUnit,
  millimetresOf,
  unitsOf,
  type FigureSettings,
} from "./figure_settings.ts";
import { withDensity } from "./png_density.ts";
import { RecoloredPainter } from "./recolored.ts";

export interface Picture {
  title: string;
  /** The colours that it is painted in. */
  theme: Theme;
  /** Lays it out in the wanted size, or in a larger one where it needs that. */
  layout: (wanted: Size, hasTitle: boolean) => Layout;
}

/** A picture in the colours and of the size that were chosen. */
export interface Figure extends Layout {
  background: string;
}

/** Lays a picture out as the settings say. */
export function layoutPicture(picture: Picture, settings: FigureSettings): Figure {
  const layout = picture.layout(unitsOf(settings), settings.hasTitle);
  const theme = readThemeOf(settings.colors);
  const paint = (painter: Painter) =>
    layout.paint(
      theme.isDark === picture.theme.isDark
        ? painter
        : new RecoloredPainter(painter, picture.theme, theme),
    );
  return { ...layout, paint, background: theme.background };
}

export function saveSvg(picture: Picture, settings: FigureSettings): void {
  const figure = layoutPicture(picture, settings);
  const painter = new SvgPainter();
  figure.paint(painter);
  const paper = millimetresOf(figure, settings);
  const text = painter.finish(figure, figure.background, paper);
  const blob = new Blob([text], { type: "image/svg+xml" });
  saveFile(`${fileName(picture.title)}.svg`, blob);
}

export async function savePng(picture: Picture, settings: FigureSettings): Promise<void> {
  saveFile(`${fileName(picture.title)}.png`, await makePng(picture, settings));
}

/**
 * Copies a picture as PNG.
 *
 * @returns What came of it, as a sentence.
 */
export async function copyPng(picture: Picture, settings: FigureSettings): Promise<string> {
  // Only pages from this computer or over https have a clipboard.
  if (!navigator.clipboard || typeof ClipboardItem === "undefined") return NOT_ALLOWED;
  try {
    // Given as a promise: the browser allows copying right after the click alone.
    const item = new ClipboardItem({ "image/png": makePng(picture, settings) });
    await navigator.clipboard.write([item]);
    return "Copied as PNG.";
  } catch {
    return NOT_ALLOWED;
  }
}

const NOT_ALLOWED = "The browser does not allow copying here. Save the PNG instead.";

const TOO_LARGE =
  "The picture is too large for this browser. Make it smaller, or save it as SVG.";

/** Paints a figure on a canvas; a unit of it is `scale` pixels. */
export function paintOn(canvas: HTMLCanvasElement, figure: Figure, scale: number): void {
  canvas.width = Math.max(1, Math.round(figure.width * scale));
  canvas.height = Math.max(1, Math.round(figure.height * scale));
  const context = canvas.getContext("2d")!;
  context.scale(scale, scale);
  context.fillStyle = figure.background;
  context.fillRect(0, 0, figure.width, figure.height);
  figure.paint(new CanvasPainter(context));
}

async function makePng(picture: Picture, settings: FigureSettings): Promise<Blob> {
  const canvas = document.createElement("canvas");
  paintOn(canvas, layoutPicture(picture, settings), dotsPerUnit(settings));
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done));
  if (!blob) throw new Error(TOO_LARGE);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const sized = withDensity(bytes, DOTS_PER_METRE);
  return new Blob([sized as Uint8Array<ArrayBuffer>], { type: "image/png" });
}

/** Makes the name of a file, without its ending, from a title. */
export function fileName(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "_");
}
