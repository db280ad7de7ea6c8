// The best value that any of many runs reached at each learning rate.

interface RatedValues {
  run: string;
  rates: ArrayLike<number>;
  /** Losses, or a score. */
  values: ArrayLike<number>;
}

export interface RateBin {
  /** The rate at which the best value was reached. */
  rate: number;
  value: number;
  run: string;
  /** Counts the bins from a rate of 1; neighbours differ by one. */
  bin: number;
}

/**
 * Splits the decades into bins and finds the best value in each.
 *
 * @returns By rising rate; bins in which no run has a row are left out, and so are rows
 *   whose value is not finite or whose rate is not above 0.
 */
export function bestPerRate(
  curves: readonly RatedValues[],
  better: "min" | "max",
  binsPerDecade: number,
): RateBin[] {
  const sign = better === "min" ? 1 : -1;
  const best = new Map<number, RateBin>();
  for (const { run, rates, values } of curves) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!(rates[i] > 0) || !Number.isFinite(value)) continue;
      // Rates are float32: without slack 1e-3 may fall on either side of its bin's edge.
      const bin = Math.floor(Math.log10(rates[i]) * binsPerDecade + 1e-6);
      const found = best.get(bin);
      if (!found || sign * (value - found.value) < 0)
        best.set(bin, { rate: rates[i], value, run, bin });
    }
  }
  return [...best.values()].sort((a, b) => a.rate - b.rate);
}
