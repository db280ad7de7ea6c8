// An axis as uPlot wants it, with our own ticks.

import type uPlot from "uplot";

import { toLinear } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { labelTicks, placeTicks } from "../data/axis_ticks.ts";
import { FONT_FAMILY } from "./painters.ts";
import type { Scene } from "./scene.ts";

const Y_AXIS_WIDTH = 68;
const X_AXIS_HEIGHT = 30;
// Pixels for each tick and its text.
const ROOM = { x: 90, y: 36 };

/**
 * Describes an axis to uPlot.
 *
 * @param scene Returns the scene at the moment of drawing: one chart shows many in its
 *   life.
 * @param theme Returns the colours at that moment.
 */
export function createAxis(
  side: "x" | "y",
  scene: () => Scene,
  theme: () => Theme,
): uPlot.Axis {
  const isX = side === "x";
  const unit = () => (isX ? scene().xUnit : "value");
  const ticks = (plot: uPlot) => {
    const length = plot.bbox[isX ? "width" : "height"] / devicePixelRatio;
    return placeTicks(scene()[side], unit(), length / ROOM[side]);
  };
  return {
    stroke: () => theme().muted,
    font: `11px ${FONT_FAMILY}`,
    grid: { stroke: () => theme().grid, width: 1 },
    ticks: { stroke: () => theme().grid, width: 1, size: 4 },
    size: isX ? X_AXIS_HEIGHT : Y_AXIS_WIDTH,
    // uPlot has a linear axis in any case; see `scale.ts`.
    splits: (plot) => ticks(plot).map((tick) => toLinear(scene()[side], tick)),
    values: (plot) => labelTicks(ticks(plot), unit()),
  };
}
