// Where a row is, in words.

import {
  formatCount,
  formatDuration,
  formatNumber,
  formatWallTime,
} from "../base/format.ts";
import { epochOf, shareAt, type XAxis } from "./axis.ts";
import type { RunSummary } from "./records.ts";

/** Says the step, epoch and time of a row, the unit of the axis first. */
export function describePlace(
  summary: RunSummary,
  { step, wall_time: time }: Record<string, number>,
  axis: XAxis,
): string {
  const epoch = epochOf(summary, step);
  const isTimed = time !== undefined && Number.isFinite(time);
  const words: Record<XAxis, string | null> = {
    step: `step ${formatCount(step)}`,
    epoch: epoch === null ? null : `epoch ${formatNumber(epoch)}`,
    share: axis === "share" ? `${formatNumber(shareAt(summary, step))} % of the run` : null,
    relative:
      isTimed && summary.start_time !== null
        ? `${formatDuration(time - summary.start_time)} after the start`
        : null,
    wall: isTimed ? formatWallTime(time) : null,
  };
  const order: XAxis[] = ["step", "epoch", "share", "relative", "wall"];
  return [axis, ...order.filter((other) => other !== axis)]
    .map((name) => words[name])
    .filter((word) => word !== null)
    .join(", ");
}
