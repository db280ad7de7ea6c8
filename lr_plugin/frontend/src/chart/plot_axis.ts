// An axis as uPlot wants it, with our own ticks.

import type uPlot from "uplot";

import { toLinear } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import {
  TICK_SIZE,
  labelTicks,
  placeTicks,
  tickWidth,
  ticksWithRoom,
} from "../data/axis_ticks.ts";
import { FONT_FAMILY } from "./painters.ts";
import type { Scene } from "./scene.ts";

// The charts of one view have the same width where their numbers allow it.
const Y_AXIS_WIDTH = 68;
const X_AXIS_HEIGHT = 30;
// From the number to the curves.
const Y_GAP = 16;
// Pixels for each tick and its text.
const ROOM = { x: 90, y: 36 };
// So many names have room where one tick with a number has.
const NAMES_PER_TICK = 3;
const RIGHT_PADDING = 30;
const MOST_MORE = 6;
// At the y axis of a chart of usual height.
const USUAL_TICKS = 7;

/**
 * Computes the space to the right of the curves: half of the last tick's text is there.
 */
export function rightPadding(scene: Scene, width: number): number {
  const { labels } = ticksWithRoom(scene.x, scene.xUnit, width, ROOM.x, scene.xNames);
  return Math.max(RIGHT_PADDING, tickWidth(labels.at(-1) ?? "") / 2 + 2);
}

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
  const ticks = (plot: uPlot) => {
    const length = plot.bbox[isX ? "width" : "height"] / devicePixelRatio;
    const shown = scene();
    return isX
      ? ticksWithRoom(shown.x, shown.xUnit, length, ROOM.x, shown.xNames)
      : valueTicks(shown, length / ROOM.y);
  };
  return {
    stroke: () => theme().muted,
    font: `${TICK_SIZE}px ${FONT_FAMILY}`,
    grid: { stroke: () => theme().grid, width: 1 },
    ticks: { stroke: () => theme().grid, width: 1, size: 4 },
    size: (_, labels) =>
      isX ? X_AXIS_HEIGHT : Math.max(yAxisWidth(labels ?? []), scene().yRoom ?? 0),
    // uPlot has a linear axis in any case; see `scale.ts`.
    splits: (plot) => ticks(plot).ticks.map((tick) => toLinear(scene()[side], tick)),
    values: (plot) => ticks(plot).labels,
  };
}

/** Computes the space that names at the y axis need. */
export function roomForNames(names: readonly string[]): number {
  return yAxisWidth(names);
}

/** Computes the space that the numbers at the y axes of several charts need. */
export function roomForValues(scenes: readonly Scene[]): number {
  const labels = scenes.flatMap((scene) => valueTicks(scene, USUAL_TICKS).labels);
  return yAxisWidth(labels);
}

/** Places ticks on the y axis, where it has values, or names. */
export function valueTicks({ y, yNames, lane }: Scene, count: number) {
  if (yNames) {
    // Where there is no room for all of them, every second has one, every third, ...
    const every = Math.max(1, Math.ceil(yNames.length / (NAMES_PER_TICK * count)));
    const shown = yNames.flatMap((name, i) => (i % every === 0 ? [{ name, i }] : []));
    return { ticks: shown.map(({ i }) => -i), labels: shown.map(({ name }) => name) };
  }
  const place = (about: number) =>
    placeTicks(y, "value", about).filter(
      (tick) => !lane || tick < lane.from || tick > lane.to,
    );
  let ticks = place(count);
  // One number alone does not tell the scale of its axis.
  for (let about = 3; ticks.length < 2 && about <= MOST_MORE; about++) {
    ticks = place(about);
  }
  return { ticks, labels: labelTicks(ticks, "value") };
}

function yAxisWidth(labels: readonly string[]): number {
  return Math.max(Y_AXIS_WIDTH, Y_GAP + Math.max(0, ...labels.map(tickWidth)));
}
