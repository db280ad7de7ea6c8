// Where a band against the rate is broken, because no iteration had a rate in between.

import type { Envelope } from "./envelope.ts";

// A schedule that moves through rates moves about as far in the stretches next to one.
const JUMP = 10;
const NEIGHBOURS = 4;

/**
 * Breaks a band where its x jumps: there it would cover losses at rates that no row had.
 * Of a rate that moves by itself within one stretch only, as in a warmup of a few rows,
 * the rates in between are not known either.
 */
export function breakAtJumps(envelope: Envelope): Envelope {
  const { xs, lows, highs } = envelope;
  const moves = Array.from(xs.subarray(1), (x, i) => Math.abs(x - xs[i]));
  const points: [number, number, number][] = [];
  xs.forEach((x, i) => {
    const hasHeight = lows[i] < highs[i] || lows[i - 1] < highs[i - 1];
    if (hasHeight && isJump(moves, i - 1)) points.push([x, NaN, NaN]);
    points.push([x, lows[i], highs[i]]);
  });
  const column = (index: 0 | 1 | 2) => Float64Array.from(points, (at) => at[index]);
  return { ...envelope, xs: column(0), lows: column(1), highs: column(2) };
}

function isJump(moves: readonly number[], i: number): boolean {
  const others = [
    ...moves.slice(Math.max(0, i - NEIGHBOURS), Math.max(0, i)),
    ...moves.slice(i + 1, i + 1 + NEIGHBOURS),
  ];
  return others.length > 0 && moves[i] > JUMP * Math.max(...others);
}
