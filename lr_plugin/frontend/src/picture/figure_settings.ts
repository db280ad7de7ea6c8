// What a saved picture is like: its size on paper, its letters, its colours.

import { TICK_SIZE } from "../data/axis_ticks.ts";
import type { Size } from "./figure.ts";

export interface FigureSettings {
  widthMm: number;
  /** A legend that needs more room makes the picture higher. */
  heightMm: number;
  /** Of the letters at the axes and in the legend; the title's are larger. */
  fontPt: number;
  colors: "light" | "dark";
  hasTitle: boolean;
}

export const DEFAULT_SETTINGS: FigureSettings = {
  widthMm: 183,
  heightMm: 90,
  fontPt: 8,
  colors: "light",
  hasTitle: true,
};

// Nature, "Final submission"; IEEE, "Preparing your graphics": 3.5 and 7.16 inches;
// ICML's and NeurIPS' style files: a column of 3.25 and a text of 5.5 inches.
export const WIDTHS: Readonly<Record<string, string>> = {
  "89": "1 column: 89 mm (Nature, IEEE)",
  "183": "2 columns: 183 mm (Nature, IEEE)",
  "82.5": "1 column: 82.5 mm (ICML)",
  "139.7": "text: 139.7 mm (NeurIPS)",
};

const MM_PER_INCH = 25.4;
const POINTS_PER_INCH = 72;
// As CSS and SVG have it.
const PIXELS_PER_INCH = 96;
const DOTS_PER_INCH = 300;
export const DOTS_PER_METRE = Math.round((DOTS_PER_INCH / MM_PER_INCH) * 1000);

const LIMITS = {
  widthMm: { name: "The width", unit: "mm", low: 40, high: 1000 },
  heightMm: { name: "The height", unit: "mm", low: 25, high: 1000 },
  fontPt: { name: "The letters", unit: "pt", low: 4, high: 30 },
} as const;

/** Says which setting cannot be used, and why; null if all can. */
export function problemOf(settings: FigureSettings): string | null {
  for (const key of ["widthMm", "heightMm", "fontPt"] as const) {
    const { name, unit, low, high } = LIMITS[key];
    const value = settings[key];
    if (value >= low && value <= high) continue;
    const is = key === "fontPt" ? "are" : "is";
    const received = Number.isNaN(value) ? "nothing" : `${value} ${unit}`;
    return `${name} ${is} from ${low} to ${high} ${unit}. Received: ${received}.`;
  }
  return null;
}

/** Tells how many of CSS' pixels a unit of a layout is. */
export function pixelsPerUnit({ fontPt }: FigureSettings): number {
  return (fontPt * PIXELS_PER_INCH) / POINTS_PER_INCH / TICK_SIZE;
}

/** Tells how many dots of a PNG a unit of a layout is. */
export function dotsPerUnit(settings: FigureSettings): number {
  return (pixelsPerUnit(settings) * DOTS_PER_INCH) / PIXELS_PER_INCH;
}

/** Computes the wanted size in the units of a layout. */
export function unitsOf(settings: FigureSettings): Size {
  const perMm = PIXELS_PER_INCH / MM_PER_INCH / pixelsPerUnit(settings);
  return { width: settings.widthMm * perMm, height: settings.heightMm * perMm };
}

/** Computes the size on paper of a layout, in mm. */
export function millimetresOf(size: Size, settings: FigureSettings): Size {
  const perUnit = (pixelsPerUnit(settings) * MM_PER_INCH) / PIXELS_PER_INCH;
  return { width: size.width * perUnit, height: size.height * perUnit };
}

const KEY = "lr-figure";

type Store = Pick<Storage, "getItem" | "setItem">;
// Some browsers refuse even to name it.
const ofBrowser = (): Store => localStorage;

/** Reads what was chosen last; what cannot be used is as by default. */
export function loadSettings(store = ofBrowser): FigureSettings {
  try {
    const found: unknown = JSON.parse(store().getItem(KEY) ?? "{}");
    const settings = { ...DEFAULT_SETTINGS, ...(found as Partial<FigureSettings>) };
    const isKnown = settings.colors === "light" || settings.colors === "dark";
    return isKnown && problemOf(settings) === null ? settings : DEFAULT_SETTINGS;
  } catch {
    // Nothing was kept, or the browser keeps nothing here.
    return DEFAULT_SETTINGS;
  }
}

export function keepSettings(settings: FigureSettings, store = ofBrowser): void {
  try {
    store().setItem(KEY, JSON.stringify(settings));
  } catch {
    // Without a store they hold until the page is left.
  }
}
