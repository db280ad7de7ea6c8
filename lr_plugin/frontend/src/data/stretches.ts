// The stretches of iterations that the rows of a thinned run stand for.

import type { Columns, Series } from "./records.ts";

/** Rows from `first` to `last` of a series that together stand for all between them. */
export interface Stretch {
  first: number;
  last: number;
}

// The pointer asks with every move.
const KNOWN = new WeakMap<Series, readonly Stretch[]>();

/** Splits the rows into the stretches that they stand for: an exact row, for itself. */
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

/** Counts the columns of which a sample has the extremes. */
function countColumns({ step: _, wall_time: __, ...values }: Columns): number {
  // The kinds of values that are not finite count as a column of their own.
  const kinds = Object.values(values).filter(
    (column) => !column.every((value) => Number.isFinite(value)),
  );
  return Math.max(1, Object.keys(values).length + kinds.length);
}

/** Computes into how many stretches of equal length the server splits a sample. */
export function countStretches(columns: Columns, maxPoints: number): number {
  return Math.floor((maxPoints - 2) / (ROWS_PER_COLUMN * countColumns(columns)));
}

/**
 * Splits a sample as the server did, which chose the rows with the extremes of every
 * column in each stretch; or, where that is not known, so many rows at a time as a
 * stretch has at most.
 */
function evenStretches({ columns, numRows, numStretches }: Series): Stretch[] {
  const { step } = columns;
  const width = numStretches && (step[numRows - 1] - step[0]) / numStretches;
  const perStretch = ROWS_PER_COLUMN * countColumns(columns);
  const stretches: Stretch[] = [];
  let place = -1;
  for (let row = 0; row < numRows; row++) {
    const next = width
      ? Math.min(numStretches - 1, Math.floor((step[row] - step[0]) / width))
      : Math.floor(row / perStretch);
    if (next === place) stretches[stretches.length - 1].last = row;
    else stretches.push({ first: row, last: row });
    place = next;
  }
  return stretches;
}
