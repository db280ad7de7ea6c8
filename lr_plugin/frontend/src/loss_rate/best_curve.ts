// The best that all runs together reached at each rate, as a curve above theirs.

import type { RateBin } from "../base/bins.ts";
import type { Theme } from "../base/theme.ts";
import type { Curve } from "../chart/scene.ts";

/** The name of the curve that belongs to no single run. */
export const BEST = "best per rate";

/**
 * Makes a curve of the bins, with gaps where no run had such a rate.
 *
 * @param describe Says what a point is, by the run that reached it.
 */
export function curveOfBest(
  bins: readonly RateBin[],
  theme: Theme,
  describe: (run: string) => string,
): Curve {
  // A line across rates that no run has tried would promise something.
  const points = bins.flatMap((bin, i): [number, number, string][] => {
    const point: [number, number, string] = [bin.rate, bin.value, bin.run];
    const hasGap = i > 0 && bin.bin - bins[i - 1].bin > 1;
    return hasGap ? [[bin.rate, NaN, bin.run], point] : [point];
  });
  return {
    run: BEST,
    label: BEST,
    color: theme.text,
    xs: Float64Array.from(points, ([rate]) => rate),
    ys: Float64Array.from(points, ([, value]) => value),
    weight: "strong",
    describe: (row) => describe(points[row][2]),
    everyRow: true,
  };
}
