// Searches values that rise.

/** Finds the index of the first value that is not smaller than `value`. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the index of the value nearest to `value`; -1 if there is none. */
export function nearestIndex(values: ArrayLike<number>, value: number): number {
  const i = lowerBound(values, value);
  if (i === values.length) return i - 1;
  if (i === 0) return 0;
  return value - values[i - 1] < values[i] - value ? i - 1 : i;
}
