// What a chart shows, as data. The views build it; `paint.ts` paints it on the screen, in
// PNG and in SVG.

import type { AxisCut } from "../base/axis_cut.ts";
import type { Dash } from "../base/line_looks.ts";
import type { Scale } from "../base/scale.ts";
import type { XUnit } from "../data/axis.ts";
import { envelopeOf, type Envelope } from "../data/envelope.ts";
import type { Series } from "../data/records.ts";

/** How far from the cursor a row may be and still be read, as a share of the axis. */
export const READ_REACH = 0.02;

export interface Curve {
  run: string;
  label: string;
  color: string;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  /**
   * "thin" is one of many; "faint" is the raw loss beneath a smoothed one; "unseen" is
   * read at the cursor, and painted as cells.
   */
  weight: "normal" | "thin" | "faint" | "strong" | "unseen";
  /** Whether it is not the first one of its run: then its pattern says so. */
  dashed?: boolean;
  /** The pattern of its run. */
  dash?: Dash;
  /**
   * Colours the path from its first row to its last; the rows must be in order of time.
   */
  colorByTime?: (share: number) => string;
  /** Says what a row is, where it is no iteration of a run. */
  describe?: (row: number) => string;
  /** What is read of such a row, by column; else its x and its y. */
  values?: (row: number) => Record<string, number>;
  /** What surrounds the line, where it crosses cells of any colour. */
  outline?: string;
  /** How single points are marked; a dot by default. */
  marker?: "cross" | "dash";
  /** Whether each row is one iteration, so that it may be shown as a dot. */
  everyRow: boolean;
  /** The rows of a run that the points are, one for one, where they are such rows. */
  series?: Series;
  /**
   * The band that is painted in place of a line where the points are the extremes of
   * many iterations: of a sample, only where there is room between these.
   */
  envelope?: Envelope;
  /** Whether `ys` are smoothed, and no values that any row has. */
  isSmoothed?: boolean;
}

/** Says of a curve that its points are the rows of a run, and what they stand for. */
export function rowsOf(
  series: Series,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
): Pick<Curve, "everyRow" | "series" | "envelope"> {
  const everyRow = series.exact === "rows";
  const envelope = everyRow ? undefined : envelopeOf(series, xs, ys);
  return { everyRow, series, envelope };
}

/** The space between two curves. */
export interface Area {
  run: string;
  color: string;
  xs: ArrayLike<number>;
  lows: ArrayLike<number>;
  highs: ArrayLike<number>;
}

/** A range of x, from top to bottom. */
export interface Band {
  from: number;
  to: number;
  color: string;
  label: string;
}

/** A moment: a line from top to bottom with its text. */
export interface Mark {
  run: string;
  x: number;
  text: string;
  /** What it is, in a word or two; `text` where this is missing. */
  label?: string;
  color: string;
  /** Quiet marks have no flag and give way where they would be too close. */
  quiet: boolean;
}

/** One iteration worth pointing at, at its value or at an edge of the picture. */
export interface Spot {
  run: string;
  x: number;
  y: number | "top" | "bottom";
  shape: "cross" | "tick" | "dot";
  color: string;
  text: string;
}

/** A value to compare with: a line from the left to the right with its text. */
export interface Guide {
  y: number;
  label: string;
}

/** Fields of colours, in rows at y = 0, -1, -2, ... from the top, or in columns. */
export interface Cells {
  /** Where each field, or column, begins, and where the last one ends. */
  edges: ArrayLike<number>;
  /** The colours of each row; null where there is no value. */
  rows: readonly { run: string; colors: readonly (string | null)[] }[];
  /**
   * Columns whose fields have y of their own. They are those of the points of the unseen
   * curves, one column a row.
   */
  columns?: readonly CellColumn[];
  /** The colour of columns where they have no field. */
  ground?: string;
  bar: ColorBar;
}

/** Fields above each other, from the bottom to the top. */
export interface CellColumn {
  /** The y where each field begins, and where the last one ends. */
  edges: ArrayLike<number>;
  colors: readonly (string | null)[];
}

/** What the colours of cells say. */
export interface ColorBar {
  label: string;
  scale: Scale;
  /** Whether values beyond an end have its colour. */
  isCut: { low: boolean; high: boolean };
  /** A value to compare with. */
  guide: number | null;
  /** The colours along the scale, from 0 to 1; `timeColor` by default. */
  colorOf?: (share: number) => string;
  /** What stands at the bar; by default numbers of the scale. */
  ticks?: readonly BarTick[];
}

/** A place on a colour bar, from 0 to 1, and what stands there. */
export interface BarTick {
  share: number;
  label: string;
  isGuide: boolean;
}

/** A part of the y axis that has no values: what stands there has none to show. */
export interface Lane {
  from: number;
  to: number;
  label: string;
}

export interface Scene {
  title: string;
  xLabel: string;
  yLabel: string;
  xUnit: XUnit;
  x: Scale;
  y: Scale;
  /** The names of the places 0, 1, 2, ... on the x axis, where these are no numbers. */
  xNames?: readonly string[];
  /** The names of the places 0, -1, -2, ... on the y axis, where these are no numbers. */
  yNames?: readonly string[];
  /** The space left of the curves in pixels, where charts are to be aligned. */
  yRoom?: number;
  lane?: Lane;
  cells?: Cells;
  guides?: readonly Guide[];
  /** Where the y axis ends although some values lie beyond. */
  cuts?: readonly AxisCut[];
  bands: Band[];
  areas: Area[];
  curves: Curve[];
  marks: Mark[];
  spots: Spot[];
}
