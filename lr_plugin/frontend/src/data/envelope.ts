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

// Of noise, the extremes turn around at every stretch: so many that go on in one
// direction are no noise.
const STEADY = 3;

/**
 * Tells whether a stretch is one of several that go on in the same direction, or the
 * turn between two such.
 */
function isSteady(parts: readonly Part[], i: number): boolean {
  return (
    isPartOfLine(parts, i) || (isPartOfLine(parts, i - 1) && isPartOfLine(parts, i + 1))
  );
}

function isPartOfLine(parts: readonly Part[], i: number): boolean {
  const part = parts[i];
  if (!part || part.rows.length === 0) return false;
  if (part.direction === 0) return true;
  if (Number.isNaN(part.direction)) return false;
  const isEnd = [parts[i - 1], parts[i + 1]].some((other) => !other?.rows.length);
  const length = 1 + countLinks(parts, i, -1) + countLinks(parts, i, 1);
  return length >= (isEnd ? STEADY - 1 : STEADY);
}

/** Counts the stretches on one side that go on as the one before them does. */
function countLinks(parts: readonly Part[], i: number, side: -1 | 1): number {
  const { direction } = parts[i];
  let links = 0;
  while (links < STEADY - 1) {
    const [near, far] = [parts[i + side * links], parts[i + side * (links + 1)]];
    if (!far || far.rows.length === 0) break;
    const step = side === 1 ? far.begin - near.end : near.begin - far.end;
    const isAlike = far.direction === direction || far.direction === 0;
    if (!isAlike || step * direction < 0) break;
    links++;
  }
  return links;
}
