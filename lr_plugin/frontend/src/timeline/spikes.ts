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
// It is compared with so many on either side, but for the nearest, which may be part of
// it: a run that falls from its first iteration on, or rises to its last, has no spike.
const NEIGHBOURS = 25;
const NEAREST = 1;
const FEWEST_NEIGHBOURS = 4;
// A spike is this many times as high as its neighbours at least, and by so many of their
// median deviations: where losses scatter a lot, one that is twice as high is nothing.
const LEAST_RATIO = 2;
const LEAST_DEVIATIONS = 9;

/** Finds the spikes of a run, from the first to the last. */
export function findSpikes(series: Series): Spike[] {
  const parts = partsOf(series);
  const values = parts.map(({ loss }) => loss);
  const spikes = parts.flatMap((part, i): (Spike & { part: number })[] => {
    const before = values.slice(Math.max(0, i - NEIGHBOURS), Math.max(0, i - NEAREST));
    const after = values.slice(i + NEAREST + 1, i + NEIGHBOURS + 1);
    const isHigh = standsOut(part.loss, before) && standsOut(part.loss, after);
    return isHigh ? [{ ...part, around: median([...before, ...after]), part: i }] : [];
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

function standsOut(loss: number, others: readonly number[]): boolean {
  if (others.length < FEWEST_NEIGHBOURS) return false;
  const middle = median(others);
  // Losses scatter by ratios; one that is not positive has none.
  const isRatio = middle > 0 && others.every((other) => other > 0);
  const placeOf = (value: number) => (isRatio ? Math.log(value) : value);
  const deviations = others.map((other) => Math.abs(placeOf(other) - placeOf(middle)));
  const least = isRatio ? Math.log(LEAST_RATIO) : 0;
  const distance = placeOf(loss) - placeOf(middle);
  return distance > Math.max(least, LEAST_DEVIATIONS * median(deviations));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
