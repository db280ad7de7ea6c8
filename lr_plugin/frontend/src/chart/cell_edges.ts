// Where cells end that stand for single places of an axis.

import { fromUnit, toUnit, type Scale } from "../base/scale.ts";

/** Finds where cells end: in the middle between their places as they are drawn. */
export function cellEdges(values: ArrayLike<number>, scale: Scale): number[] {
  const places = Array.from(values, (value) => toUnit(scale, value));
  const halfOf = (a: number | undefined, b: number | undefined) => {
    const half = Math.abs((b ?? NaN) - (a ?? NaN)) / 2;
    return Number.isFinite(half) ? half : LONE_WIDTH;
  };
  // A sample at step 0 has no place on a log axis, and the next one must not take it.
  const middles = places
    .slice(1)
    .map((place, i) =>
      Number.isFinite(places[i])
        ? (place + places[i]) / 2
        : place - halfOf(place, places[i + 2]),
    );
  const first = places[0] - halfOf(places[0], places[1]);
  const last = places[places.length - 1] + halfOf(places.at(-2), places.at(-1));
  return [first, ...middles, last].map((place) => fromUnit(scale, place));
}

// Of a sample that has no neighbour, as a share of the axis.
const LONE_WIDTH = 0.01;
