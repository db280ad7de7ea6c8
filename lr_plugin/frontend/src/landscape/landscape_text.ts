// What is said of landscapes.

import { formatCount, formatNumber, plural } from "../base/format.ts";
import type { Landscape, RunSummary } from "../data/records.ts";
import { visible } from "../base/names.ts";
import type { HeadroomSummary } from "./landscape_run.ts";

export const HOW_TO_READ =
  "Each column is one update, tried again at lower and at higher rates, on the batch that " +
  "came next, which the update had not seen. Blue rates lower the loss of that batch, red " +
  "ones raise it: where red begins is the cliff, and the headroom says how many times as " +
  "far the update could have gone.";
export const COLORS =
  "Colours: the loss with the update against the loss without it, in shares of the " +
  "latter, logarithmic to both sides.";
export const NO_LANDSCAPE =
  "None of the chosen runs has a landscape. Record one with " +
  "LearningRateLogger(..., landscape_samples=40), or with python -m trainer " +
  "--landscape_samples=40.";
export const NO_SAMPLES = "The chosen runs have no sample of the landscape yet.";

/** Says how far the updates in view could have gone. */
export function describeHeadroom(run: string, found: HeadroomSummary): string {
  const { numSamples, median, numEndless, numBelowAll, numRaised } = found;
  const name = visible(run);
  if (numSamples === 0) return `No sample of ${name} is in view.`;
  const edge = median === 0 ? "below" : "beyond";
  const isKnown = median > 0 && median < Infinity;
  const many = isKnown ? times(median) : `${edge} the rates that were tried`;
  const sentences = [
    `Headroom of ${name}: ${many}, the median of ${plural(numSamples, "sample")} in view.`,
    numEndless > 0 &&
      `In ${formatCount(numEndless)} of them no rate that was tried raised the loss (bars ` +
        "at the top).",
    numBelowAll > 0 &&
      `In ${formatCount(numBelowAll)} of them every rate that was tried raised it (bars at ` +
        "the bottom).",
    numRaised > 0 &&
      `In ${formatCount(numRaised)} of them the update as it was made raised the loss of the ` +
        "next batch.",
  ];
  return sentences.filter(Boolean).join(" ");
}

/** Says which rate the landscape suggests for the next run, and why, or why none. */
export function describeSuggestion({ landscape }: Pick<RunSummary, "landscape">): string {
  if (!landscape) return "";
  const { rate, interval, reason } = landscape.suggestion;
  if (rate === null || interval === null) {
    return `No rate is suggested for the next run. ${reason}`;
  }
  const [low, high] = interval.map((end) => formatNumber(end, 3));
  return (
    `Suggested for the next run: a highest rate of ${formatNumber(rate, 3)}, between ` +
    `${low} and ${high}. ${reason}`
  );
}

/** Says that a part of the samples came, where there are very many. */
export function describeShare({ steps, num_samples: all }: Landscape): string {
  return steps.length < all
    ? `${formatCount(steps.length)} of ${plural(all, "sample")} are drawn, evenly spread.`
    : "";
}

/** Says how many further landscapes have no picture. */
export function describeLeftOut(numShown: number, numRuns: number): string {
  return numShown < numRuns
    ? `${formatCount(numShown)} of ${plural(numRuns, "landscape")} are drawn: choose fewer ` +
        "runs to see others."
    : "";
}

function times(ratio: number): string {
  return `${formatNumber(ratio, 2)} ×`;
}
