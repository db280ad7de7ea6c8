// The words for what a run came to, and what each of them means. The server computes
// the numbers (lr_plugin/http_api.md).

import { formatCount, formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { Best } from "./metrics.ts";
import type { Moment, RunSummary } from "./records.ts";

export const FINAL_LOSS =
  "Mean loss of the last tenth of the run’s rows, at least one; NaN if the last row’s " +
  "loss is not finite";
export const LOWEST_LOSS =
  "Lowest running median of the loss over a hundredth of the run (at least 1, at most " +
  "255 rows), with its step";
export const BEST_VALIDATION =
  "Best value at the end of an epoch, with that epoch and the rate of its last update; " +
  "of a search’s trial without epochs, its score";
export const DIVERGED_AT =
  "Step at which the smoothed loss (running median over a hundredth of the run) was " +
  "lowest for the last time before it rose above its beginning or became non-finite, " +
  "with the epoch and the rate of its row";

export const CRITICAL_RATE =
  "Smallest rate at which the sampled update would have raised the loss of the batch " +
  "that came next (Kalra et al. 2026, arXiv 2601.16979)";
export const HEADROOM =
  "Critical rate divided by the used rate, median of the samples in view";

const COLUMN_TITLES: Record<string, string> = {
  step: "Step",
  learning_rate: "Learning rate",
  loss: "Loss",
  step_size: "Step size",
  gradient_norm: "Gradient norm",
  used_rate: "Used rate",
  critical_rate: "Critical rate",
  best_rate: "Best rate",
  headroom: "Headroom",
  loss_without_update: "Loss without the update",
  change: "Its change in %",
  momentum: "Momentum",
  applied: "Applied",
  wall_time: "Time",
};

/** Names a column of rows; one of the user's own has the name that the user gave it. */
export function columnTitle(column: string): string {
  return own(COLUMN_TITLES, column) ?? visible(column);
}

const NEARLY =
  "≈: the rows at the beginning of that tenth are not at hand, and a mean of 256 rows " +
  "stands for them";

/** Writes the final loss; what is not the mean of the very rows is marked. */
export function finalLossText({ loss }: Pick<RunSummary, "loss">, digits = 4): string {
  if (!loss) return "";
  const isNearly = !loss.final_is_exact && Number.isFinite(loss.final);
  return `${isNearly ? "≈ " : ""}${formatNumber(loss.final, digits)}`;
}

/** Says what the final loss is, and what its mark says if it has one. */
export function finalLossHint(runs: readonly Pick<RunSummary, "loss">[]): string {
  const isMarked = runs.some((run) => finalLossText(run).startsWith("≈"));
  return isMarked ? `${FINAL_LOSS}. ${NEARLY}` : FINAL_LOSS;
}

/** Writes a step with its epoch, counted from 1, and its rate, as far as known. */
export function momentText({ step, epoch, learning_rate: rate }: Moment): string {
  return `step ${formatCount(step)}${placeText(epoch, rate)}`;
}

/** Writes the best value of a metric with its epoch, counted from 1, and its rate. */
export function bestText({ value, epoch, learning_rate: rate }: Best): string {
  return `${formatNumber(value)}${placeText(epoch, rate)}`;
}

function placeText(epoch: number | null, rate: number | null): string {
  const words = [
    epoch === null ? "" : `epoch ${formatCount(epoch + 1)}`,
    rate === null ? "" : `rate ${formatNumber(rate, 3)}`,
  ].filter(Boolean);
  return words.length > 0 ? ` (${words.join(", ")})` : "";
}
