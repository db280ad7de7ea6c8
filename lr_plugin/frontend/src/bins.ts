// The best loss that each learning rate reached, over many runs: the picture from which
// one chooses a rate.

import { rollingMedian } from "./smooth.ts";

export interface RatedLosses {
  run: string;
  rates: ArrayLike<number>;
  losses: ArrayLike<number>;
}

export interface RateBin {
  /** The rate at which the best loss was reached. */
  rate: number;
  loss: number;
  run: string;
  /** Counts the bins from a rate of 1; neighbours differ by one. */
  bin: number;
}

// A single lucky batch is no merit of the rate: a loss counts by the median of the rows
// around it.
const MEDIAN_RADIUS = 4;

/**
 * Splits the decades into bins and finds the lowest median loss in each.
 *
 * @returns By rising rate; bins in which no run has a row are left out, and so are rows
 *   whose loss is NaN or whose rate is not above 0.
 */
export function bestLossPerRate(
  curves: readonly RatedLosses[],
  binsPerDecade: number,
): RateBin[] {
  const best = new Map<number, RateBin>();
  for (const { run, rates, losses } of curves) {
    const medians = rollingMedian(losses, MEDIAN_RADIUS);
    for (let i = 0; i < medians.length; i++) {
      const loss = medians[i];
      if (!(rates[i] > 0) || Number.isNaN(loss)) continue;
      // Rates are float32: without slack 1e-3 may fall on either side of its bin's edge.
      const bin = Math.floor(Math.log10(rates[i]) * binsPerDecade + 1e-6);
      const found = best.get(bin);
      if (!found || loss < found.loss)
        best.set(bin, { rate: rates[i], loss, run, bin });
    }
  }
  return [...best.values()].sort((a, b) => a.rate - b.rate);
}
