// Numbers as people read them: 1e-4 and never 0, 0.0025 and never 2.5000000e-3.

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** Writes a value with up to `digits` significant digits. */
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

/** Writes ticks in one notation, with enough digits to tell neighbours apart. */
export function formatTicks(ticks: readonly number[]): string[] {
  const sizes = ticks.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return ticks.map((tick) => formatNumber(tick));
  const smallest = Math.min(...sizes);
  const largest = Math.max(...sizes);
  const isScientific = largest >= 1e6 || largest < 1e-3 || smallest < 1e-4;
  const isGrouped = largest >= 1e4;
  return ticks.map((tick) => {
    if (tick === 0) return "0";
    if (isScientific) return scientific(tick, 12);
    // 12 digits are enough to tell ticks apart, and too few to show rounding noise.
    const plain = Number(tick.toPrecision(12));
    return isGrouped ? grouped(plain) : minus(String(plain));
  });
}

/** Writes iterations and other counts: 777,777. */
export function formatCount(value: number): string {
  return grouped(Math.round(value));
}

/** Writes a count with its noun: "1 run", "2 runs", "1,000 runs". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Writes a length of time in its two largest units. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  // Times are not measured more exactly than that.
  if (seconds < 5e-4) return "0 s";
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return joined(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return joined(whole, HOUR, "h", MINUTE, "min");
  return joined(whole, DAY, "d", HOUR, "h");
}

/**
 * Writes lengths of time so that each differs from the others: "1 min" and "2 min", but
 * "2:09:37.65" and "2:09:37.70" where single iterations are seen.
 */
export function formatDurations(lengths: readonly number[]): string[] {
  const texts = lengths.map(formatDuration);
  if (new Set(texts).size === texts.length) return texts;
  const decimals = decimalsOf(lengths);
  const isShort = lengths.every((seconds) => Math.abs(seconds) < MINUTE);
  return lengths.map((seconds) =>
    isShort ? minus(`${seconds.toFixed(decimals)} s`) : clock(seconds, decimals),
  );
}

/** Writes a moment in local time: 2026-01-31 14:05:09. */
export function formatWallTime(seconds: number, decimals = 0): string {
  if (!Number.isFinite(seconds)) return "";
  const { date, time } = localParts(seconds, decimals);
  return `${date} ${time}`;
}

/** Writes both ends of a window in time, with enough digits to tell them apart. */
export function formatWallTimes(ends: readonly number[]): string[] {
  const decimals = decimalsOf(ends);
  return ends.map((seconds) => formatWallTime(seconds, decimals));
}

/** Writes moments on an axis: the time of day, and the date where a new day begins. */
export function formatWallTimeTicks(ticks: readonly number[]): string[] {
  const spacing = ticks.length > 1 ? ticks[1] - ticks[0] : 0;
  const decimals = decimalsOf(ticks);
  return ticks.map((tick, i) => {
    const { date, time } = localParts(tick, decimals);
    const isNewDay = i === 0 || localParts(ticks[i - 1], decimals).date !== date;
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

// Made once: that takes longer than writing a hundred numbers with it.
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 12 });

// A minus sign is easier to see than a hyphen. The exponent keeps its hyphen, so that the
// number can be copied into code.
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

/** Counts the digits after the second that tell neighbours apart. */
function decimalsOf([first, second]: readonly number[]): number {
  const spacing = second - first;
  return spacing > 0 ? Math.max(0, Math.ceil(-Math.log10(spacing) - 1e-9)) : 0;
}

/** Writes 2:09:37.65, or 9:37.65 within the first hour. */
function clock(seconds: number, decimals: number): string {
  if (seconds < 0) return `−${clock(-seconds, decimals)}`;
  const rounded = Number(seconds.toFixed(decimals));
  const hours = Math.floor(rounded / HOUR);
  const minutes = Math.floor((rounded % HOUR) / MINUTE);
  const rest = (rounded % MINUTE).toFixed(decimals);
  const padded = rest.padStart(decimals ? decimals + 3 : 2, "0");
  return hours
    ? `${hours}:${String(minutes).padStart(2, "0")}:${padded}`
    : `${minutes}:${padded}`;
}

function localParts(seconds: number, decimals = 0): { date: string; time: string } {
  const rounded = decimals ? Number(seconds.toFixed(decimals)) : seconds;
  const whole = Math.floor(rounded);
  const moment = new Date(whole * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const fraction = decimals ? (rounded - whole).toFixed(decimals).slice(1) : "";
  return {
    date: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
    time:
      `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}` +
      fraction,
  };
}
