// Smoothing, for losses only: a smoothed learning rate would be one nobody used.

/**
 * An exponential mean over steps, without the pull towards the first value.
 *
 * Rows are weighted by their distance in steps, not in rows, so that the same loss looks
 * the same whether all of its rows were sent or a part. NaN and infinity stay where
 * they are and leave the mean untouched.
 *
 * @param halfLife Steps after which a loss counts half; 0 leaves the losses as they are.
 */
export function smoothOverSteps(
  steps: ArrayLike<number>,
  losses: Float64Array,
  halfLife: number,
): Float64Array {
  if (!(halfLife > 0)) return losses;
  const smoothed = new Float64Array(losses.length);
  let sum = 0;
  let weight = 0;
  let last = -1;
  for (let i = 0; i < losses.length; i++) {
    const loss = losses[i];
    if (!Number.isFinite(loss)) {
      smoothed[i] = loss;
      continue;
    }
    const distance = last < 0 ? 0 : Math.max(0, steps[i] - steps[last]);
    const kept = 0.5 ** (distance / halfLife);
    sum = kept * sum + loss;
    weight = kept * weight + 1;
    smoothed[i] = sum / weight;
    last = i;
  }
  return smoothed;
}

/** The median of each value and `radius` neighbours on either side, NaN left out. */
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
 * The middle of an envelope: the median of `2 * radius` rows around each, half of which
 * are the lowest and half the highest of their stretch.
 */
export function middleOfEnvelope(
  values: ArrayLike<number>,
  radius: number,
): Float64Array {
  const size = Math.min(2 * radius, values.length);
  const middles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    // Moved inside at either end, where a part of it would have more of one kind.
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
