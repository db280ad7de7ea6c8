// Ticks and their texts for every unit that an axis may have.

import {
  formatCount,
  formatDurations,
  formatTicks,
  formatWallTimeTicks,
} from "../base/format.ts";
import { cutMiddle, visible } from "../base/names.ts";
import { toUnit, type Scale } from "../base/scale.ts";
import {
  durationTicks,
  logDurationTicks,
  scaleTicks,
  stepTicks,
  wallTimeTicks,
} from "../base/ticks.ts";
import type { XUnit } from "./axis.ts";


/** The size of the texts at an axis. */
export const TICK_SIZE = 11;

// A digit is narrower, a capital letter wider; in shares of the size of the text.
const LETTER = 0.58;
const GAP = 14;
const MOST_MORE = 6;
const LEAST_LETTERS = 3;

/** Estimates the width of a tick's text in pixels. */
export function tickWidth(text: string): number {
  return text.length * LETTER * TICK_SIZE;
}

/**
 * Places and labels the ticks of an x axis, as many as have room for their texts.
 *
 * @param room How many pixels a tick gets if its text does not need more.
 * @param names What stands at 0, 1, 2, ..., where these are no numbers.
 */
export function ticksWithRoom(
  scale: Scale,
  unit: XUnit,
  length: number,
  room: number,
  names?: readonly string[],
): { ticks: number[]; labels: string[] } {
  if (names) return nameTicks(names, length);
  let found = labelled(placeTicks(scale, unit, length / room), unit);
  if (found.width > room) {
    found = labelled(placeTicks(scale, unit, length / found.width), unit);
  }
  // One number alone does not tell the scale of its axis.
  for (let count = 3; found.ticks.length < 2 && count <= MOST_MORE; count++) {
    const more = labelled(placeTicks(scale, unit, count), unit);
    const places = more.ticks.map((tick) => length * toUnit(scale, tick));
    const hasRoom = places.every((at, i) => i === 0 || at - places[i - 1] > more.width);
    if (more.ticks.length > 1 && hasRoom) found = more;
  }
  return { ticks: found.ticks, labels: found.labels };
}

/** Labels ticks, and computes the room that each of them needs. */
function labelled(ticks: number[], unit: XUnit) {
  const labels = labelTicks(ticks, unit);
  return { ticks, labels, width: Math.max(0, ...labels.map(tickWidth)) + GAP };
}

function nameTicks(names: readonly string[], length: number) {
  const letters = Math.floor((length / names.length - GAP) / (LETTER * TICK_SIZE));
  return {
    ticks: names.map((_, i) => i),
    labels: names.map((name) => cutMiddle(visible(name), Math.max(LEAST_LETTERS, letters))),
  };
}

/** Places about `count` ticks where the unit has round values. */
export function placeTicks(scale: Scale, unit: XUnit, count: number): number[] {
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
export function labelTicks(ticks: readonly number[], unit: XUnit): string[] {
  switch (unit) {
    case "step":
      return ticks.map(formatCount);
    case "relative":
      return formatDurations(ticks).map((text, i) => (ticks[i] === 0 ? "0" : text));
    case "share":
      return formatTicks(ticks).map((text) => `${text} %`);
    case "wall":
      return formatWallTimeTicks(ticks);
    default:
      return formatTicks(ticks);
  }
}
