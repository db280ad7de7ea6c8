// Maps values to positions. A scale is linear in `toLinear(value)`: for a log axis that
// is the decimal logarithm, so that everything that draws needs only one rule.

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

export function toLinear(scale: { kind: ScaleKind }, value: number): number {
  return scale.kind === "log" ? Math.log10(value) : value;
}

export function fromLinear(scale: { kind: ScaleKind }, position: number): number {
  return scale.kind === "log" ? 10 ** position : position;
}

/**
 * The place of a value between the ends of the scale, 0 to 1; outside of that for
 * values beyond the ends. What a log axis cannot show goes to minus infinity.
 */
export function toUnit(scale: Scale, value: number): number {
  const low = toLinear(scale, scale.min);
  const high = toLinear(scale, scale.max);
  if (scale.kind === "log" && value <= 0) return -Infinity;
  return (toLinear(scale, value) - low) / (high - low);
}

export function fromUnit(scale: Scale, unit: number): number {
  const low = toLinear(scale, scale.min);
  const high = toLinear(scale, scale.max);
  return fromLinear(scale, low + unit * (high - low));
}

/** Whether two values are no further apart than a share of the scale. */
export function areNear(scale: Scale, a: number, b: number, share: number): boolean {
  return Math.abs(toUnit(scale, a) - toUnit(scale, b)) <= share;
}

/** Smallest and largest finite value, those a log axis can show; null if none. */
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

/** A scale that shows the range with a little air around it. */
export function fitScale(
  kind: ScaleKind,
  range: [number, number] | null,
  padding = 0.05,
): Scale {
  if (!range)
    return kind === "log" ? { kind, min: 0.1, max: 1 } : { kind, min: 0, max: 1 };
  let [min, max] = range;
  if (kind === "log") {
    min = Math.max(min, max * 10 ** -MAX_DECADES);
    // A constant gets half a decade to each side.
    const margin = min === max ? 0.5 : padding * Math.log10(max / min);
    return { kind, min: min * 10 ** -margin, max: max * 10 ** margin };
  }
  if (min === max) {
    const margin = min === 0 ? 1 : Math.abs(min) / 2;
    return { kind, min: min - margin, max: max + margin };
  }
  const margin = padding * (max - min);
  // Rates and losses that reach down to zero look wrong below it.
  const low = min >= 0 && min - margin < 0 ? 0 : min - margin;
  return { kind, min: low, max: max + margin };
}

/** Makes the part of the scale around `center` larger (factor < 1) or smaller. */
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
