// One colour for each run: told by its name, and distinct for colour-blind eyes.

interface Hue {
  light: string;
  dark: string;
}

// The hues of Okabe & Ito, "Color Universal Design", 2008, and of Tol, "Colour Schemes",
// 2021 (https://personal.sron.nl/~pault/), moved until all ten are far apart for normal,
// protanope and deuteranope eyes and stand out from the page; the test measures it.
export const PALETTE: readonly Hue[] = [
  { light: "#2c59a0", dark: "#5abdff" },
  { light: "#a94b00", dark: "#d97202" },
  { light: "#59a26f", dark: "#5cc683" },
  { light: "#b077ad", dark: "#c46bb4" },
  { light: "#d28300", dark: "#f7dd3b" },
  { light: "#009ae9", dark: "#83e5ff" },
  { light: "#640549", dark: "#bf6886" },
  { light: "#0f1786", dark: "#8481ff" },
  { light: "#506f64", dark: "#d9e0d3" },
  { light: "#464f28", dark: "#b6e06e" },
];

/**
 * Assigns a place in the palette to every run.
 *
 * A run prefers the place its name hashes to, and gives way to the runs that started just
 * before it: those that are drawn together mostly follow each other. A new run never
 * changes the colour of one that is already there.
 *
 * @param names In the order in which the runs started.
 * @param known Runs that have a place already and keep it, also if others are deleted.
 */
export function assignColors(
  names: readonly string[],
  known: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const assigned = new Map(known);
  names.forEach((name, i) => {
    if (assigned.has(name)) return;
    const before = names.slice(Math.max(0, i - PALETTE.length + 1), i);
    const taken = new Set(before.map((other) => assigned.get(other)));
    let place = hash(name) % PALETTE.length;
    while (taken.has(place)) place = (place + 1) % PALETTE.length;
    assigned.set(name, place);
  });
  return assigned;
}

/**
 * Mixes the colour of a moment in a run; `share` goes from 0, its first iteration, to
 * 1, its last.
 */
export function timeColor(share: number): string {
  return `rgb(${mix(share).join(",")})`;
}

/**
 * Chooses the colour of a change: `share` goes from 0, the largest fall, by way of 0.5,
 * the colour of the page, to 1, the largest rise.
 */
export function changeColor(share: number, side: keyof Hue): string {
  const inside = Math.min(1, Math.max(0, share));
  return CHANGES[Math.round(inside * (CHANGES.length - 1))][side];
}

function mix(share: number, stops: readonly (readonly number[])[] = CIVIDIS): number[] {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const i = Math.min(Math.floor(at), stops.length - 2);
  return stops[i].map((from, channel) =>
    Math.round(from + (at - i) * (stops[i + 1][channel] - from)),
  );
}

function asHex(channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Chooses the colours of things that follow each other, as layers do: those of the
 * palette, or where these are too few, from dark to light.
 */
export function colorsInOrder(count: number, side: keyof Hue): string[] {
  const last = IN_ORDER.length - 1;
  return Array.from({ length: count }, (_, i) => {
    if (count <= PALETTE.length) return PALETTE[i][side];
    return IN_ORDER[Math.round((i * last) / (count - 1))][side];
  });
}

/** Lists the colours of a side, each with that of the other side. */
export function otherSide(side: keyof Hue): [string, string][] {
  const other = side === "dark" ? "light" : "dark";
  return [...IN_ORDER, ...CHANGES, ...PALETTE].map((hue) => [hue[side], hue[other]]);
}

// Cividis (Nunez, Anderton & Renslow 2018), which reads the same with and without a
// colour vision deficiency.
const CIVIDIS = [
  [0, 34, 78],
  [53, 69, 108],
  [102, 105, 112],
  [148, 142, 119],
  [200, 184, 102],
  [254, 232, 56],
];

// Neither so dark nor so light that they would not stand out from the page.
const ENDS_IN_ORDER = { light: [0, 0.75], dark: [0.4, 1] } as const;
const NUM_IN_ORDER = 48;
const IN_ORDER: readonly Hue[] = Array.from({ length: NUM_IN_ORDER }, (_, i) => {
  // Written otherwise than by `timeColor`, so that the other side of these is found, and
  // colours that say a value stay what they are.
  const at = ([from, to]: readonly [number, number]) =>
    asHex(mix(from + ((to - from) * i) / (NUM_IN_ORDER - 1)));
  return { light: at(ENDS_IN_ORDER.light), dark: at(ENDS_IN_ORDER.dark) };
});

// From blue to red, which no common colour vision deficiency confuses, in the manner of
// RdBu (Brewer, "ColorBrewer", 2002); in the middle is the page, so that the eye goes to
// what changed. The test measures it.
const FALL_TO_RISE = {
  light: [
    [33, 102, 172],
    [146, 197, 222],
    [255, 255, 255],
    [244, 165, 130],
    [178, 24, 43],
  ],
  dark: [
    [105, 185, 255],
    [61, 110, 150],
    [58, 58, 58],
    [150, 82, 66],
    [255, 130, 100],
  ],
} as const;
// An odd number, so that there is a middle.
const NUM_CHANGES = 65;
const CHANGES: readonly Hue[] = Array.from({ length: NUM_CHANGES }, (_, i) => {
  const at = (side: keyof Hue) => asHex(mix(i / (NUM_CHANGES - 1), FALL_TO_RISE[side]));
  return { light: at("light"), dark: at("dark") };
});

// FNV-1a: short, and spreads names that differ in one digit.
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    state = Math.imul(state ^ byte, 0x01000193);
  }
  return (state ^ (state >>> 15)) >>> 0;
}
