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
