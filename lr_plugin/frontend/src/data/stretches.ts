// The stretches of iterations that the rows of a thinned run stand for.

import type { Series } from "./records.ts";

/** Rows from `first` to `last` of a series that together stand for all between them. */
export interface Stretch {
  first: number;
  last: number;
}

// The pointer asks with every move.
const KNOWN = new WeakMap<Series, readonly Stretch[]>();

/** Splits the rows into the stretches that they stand for; each exact row is its own. */
export function stretchesOf(series: Series): readonly Stretch[] {
  const known = KNOWN.get(series) ?? splitRows(series);
  KNOWN.set(series, known);
  return known;
}

/** Finds the stretch that a row belongs to. */
export function stretchAt(stretches: readonly Stretch[], row: number): Stretch {
  return stretches.find(({ last }) => row <= last) ?? { first: row, last: row };
}

function splitRows(series: Series): Stretch[] {
  switch (series.exact) {
    case "rows":
      return Array.from({ length: series.numRows }, (_, i) => ({ first: i, last: i }));
    case "sampled":
      return evenStretches(series);
    case "envelope":
      return envelopeStretches(series.columns.step);
  }
}

/**
 * Reads an envelope: a stretch is its first and its last step, and its last step once
 * more before that where it holds values that are not finite. A single iteration is one
 * row. The step after a stretch is the first of the next one.
 */
function envelopeStretches(steps: ArrayLike<number>): Stretch[] {
  const stretches: Stretch[] = [];
  let i = 0;
  while (i < steps.length) {
    const isLast = i + 1 >= steps.length;
    const hasNonfinite = i + 2 < steps.length && steps[i + 1] === steps[i + 2];
    // Two rows next to each other are read as single iterations; as such they are drawn
    // at the same places as a stretch of two.
    const isSingle = isLast || (!hasNonfinite && steps[i + 1] - steps[i] <= 1);
    const last = isSingle ? i : hasNonfinite ? i + 2 : i + 1;
    stretches.push({ first: i, last });
    i = last + 1;
  }
  return stretches;
}

// The lowest and the highest row of each column.
const ROWS_PER_COLUMN = 2;

/**
 * Splits a sample evenly: the server has chosen the rows with the extremes of every
 * column in every part of the window.
 */
function evenStretches({ columns, numRows, numStretches }: Series): Stretch[] {
  const { step, wall_time: _, ...values } = columns;
  const perStretch = ROWS_PER_COLUMN * Math.max(1, Object.keys(values).length);
  const count = numStretches ?? Math.max(1, Math.floor(numRows / perStretch));
  const width = (step[numRows - 1] - step[0]) / count;
  const stretches: Stretch[] = [];
  let place = -1;
  for (let row = 0; row < numRows; row++) {
    const next = Math.min(count - 1, Math.floor((step[row] - step[0]) / width));
    if (next === place) stretches[stretches.length - 1].last = row;
    else stretches.push({ first: row, last: row });
    place = next;
  }
  return stretches;
}
