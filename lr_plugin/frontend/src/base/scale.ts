// Maps values to positions. A scale is linear in `toLinear(value)`, which is the decimal
// logarithm for a log scale: everything that draws needs one rule only.

export type ScaleKind = "linear" | "log";

/** The lower and the upper end. */
export type Range = readonly [number, number];

export interface Scale {
  kind: ScaleKind;
  min: number;
  max: number;
}

// A cosine schedule ends at zero or next to it; without a bound its last rows alone
// would stretch a log axis over hundreds of decades.
const MAX_DECADES = 9;
const PADDING = 0.05;

/** Maps a value to a position on a linear axis; `fromLinear` maps it back. */
export function toLinear(scale: { kind: ScaleKind }, value: number): number {
  return scale.kind === "log" ? Math.log10(value) : value;
}

export function fromLinear(scale: { kind: ScaleKind }, position: number): number {
  return scale.kind === "log" ? 10 ** position : position;
}

/**
 * Finds the place of a value between the ends of the scale: 0 to 1, or outside of that
 * for a value beyond the ends. What a log scale cannot show is at minus infinity.
 */
export function toUnit(scale: Scale, value: number): number {
  const low = toLinear(scale, scale.min);
  const high = toLinear(scale, scale.max);
  if (scale.kind === "log" && value <= 0) return -Infinity;
  return (toLinear(scale, value) - low) / (high - low);
}

/** Finds the value at a place between the ends of the scale. */
export function fromUnit(scale: Scale, unit: number): number {
  const low = toLinear(scale, scale.min);
  const high = toLinear(scale, scale.max);
  return fromLinear(scale, low + unit * (high - low));
}

/** Tells whether two values are no further apart than a share of the scale. */
export function areNear(scale: Scale, a: number, b: number, share: number): boolean {
  return Math.abs(toUnit(scale, a) - toUnit(scale, b)) <= share;
}

/**
 * Finds the smallest and the largest finite value that the scale can show; null if
 * there is none.
 */
export function extent(
  kind: ScaleKind,
  columns: Iterable<ArrayLike<number>>,
): [number, number] | null {
  let min = Infinity;
  let max = -Infinity;
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i];
      if (!Number.isFinite(value) || (kind === "log" && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? [min, max] : null;
}

/**
 * Makes a scale that shows the range with a little space around it.
 *
 * @param decades As many at most, on a log scale; the lowest are left out.
 */
export function fitScale(
  kind: ScaleKind,
  range: [number, number] | null,
  padding = PADDING,
  decades = MAX_DECADES,
): Scale {
  if (!range)
    return kind === "log" ? { kind, min: 0.1, max: 1 } : { kind, min: 0, max: 1 };
  let [min, max] = range;
  if (kind === "log") {
    min = Math.max(min, max * 10 ** -decades);
    // A constant gets half a decade to each side.
    const margin = min === max ? 0.5 : padding * Math.log10(max / min);
    return { kind, min: min * 10 ** -margin, max: max * 10 ** margin };
  }
  if (min === max) {
    const margin = min === 0 ? 1 : Math.abs(min) / 2;
    return { kind, min: min - margin, max: max + margin };
  }
  const margin = padding * (max - min);
  // Where no value is negative, the axis does not go below zero.
  const low = min >= 0 && min - margin < 0 ? 0 : min - margin;
  return { kind, min: low, max: max + margin };
}

/** Makes a scale that leaves out nothing. */
export function fitWhole(kind: ScaleKind, range: [number, number] | null): Scale {
  return fitScale(kind, range, PADDING, Infinity);
}

/**
 * Enlarges the part of the scale around `center` (factor < 1), or shrinks it (factor >
 * 1).
 */
export function zoomAround(
  scale: Scale,
  center: number,
  factor: number,
): [number, number] {
  const at = toUnit(scale, center);
  return [fromUnit(scale, at - at * factor), fromUnit(scale, at + (1 - at) * factor)];
}

/** Moves the window by a share of its width. */
export function panBy(scale: Scale, share: number): [number, number] {
  return [fromUnit(scale, share), fromUnit(scale, 1 + share)];
}
