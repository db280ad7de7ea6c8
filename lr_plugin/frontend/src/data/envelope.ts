// The band between the lowest and the highest value of every stretch of a thinned run.

import type { Series } from "./records.ts";
import { stretchesOf, type Stretch } from "./stretches.ts";

/** A lower and an upper edge at rising rows; NaN where the band is broken. */
export interface Envelope {
  xs: Float64Array;
  lows: Float64Array;
  highs: Float64Array;
  /** How many stretches it was made of. */
  numStretches: number;
}

/**
 * Makes the band of one column. Where the values rise or fall steadily, both edges are
 * the line through the rows: a schedule is no band as long as it only falls.
 *
 * @param xs The x of each row.
 * @param ys The column.
 */
export function envelopeOf(
  series: Series,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
): Envelope {
  const stretches = stretchesOf(series);
  const parts = stretches.map((stretch) => describe(stretch, ys));
  const points: [number, number, number][] = [];
  stretches.forEach(({ first, last }, i) => {
    const { low, high, rows } = parts[i];
    if (rows.length === 0) points.push([xs[first], NaN, NaN]);
    else if (isSteady(parts, i)) {
      for (const row of rows) points.push([xs[row], ys[row], ys[row]]);
    } else points.push([xs[first], low, high], [xs[last], low, high]);
  });
  const column = (index: 0 | 1 | 2) => Float64Array.from(points, (at) => at[index]);
  return {
    xs: column(0),
    lows: column(1),
    highs: column(2),
    numStretches: stretches.length,
  };
}

interface Part {
  /** The rows whose value is finite. */
  rows: readonly number[];
  low: number;
  high: number;
  begin: number;
  end: number;
  /** 1 if the values only rise, -1 if they only fall, 0 if all are equal, else NaN. */
  direction: number;
}

function describe({ first, last }: Stretch, ys: ArrayLike<number>): Part {
  const rows: number[] = [];
  for (let row = first; row <= last; row++)
    if (Number.isFinite(ys[row])) rows.push(row);
  const values = rows.map((row) => ys[row]);
  const [begin, end] = [values[0], values[values.length - 1]];
  const direction = Math.sign(end - begin);
  const isMonotone = values.every(
    (value, i) => i === 0 || Math.sign(value - values[i - 1]) * direction >= 0,
  );
  const isFlat = values.every((value) => value === begin);
  const known = direction === 0 ? isFlat : isMonotone;
  return {
    rows,
    low: Math.min(...values),
    high: Math.max(...values),
    begin,
    end,
    direction: known ? direction : NaN,
  };
}

/**
 * Tells whether a stretch goes on where the one before it ends, in the same direction,
 * and so with the one after it. Of noise, the extremes turn around at every stretch.
 */
function isSteady(parts: readonly Part[], i: number): boolean {
  const { direction, begin, end } = parts[i];
  if (direction === 0) return true;
  const before = parts[i - 1];
  const after = parts[i + 1];
  const goesOn = (other: Part | undefined, step: (from: Part) => number) =>
    !other ||
    other.rows.length === 0 ||
    ((other.direction === direction || other.direction === 0) &&
      step(other) * direction >= 0);
  const hasNeighbour = [before, after].some((other) => other && other.rows.length > 0);
  return (
    hasNeighbour &&
    Math.abs(direction) === 1 &&
    goesOn(before, ({ end: last }) => begin - last) &&
    goesOn(after, ({ begin: next }) => next - end)
  );
}
