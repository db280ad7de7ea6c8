// Ticks and their texts for every unit that an axis may have.

import {
  formatCount,
  formatDurations,
  formatTicks,
  formatWallTimeTicks,
} from "../base/format.ts";
import type { Scale } from "../base/scale.ts";
import {
  durationTicks,
  logDurationTicks,
  scaleTicks,
  stepTicks,
  wallTimeTicks,
} from "../base/ticks.ts";
import type { XUnit } from "./axis.ts";

type Unit = XUnit | "value";

/** The size of the texts at an axis. */
export const TICK_SIZE = 11;

// A digit is narrower, a capital letter wider; in shares of the size of the text.
const LETTER = 0.58;
const GAP = 14;

/** Estimates the width of a tick's text in pixels. */
export function tickWidth(text: string): number {
  return text.length * LETTER * TICK_SIZE;
}

/**
 * Places and labels the ticks of an x axis, as many as have room for their texts.
 *
 * @param room How many pixels a tick gets if its text does not need more.
 */
export function ticksWithRoom(
  scale: Scale,
  unit: Unit,
  length: number,
  room: number,
): { ticks: number[]; labels: string[] } {
  let ticks = placeTicks(scale, unit, length / room);
  let labels = labelTicks(ticks, unit);
  const needed = Math.max(0, ...labels.map(tickWidth)) + GAP;
  if (needed > room) {
    ticks = placeTicks(scale, unit, length / needed);
    labels = labelTicks(ticks, unit);
  }
  return { ticks, labels };
}

/** Places about `count` ticks where the unit has round values. */
export function placeTicks(scale: Scale, unit: Unit, count: number): number[] {
  const about = Math.max(2, Math.floor(count));
  if (scale.kind === "log" && unit === "relative") {
    return logDurationTicks(scale.min, scale.max, about);
  }
  if (scale.kind === "log" && unit === "step") {
    return scaleTicks(scale, about).filter(Number.isInteger);
  }
  switch (unit) {
    case "step":
      return stepTicks(scale.min, scale.max, about);
    case "relative":
      return durationTicks(scale.min, scale.max, about);
    case "wall":
      return wallTimeTicks(scale.min, scale.max, about);
    default:
      return scaleTicks(scale, about);
  }
}

/** Writes the ticks in their unit. */
export function labelTicks(ticks: readonly number[], unit: Unit): string[] {
  switch (unit) {
    case "step":
      return ticks.map(formatCount);
    case "relative":
      return formatDurations(ticks).map((text, i) => (ticks[i] === 0 ? "0" : text));
    case "wall":
      return formatWallTimeTicks(ticks);
    default:
      return formatTicks(ticks);
  }
}
