// Where the loss of a run shot up, for going from one such place to the next. (What the
// worst of them says of the run is a finding; the server looks for it in every row.)

import { stretchesOf } from "../data/stretches.ts";
import type { Series } from "../data/records.ts";

/** A stretch of iterations in which the loss is far above the stretches around it. */
export interface Spike {
  /** Its highest loss, and the step of that row; of an envelope, a step nearby. */
  loss: number;
  step: number;
  /** The steps [start, stop) in which it is. */
  start: number;
  stop: number;
  /** The median of the highest losses of the parts around it. */
  around: number;
}

// A run is looked at in so many parts at most, by the highest loss of each.
const MOST_PARTS = 500;
const NEIGHBOURS = 25;
const NEAREST = 1;
const FEWEST_NEIGHBOURS = 8;
// A spike is this many times as high as its neighbours at least, and by so many of their
// median deviations: where losses scatter a lot, one that is twice as high is nothing.
const LEAST_RATIO = 2;
const LEAST_DEVIATIONS = 9;

/** Finds the spikes of a run, from the first to the last. */
export function findSpikes(series: Series): Spike[] {
  const parts = partsOf(series);
  const values = parts.map(({ loss }) => loss);
  const spikes = parts.flatMap((part, i): (Spike & { part: number })[] => {
    const around = neighbours(values, i);
    if (around.length < FEWEST_NEIGHBOURS) return [];
    const middle = median(around);
    // Losses scatter by ratios; one that is not positive has none.
    const places = middle > 0 ? around.map(Math.log) : around;
    const place = middle > 0 ? Math.log(middle) : middle;
    const at = middle > 0 ? Math.log(part.loss) : part.loss;
    const deviation = median(places.map((other) => Math.abs(other - place)));
    const least = middle > 0 ? Math.log(LEAST_RATIO) : 0;
    const isHigh = at - place > Math.max(least, LEAST_DEVIATIONS * deviation);
    return isHigh ? [{ ...part, around: middle, part: i }] : [];
  });
  // Of a spike that takes several parts, the highest one counts.
  return spikes
    .filter((spike) =>
      spikes.every(
        (other) =>
          other === spike ||
          Math.abs(other.part - spike.part) > 2 * NEAREST ||
          other.loss < spike.loss ||
          (other.loss === spike.loss && other.part > spike.part),
      ),
    )
    .map(({ part: _, ...spike }) => spike);
}

/** Splits a run into parts of as many stretches each, with the highest loss of each. */
function partsOf(series: Series): Omit<Spike, "around">[] {
  const { step, loss } = series.columns;
  if (!loss) return [];
  const stretches = stretchesOf(series);
  const length = Math.ceil(stretches.length / MOST_PARTS);
  const parts: Omit<Spike, "around">[] = [];
  for (let i = 0; i < stretches.length; i += length) {
    const { first } = stretches[i];
    const { last } = stretches[Math.min(stretches.length, i + length) - 1];
    let top = -1;
    for (let row = first; row <= last; row++) {
      const isHigher = top < 0 || loss[row] > loss[top];
      if (Number.isFinite(loss[row]) && isHigher) top = row;
    }
    if (top < 0) continue;
    const [start, stop] = [step[first], step[last] + 1];
    parts.push({ loss: loss[top], step: step[top], start, stop });
  }
  return parts;
}

function neighbours(values: readonly number[], i: number): number[] {
  return [
    ...values.slice(Math.max(0, i - NEIGHBOURS), Math.max(0, i - NEAREST)),
    ...values.slice(i + NEAREST + 1, i + NEIGHBOURS + 1),
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
