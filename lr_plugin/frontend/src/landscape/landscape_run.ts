// A landscape as columns, one row for each sampled update.

import type { Range } from "../base/scale.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Landscape, RunSummary } from "../data/records.ts";
import { relativeChange } from "./changes.ts";

/** A run whose rows are the samples of its landscape. */
export interface LandscapeRun extends ReadableRun {
  xs: Float64Array;
  landscape: Landscape;
}

/** Makes a run of the samples; its columns are what is said of each of them. */
export function landscapeRun(
  summary: RunSummary,
  landscape: Landscape,
  color: string,
): LandscapeRun {
  const { steps, used_rates: used, critical_rates: critical, losses } = landscape;
  const column = (values: readonly number[]) => Float64Array.from(values);
  const step = column(steps);
  const numRows = step.length;
  return {
    summary,
    landscape,
    color,
    xs: step,
    series: {
      columns: {
        step,
        used_rate: column(used),
        critical_rate: column(critical),
        headroom: column(critical.map((rate, i) => rate / used[i])),
        best_rate: column(steps.map((_, i) => bestRate(landscape, i))),
        loss_without_update: column(losses),
        change: column(steps.map((_, i) => 100 * usedChange(landscape, i))),
      },
      numRows,
      rowsInWindow: numRows,
      exact: "rows",
    },
  };
}

/** Gives the steps that a picture of a run shows: all of it, beyond its samples, too. */
export function stepsOf({ summary, xs }: LandscapeRun): Float64Array {
  return Float64Array.of(summary.first_step, ...xs, summary.last_step);
}

/** Tells whether every rate that was tried raised the loss: the cliff is below them. */
export function isBelowAll(landscape: Landscape, sample: number): boolean {
  return landscape.critical_rates[sample] <= landscape.rates[sample][0];
}

/** Finds the rate that would have lowered the loss most; NaN if none lowered it. */
export function bestRate({ rates, loss_changes: changes }: Landscape, sample: number) {
  let best = NaN;
  let lowest = 0;
  changes[sample].forEach((change, i) => {
    if (change < lowest) [best, lowest] = [rates[sample][i], change];
  });
  return best;
}

/** Finds the relative change that the update made as it was; NaN if it is not known. */
function usedChange(landscape: Landscape, sample: number): number {
  const { used_rates: used, rates, loss_changes: changes, losses } = landscape;
  const at = nearest(rates[sample], used[sample]);
  return at < 0 ? NaN : relativeChange(changes[sample][at], losses[sample]);
}

/** Finds where a rate is among others; they may differ in the last digits. */
export function nearest(rates: readonly number[], rate: number): number {
  return rates.findIndex((other) => Math.abs(other / rate - 1) < SAME);
}

const SAME = 1e-5;

/** What is known of the samples in a part of the run. */
export interface HeadroomSummary {
  numSamples: number;
  /** The median: infinite where no rate that was tried raised the loss, 0 where all did. */
  median: number;
  /** In how many samples that was so. */
  numEndless: number;
  /** In how many every rate that was tried raised it. */
  numBelowAll: number;
  /** In how many the update raised the loss as it was made. */
  numRaised: number;
}

/** Sums up the samples in view. */
export function summarizeHeadroom(
  { series, xs, landscape }: LandscapeRun,
  [first, last]: Range,
): HeadroomSummary {
  const { headroom, change } = series.columns;
  const rows = Array.from(xs, (_, i) => i).filter(
    (i) => xs[i] >= first && xs[i] <= last && !Number.isNaN(headroom[i]),
  );
  const values = rows
    .map((i) => (isBelowAll(landscape, i) ? 0 : headroom[i]))
    .sort((a, b) => a - b);
  // The lower of two, as the table of runs has it.
  const middle = Math.ceil(values.length / 2) - 1;
  return {
    numSamples: values.length,
    median: values[middle] ?? NaN,
    numEndless: values.filter((value) => value === Infinity).length,
    numBelowAll: rows.filter((i) => isBelowAll(landscape, i)).length,
    numRaised: rows.filter((i) => change[i] > 0).length,
  };
}
