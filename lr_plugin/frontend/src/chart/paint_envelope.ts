// Paints a thinned run as the band in which its values lie.

import type { Envelope } from "../data/envelope.ts";
import type { Painter, Stroke } from "./painter.ts";

const FILL = 0.35;
const EDGE_WIDTH = 1;
const TIME_SEGMENTS = 64;
// Where 0 is on a log axis: a stretch that begins there is drawn as far as one sees.
const FAR_LEFT = -1e4;

/** From the lowest to the highest value of several rows at one x. */
interface Column {
  place: number;
  low: number;
  high: number;
  numRows: number;
}

/**
 * Fills a band and draws its edges, which are one line where it has no height.
 *
 * @param color The colour of a part of the band, by the share of it that lies before.
 */
export function paintEnvelope(
  painter: Painter,
  envelope: Envelope,
  x: (value: number) => number,
  y: (value: number) => number,
  stroke: Stroke,
  color: ((share: number) => string) | undefined,
): void {
  const { xs, lows, highs } = envelope;
  const at = (value: number) => Math.max(x(value), FAR_LEFT);
  const alpha = stroke.alpha ?? 1;
  const perPart = color ? Math.max(1, Math.ceil(xs.length / TIME_SEGMENTS)) : xs.length;
  for (let first = 0; first < xs.length; first += perPart) {
    // One more, so that parts touch each other.
    const last = Math.min(xs.length - 1, first + perPart);
    const part = { ...stroke, color: color?.(first / xs.length) ?? stroke.color };
    for (const rows of unbroken(envelope, first, last, at)) {
      const top = rows.flatMap((row) => [at(xs[row]), y(highs[row])]);
      const bottom = rows.flatMap((row) => [at(xs[row]), y(lows[row])]);
      const back = [...rows].reverse().flatMap((row) => [at(xs[row]), y(lows[row])]);
      const isDot = rows.length === 1 && top[1] === bottom[1];
      if (isDot) painter.dot(top[0], top[1], stroke.width, part.color);
      for (const { place, low, high } of standing(envelope, rows)) {
        const column = [at(place), y(high), at(place), y(low)];
        painter.polyline(column, { ...part, width: EDGE_WIDTH });
      }
      painter.polygon([...top, ...back], part.color, FILL * alpha);
      const isLine = rows.every((row) => lows[row] === highs[row]);
      const width = isLine ? stroke.width : EDGE_WIDTH;
      painter.polyline(top, { ...part, width });
      if (!isLine) painter.polyline(bottom, { ...part, width });
    }
  }
}

/** Finds the places at which a band stands on and on, and has no width to fill. */
function standing({ xs, lows, highs }: Envelope, rows: readonly number[]): Column[] {
  const columns: Column[] = [];
  for (const row of rows) {
    const last = columns[columns.length - 1];
    const [low, high] = [lows[row], highs[row]];
    if (last?.place !== xs[row]) {
      columns.push({ place: xs[row], low, high, numRows: 1 });
    } else {
      last.low = Math.min(last.low, low);
      last.high = Math.max(last.high, high);
      last.numRows++;
    }
  }
  // Two rows at one place are where two stretches touch each other.
  return columns.filter(({ numRows }) => numRows > 2 || columns.length === 1);
}

/** Splits the rows from `first` to `last` where the band is broken. */
function unbroken(
  { xs, highs }: Envelope,
  first: number,
  last: number,
  x: (value: number) => number,
): number[][] {
  const parts: number[][] = [[]];
  for (let row = first; row <= last; row++) {
    if (Number.isNaN(highs[row]) || !Number.isFinite(x(xs[row]))) parts.push([]);
    else parts[parts.length - 1].push(row);
  }
  return parts.filter((rows) => rows.length > 0);
}
