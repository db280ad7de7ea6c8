// How the lines of many runs are told apart: ten colours, and patterns where runs of one
// colour are drawn together.

import { PALETTE } from "./colors.ts";

/** Lengths of strokes and gaps in pixels, one after the other; none is a solid line. */
export type Dash = readonly number[];

// None is that of the second curve of a run, which is 6 and 4.
export const DASHES: readonly Dash[] = [
  [],
  [2, 2],
  [12, 3],
  [10, 3, 2, 3],
  [4, 2],
  [12, 3, 2, 3, 2, 3],
];

/** So many runs can be told apart. */
export const MOST_LOOKS = PALETTE.length * DASHES.length;

/**
 * Assigns a pattern to each drawn run: a solid line, unless one before it has its colour.
 *
 * @param names The drawn runs in the order in which they started.
 * @param placeOf Finds a run's place in the palette.
 * @returns None where the runs are more than can be told apart.
 */
export function assignDashes(
  names: readonly string[],
  placeOf: (name: string) => number,
): Map<string, Dash> {
  const dashes = new Map<string, Dash>();
  if (names.length > MOST_LOOKS) return dashes;
  const used = new Map<number, number>();
  for (const name of names) {
    const place = placeOf(name);
    const before = used.get(place) ?? 0;
    used.set(place, before + 1);
    dashes.set(name, DASHES[before % DASHES.length]);
  }
  return dashes;
}

/** Assigns the places in the palette in turn, so that as many as can be differ. */
export function spreadColors(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name, i) => [name, i % PALETTE.length]));
}

/** Writes a line as the background of a small element. */
export function lineBackground(color: string, dash: Dash): string {
  if (dash.length === 0) return color;
  let at = 0;
  const stops = dash.map((length, i) => {
    const from = at;
    at += length;
    return `${i % 2 === 0 ? color : "transparent"} ${from}px ${at}px`;
  });
  return `repeating-linear-gradient(90deg, ${stops.join(", ")})`;
}
