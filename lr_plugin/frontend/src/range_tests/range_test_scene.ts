// A range test in Loss against rate: its curves, its bands, and what it suggests.

import { formatCount, formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { Band, Curve, Mark, Spot } from "../chart/scene.ts";
import type { RangeTest } from "../data/records.ts";

export interface TestedRun {
  run: string;
  color: string;
  test: RangeTest;
}

/**
 * Makes a faint curve of each repeat of a test, and a strong one of the smoothed loss.
 */
export function testCurves({ run, color, test }: TestedRun): Curve[] {
  const curve = (losses: readonly number[], what: string) => ({
    run,
    label: `${run} (range test)`,
    color,
    xs: Float64Array.from(test.learning_rates.slice(0, losses.length)),
    ys: Float64Array.from(losses),
    describe: (row: number) => `${what}, update ${formatCount(row + 1)}`,
    everyRow: false,
  });
  const { length } = test.losses;
  return [
    ...test.losses.map((losses, i): Curve => {
      const what = length > 1 ? `range test, repeat ${i + 1} of ${length}` : "range test";
      return { ...curve(losses, what), weight: "faint" };
    }),
    { ...curve(test.smoothed, "range test, smoothed"), weight: "strong" },
  ];
}

/** Makes the bands of the usable rates and of the interval around the suggestion. */
export function testBands({ run, color, test }: TestedRun): Band[] {
  const bands: Band[] = [];
  if (test.usable_band) {
    const [from, to] = test.usable_band;
    bands.push({ from, to, color, label: `usable band of ${run}` });
  }
  if (test.interval) {
    const [from, to] = test.interval;
    bands.push({ from, to, color, label: "" });
  }
  return bands;
}

/** Makes a mark at the suggested rate. */
export function testMarks({ run, color, test }: TestedRun): Mark[] {
  if (test.suggestion === null) return [];
  const text = `${visible(run)} suggests ${formatNumber(test.suggestion, 3)}.`;
  return [{ run, x: test.suggestion, text, color, quiet: false }];
}

/** Makes a dot on the smoothed curve for what each rule suggests. */
export function testSpots({ run, color, test }: TestedRun): Spot[] {
  return Object.entries(test.suggestions).flatMap(([rule, rate]) => {
    if (rate === null || !(rate > 0)) return [];
    let row = 0;
    test.learning_rates.forEach((candidate, i) => {
      const distance = Math.abs(Math.log(candidate / rate));
      if (distance < Math.abs(Math.log(test.learning_rates[row] / rate))) row = i;
    });
    const y = test.smoothed[row];
    if (y === undefined) return [];
    const text = `${rule}: ${formatNumber(rate, 3)}`;
    return [{ run, x: rate, y, shape: "dot" as const, color, text }];
  });
}
