// Which part of its axes a chart shows, and which part a gesture asks for.

import { fromUnit, panBy, toLinear, zoomAround, type Range, type Scale } from "../base/scale.ts";

/**
 * A part of each axis: null asks for all that there is, and an axis that is missing
 * stays as it is.
 */
export interface Zoom {
  x?: Range | null;
  y?: Range | null;
}

export interface Axes {
  x: Scale;
  y: Scale;
}

interface Size {
  width: number;
  height: number;
}

interface Selection extends Size {
  left: number;
  top: number;
}

// In pixels. A hand that moves along one axis moves a little along the other, too.
const UNINTENDED = 24;
// Numbers closer to each other cannot be told apart by an axis.
const NARROWEST = 1e-9;

/** Finds the parts of the axes that a rectangle covers; one as long as an axis is none. */
export function selectedZoom({ x, y }: Axes, plot: Size, selection: Selection): Zoom {
  const { left, top, width, height } = selection;
  const zoom: Zoom = {};
  if (width < plot.width) {
    zoom.x = [fromUnit(x, left / plot.width), fromUnit(x, (left + width) / plot.width)];
  }
  if (height < plot.height) {
    const at = (pixel: number) => fromUnit(y, 1 - pixel / plot.height);
    zoom.y = [at(top + height), at(top)];
  }
  return zoom;
}

/** Moves the axes as if the picture were dragged by so many pixels. */
export function draggedZoom({ x, y }: Axes, plot: Size, across: number, down: number): Zoom {
  const [dx, dy] = [Math.abs(across), Math.abs(down)];
  const zoom: Zoom = {};
  if (dx > 0 && (dx >= UNINTENDED || dx >= dy)) zoom.x = panBy(x, -across / plot.width);
  if (dy > 0 && (dy >= UNINTENDED || dy > dx)) zoom.y = panBy(y, down / plot.height);
  return zoom;
}

/** Enlarges one axis around a value (factor < 1), or shrinks it (factor > 1). */
export function wheelZoom(
  axes: Axes,
  side: "x" | "y",
  value: number,
  factor: number,
): Zoom {
  return { [side]: zoomAround(axes[side], value, factor) };
}

/** Shows a part of an axis; all of it where it could not show that part. */
export function zoomScale(scale: Scale, range: Range | null | undefined): Scale {
  if (!range || !canShow(scale, range)) return scale;
  return { kind: scale.kind, min: range[0], max: range[1] };
}

function canShow(scale: Scale, [min, max]: Range): boolean {
  if (scale.kind === "log" && !(min > 0)) return false;
  const [low, high] = [toLinear(scale, min), toLinear(scale, max)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  return Number.isFinite(high - low) && high - low > NARROWEST * size;
}
