// One colour for each run: told by its name, and distinct for colour-blind eyes.

export interface Hue {
  light: string;
  dark: string;
}

// Okabe & Ito, "Color Universal Design", 2008, and Tol, "Colour Schemes", 2021
// (https://personal.sron.nl/~pault/), made darker or lighter where they would not stand
// out from a white or a dark grey page.
export const PALETTE: readonly Hue[] = [
  { light: "#0072b2", dark: "#4aa8e0" },
  { light: "#d55e00", dark: "#ff8a3d" },
  { light: "#009e73", dark: "#2fc79b" },
  { light: "#b0468e", dark: "#e08bc4" },
  { light: "#b58900", dark: "#f0d24a" },
  { light: "#3aa3d6", dark: "#9ad9ff" },
  { light: "#882255", dark: "#c75b8f" },
  { light: "#332288", dark: "#9b8cff" },
  { light: "#6b6b6b", dark: "#bdbdbd" },
  { light: "#6b7d1f", dark: "#b7c95a" },
];

/**
 * Assigns a place in the palette to every run.
 *
 * A run prefers the place its name hashes to. Among runs that share it, those that
 * started earlier keep it, and the others move on to the next place that fewer runs use:
 * so a new run never changes the colour of one that is already there.
 *
 * @param names In the order in which the runs started.
 */
export function assignColors(names: readonly string[]): Map<string, number> {
  const uses = PALETTE.map(() => 0);
  const assigned = new Map<string, number>();
  for (const name of names) {
    const fewest = Math.min(...uses);
    let place = hash(name) % PALETTE.length;
    while (uses[place] > fewest) place = (place + 1) % PALETTE.length;
    uses[place]++;
    assigned.set(name, place);
  }
  return assigned;
}

/** A colour between the first and the last iteration of a run, `share` from 0 to 1. */
export function timeColor(share: number): string {
  // Cividis (Nunez, Anderton & Renslow 2018), which reads the same with and without a
  // colour vision deficiency.
  const at = Math.min(1, Math.max(0, share)) * (CIVIDIS.length - 1);
  const i = Math.min(Math.floor(at), CIVIDIS.length - 2);
  const mixed = CIVIDIS[i].map((from, channel) =>
    Math.round(from + (at - i) * (CIVIDIS[i + 1][channel] - from)),
  );
  return `rgb(${mixed.join(",")})`;
}

const CIVIDIS = [
  [0, 34, 78],
  [53, 69, 108],
  [102, 105, 112],
  [148, 142, 119],
  [200, 184, 102],
  [254, 232, 56],
];

// FNV-1a: short, and spreads names that differ in one digit.
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    state = Math.imul(state ^ byte, 0x01000193);
  }
  return (state ^ (state >>> 15)) >>> 0;
}
