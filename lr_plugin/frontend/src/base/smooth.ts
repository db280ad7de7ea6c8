// Smoothing, for losses only: a smoothed learning rate is one that no update used.

import { lowerBound } from "./sorted.ts";

/**
 * Replaces each loss by the mean of the middle half of the losses around it.
 *
 * Like a median, this ignores spikes, of which a thinned run has kept every one; unlike
 * a median, it does not jump between the edges of an envelope. It looks to both sides
 * alike: against the rate, a mean of earlier losses would be drawn beside the losses
 * instead of through them. NaN and infinity stay where they are and change no other
 * loss.
 *
 * @param reach How far to look on either side, in steps, so that rows that were left
 *   out change nothing. Near an end of the run it is the distance to that end: one side
 *   alone would pull the curve away from the losses. 0 changes nothing.
 */
export function smoothOverSteps(
  steps: ArrayLike<number>,
  losses: Float64Array,
  reach: number,
): Float64Array {
  if (!(reach > 0)) return losses;
  const smoothed = Float64Array.from(losses);
  // The finite losses of rows from `first` up to `end`, sorted.
  const around: number[] = [];
  let first = 0;
  let end = 0;
  for (let i = 0; i < losses.length; i++) {
    const toStart = steps[i] - steps[0];
    const toEnd = steps[losses.length - 1] - steps[i];
    const distance = Math.min(reach, toStart, toEnd);
    for (; end < losses.length && steps[end] <= steps[i] + distance; end++) {
      if (!Number.isFinite(losses[end])) continue;
      around.splice(lowerBound(around, losses[end]), 0, losses[end]);
    }
    for (; steps[first] < steps[i] - distance; first++) {
      if (!Number.isFinite(losses[first])) continue;
      around.splice(lowerBound(around, losses[first]), 1);
    }
    if (Number.isFinite(losses[i])) smoothed[i] = meanOfMiddleHalf(around);
  }
  return smoothed;
}

function meanOfMiddleHalf(sorted: readonly number[]): number {
  const { length } = sorted;
  // The mean of the middle half of three is their median, that of two their mean.
  const left = Math.min(Math.ceil(length / 4), (length - 1) >> 1);
  let sum = 0;
  for (let i = left; i < length - left; i++) sum += sorted[i];
  return sum / (length - 2 * left);
}

/**
 * Computes the median of each value and `radius` neighbours on either side, without
 * NaN.
 */
export function rollingMedian(values: ArrayLike<number>, radius: number): Float64Array {
  const medians = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const around: number[] = [];
    const last = Math.min(values.length - 1, i + radius);
    for (let j = Math.max(0, i - radius); j <= last; j++) {
      if (!Number.isNaN(values[j])) around.push(values[j]);
    }
    medians[i] = median(around);
  }
  return medians;
}

/**
 * Computes the middle of an envelope: the median of `2 * radius` rows around each row.
 * Half of them are the lowest of their stretch of iterations, half the highest.
 */
export function middleOfEnvelope(
  values: ArrayLike<number>,
  radius: number,
): Float64Array {
  const size = Math.min(2 * radius, values.length);
  const middles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    // Moved inwards near the ends: a shorter part might hold more lows than highs.
    const first = Math.max(0, Math.min(i - radius, values.length - size));
    const around: number[] = [];
    for (let j = first; j < first + size; j++) {
      if (!Number.isNaN(values[j])) around.push(values[j]);
    }
    middles[i] = median(around);
  }
  return middles;
}

export function median(values: number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
