// Where an axis has its ticks. Values come out free of rounding noise: 0.3, never
// 0.30000000000000004.

import type { Scale } from "./scale.ts";

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800];
const LOG_SECONDS = [
  1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 21600, 86400, 604800, 2592000,
];
const HOURS = [3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];

/** Places about `count` ticks at 1, 2 or 5 times a power of ten. */
export function linearTicks(min: number, max: number, count: number): number[] {
  const step = niceStep((max - min) / Math.max(1, count));
  return multiples(min, max, step);
}

/**
 * Places ticks on a log axis: at whole decades where it spans many, at 1, 2 and 5 (or 1
 * and 3) of each where it spans few, and where it spans less than about one as on a
 * linear axis, which it nearly is there.
 */
export function logTicks(min: number, max: number, count: number): number[] {
  const decades = Math.log10(max / min);
  const low = Math.floor(Math.log10(min) + 1e-9);
  const high = Math.ceil(Math.log10(max) - 1e-9);
  if (decades >= count / 2) {
    const every = Math.max(1, Math.ceil(decades / count));
    const first = Math.ceil(low / every) * every;
    return inside(min, max, range(first, high, every).map(powerOfTen));
  }
  const mantissas = decades > count / 4 ? [1, 3] : [1, 2, 5];
  const ticks = inside(
    min,
    max,
    range(low, high, 1).flatMap((exponent) =>
      mantissas.map((mantissa) => Number(`${mantissa}e${exponent}`)),
    ),
  );
  // On a log axis of more than half a decade, evenly spaced values crowd together at the
  // top; 1, 2, 5 are better where they give enough ticks.
  return decades >= 1 && ticks.length >= 3 ? ticks : linearTicks(min, max, count);
}

export function scaleTicks(scale: Scale, count: number): number[] {
  return scale.kind === "log"
    ? logTicks(scale.min, scale.max, count)
    : linearTicks(scale.min, scale.max, count);
}

/** Places ticks at whole iterations: there is nothing between two of them. */
export function stepTicks(min: number, max: number, count: number): number[] {
  const step = Math.max(1, niceStep((max - min) / Math.max(1, count)));
  return multiples(min, max, step);
}

/** Places ticks at whole seconds, minutes, hours or days since some start. */
export function durationTicks(min: number, max: number, count: number): number[] {
  return multiples(min, max, niceDuration((max - min) / Math.max(1, count)));
}

/**
 * Places ticks on a log axis of seconds since some start: 1 s, 10 s, 1 min, ..., as
 * many as have room.
 */
export function logDurationTicks(min: number, max: number, count: number): number[] {
  const shown = inside(min, max, LOG_SECONDS);
  if (shown.length < 2) return durationTicks(min, max, count);
  const every = Math.ceil(shown.length / Math.max(1, count));
  return shown.filter((_, i) => i % every === 0);
}

/** Places ticks at round local times; the values are seconds since 1970. */
export function wallTimeTicks(min: number, max: number, count: number): number[] {
  const step = niceDuration((max - min) / Math.max(1, count));
  const offset = 60 * new Date(min * 1000).getTimezoneOffset();
  return multiples(min - offset, max - offset, step).map((tick) => tick + offset);
}

function niceStep(raw: number): number {
  const exponent = Math.floor(Math.log10(raw));
  for (const [mantissa, power] of [
    [1, 0],
    [2, 0],
    [5, 0],
    [1, 1],
  ] as const) {
    const step = Number(`${mantissa}e${exponent + power}`);
    if (step >= raw * (1 - 1e-9)) return step;
  }
  return Number(`1e${exponent + 1}`);
}

function niceDuration(raw: number): number {
  if (raw < 1) return niceStep(raw);
  return [...SECONDS, ...HOURS].find((step) => step >= raw) ?? niceStep(raw);
}

function multiples(min: number, max: number, step: number): number[] {
  if (!(step > 0) || !Number.isFinite(max - min)) return [];
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  if (last - first > 1000) return [];
  // The product of two decimals is off by an ulp or so; its shortest decimal is not.
  return range(first, last, 1).map((i) => Number((i * step).toPrecision(14)));
}

function inside(min: number, max: number, values: number[]): number[] {
  const slack = 1e-9;
  return values.filter(
    (value) => value >= min * (1 - slack) && value <= max * (1 + slack),
  );
}

function range(first: number, last: number, step: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}

function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}
