// Numbers as people read them: 1e-4 and never 0, 0.0025 and never 2.5000000e-3.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** A value with up to `digits` significant digits. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return "";
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return scientific(value, digits);
  if (size >= 10 ** digits) return grouped(Math.round(value));
  return minus(String(Number(value.toPrecision(digits))));
}

/** Ticks with the digits that tell neighbours apart, the same notation for all. */
export function formatTicks(ticks: readonly number[]): string[] {
  const sizes = ticks.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return ticks.map((tick) => formatNumber(tick));
  const smallest = Math.min(...sizes);
  const largest = Math.max(...sizes);
  const isScientific = largest >= 1e6 || largest < 1e-3 || smallest < 1e-4;
  return ticks.map((tick) => {
    if (tick === 0) return "0";
    // 12 digits are enough to tell ticks apart, and too few to show rounding noise.
    const plain = Number(tick.toPrecision(12));
    const size = Math.abs(plain);
    const isPlain = size >= 0.1 && size < 100 && largest / smallest > 100;
    if (isScientific && !isPlain) return scientific(tick, 12);
    return Math.abs(plain) >= 1e4 ? grouped(plain) : minus(String(plain));
  });
}

/** Iterations and other counts: 777,777. */
export function formatCount(value: number): string {
  return grouped(Math.round(value));
}

/** "1 run", "2 runs", "1,000 runs". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A length of time, in its two largest units. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return joined(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return joined(whole, HOUR, "h", MINUTE, "min");
  return joined(whole, DAY, "d", HOUR, "h");
}

/** A moment in local time: 2026-01-31 14:05:09. */
export function formatWallTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  const { date, time } = localParts(seconds);
  return `${date} ${time}`;
}

/** Moments on an axis: the time of day, the date where a new day begins. */
export function formatWallTimeTicks(ticks: readonly number[]): string[] {
  const spacing = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  return ticks.map((tick, i) => {
    const { date, time } = localParts(tick);
    const isNewDay = i === 0 || localParts(ticks[i - 1]).date !== date;
    if (spacing >= DAY) return date.slice(5);
    const clock = spacing < MINUTE ? time : time.slice(0, 5);
    return isNewDay ? `${date.slice(5)} ${clock}` : clock;
  });
}

function scientific(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return minus(`${Number(mantissa)}e${Number(exponent)}`);
}

function grouped(value: number): string {
  return minus(GROUPED.format(value));
}

// Made once: making one takes longer than a hundred numbers.
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 12 });

// A hyphen is easily overlooked; exponents keep theirs, to be copied into code.
function minus(text: string): string {
  return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

function joined(
  seconds: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
): string {
  const rounded = Math.round(seconds / small) * small;
  const first = Math.floor(rounded / large);
  const second = Math.round((rounded - first * large) / small);
  return second
    ? `${first} ${largeName} ${second} ${smallName}`
    : `${first} ${largeName}`;
}

function localParts(seconds: number): { date: string; time: string } {
  const moment = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    date: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    time: `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`,
  };
}
