// What the cursor reads: the picked row first, then the rows of the other runs that are
// nearest to its x, from the top of the picture to its bottom.

import { areNear } from "../base/scale.ts";
import { nearestIndex } from "../base/sorted.ts";
import { xColumn, type XAxis } from "../data/axis.ts";
import { stretchAt, stretchesOf } from "../data/stretches.ts";
import type { DrawnRun } from "./drawn_run.ts";
import { columnOf, describeRows, valuesAt, type Around } from "./exact_row.ts";
import type { Hover } from "./hover.ts";
import type { Picked } from "./pick.ts";
import { READ_REACH, type Curve, type Scene } from "./scene.ts";

export interface ReadableRun extends DrawnRun {
  /** The x of each row. */
  xs: ArrayLike<number>;
}

/** Where a row is highlighted. */
export interface Dot {
  x: number;
  y: number;
  color: string;
}

export interface ReadRow {
  run: string;
  color: string;
  step: number;
  values: Record<string, number>;
  /** The value of the smoothed curve; null if there is none. */
  smoothed: number | null;
  /** Whether `values` are those of one iteration; else only `around` is known. */
  isExact: boolean;
  /** What the row stands for; null if it is alone, or the others are not known yet. */
  around: Around | null;
  dots: readonly Dot[];
  /** What the row is, where it is no iteration of a run. */
  text: string | null;
}

interface ReadOptions {
  axis: XAxis;
  /** The run that comes first where the pointer is near no curve. */
  focus: string | null;
  /**
   * The columns that are read of a curve that has no run's rows: its x counts as the
   * first, its y as the second.
   */
  columns: readonly string[];
}

type Place = Pick<Hover, "x" | "picked" | "exact">;

/** Reads what is at a place of a scene. */
export function readRows(
  runs: readonly ReadableRun[],
  scene: Scene,
  place: Place,
  options: ReadOptions,
): ReadRow[] {
  const { picked } = place;
  const own = runs.find((run) => picked !== null && isRowOf(picked.curve, run));
  // At one rate, a run may have many rows or none.
  if (scene.xUnit === "value") {
    if (!picked) return [];
    return [
      own
        ? readOwn(own, scene, picked, place, options)
        : readPoint(picked, options.columns),
    ];
  }
  const isPoint = picked?.curve.values && scene.curves.includes(picked.curve);
  const point = picked && isPoint ? readPoint(picked, options.columns) : null;
  const x = picked && (own || point) ? picked.curve.xs[picked.row] : place.x;
  if (x === null) return [];
  const others = runs
    .filter((run) => run !== own)
    .flatMap((run) => {
      const row = nearestIndex(run.xs, x);
      // A row further away would be taken for one at the cursor.
      const isNear = row >= 0 && areNear(scene.x, run.xs[row], x, READ_REACH);
      return isNear ? [readDrawn(run, scene, row, null)] : [];
    })
    .sort((a, b) => heightOf(b) - heightOf(a));
  if (own && picked) return [readOwn(own, scene, picked, place, options), ...others];
  if (point) return [point, ...others];
  const isFirst = ({ run }: ReadRow) => run === options.focus;
  return [...others.filter(isFirst), ...others.filter((row) => !isFirst(row))];
}

/** Reads a row as it is drawn. */
function readDrawn(
  run: ReadableRun,
  scene: Scene,
  row: number,
  only: Curve | null,
): ReadRow {
  const { summary, series, color, xs } = run;
  const stretch = stretchAt(stretchesOf(series), row);
  const isExact = series.exact !== "envelope" || stretch.first === stretch.last;
  const values = valuesAt(series, row);
  const smoothed = scene.curves.find(
    (curve) => curve.isSmoothed && isRowOf(curve, run),
  );
  return {
    run: summary.run,
    color,
    step: values.step,
    values,
    smoothed: smoothed ? smoothed.ys[row] : null,
    isExact,
    around: isExact ? null : describeRows(series, stretch),
    dots: dottedCurves(run, scene, only).map((curve) => ({
      x: xs[row],
      y: curve.ys[row],
      color: curve.color,
    })),
    text: null,
  };
}

/** Reads the picked row, with all that the server has said of it. */
function readOwn(
  run: ReadableRun,
  scene: Scene,
  picked: Picked,
  { exact }: Place,
  { axis }: ReadOptions,
): ReadRow {
  const drawn = readDrawn(run, scene, picked.row, picked.curve);
  if (!exact) return drawn;
  const { values, around } = exact;
  if (!values || drawn.isExact) return { ...drawn, around };
  const x = placeOf(values, run, scene, axis);
  const dots = dottedCurves(run, scene, picked.curve).flatMap((curve) => {
    const column = columnOf(curve);
    return column ? [{ x, y: values[column], color: curve.color }] : [];
  });
  return { ...drawn, values, around, step: values.step, isExact: true, dots };
}

/** Lists the curves of a run that get a dot: the picked one alone, if it is drawn. */
function dottedCurves(run: ReadableRun, scene: Scene, only: Curve | null): Curve[] {
  const curves = scene.curves.filter((curve) => isRowOf(curve, run));
  return only && curves.includes(only)
    ? [only]
    : curves.filter(({ weight }) => weight !== "faint");
}

/** Reads a point of a curve that has no run's rows. */
function readPoint({ curve, row }: Picked, [x, y]: readonly string[]): ReadRow {
  const dot = { x: curve.xs[row], y: curve.ys[row], color: curve.color };
  return {
    run: curve.label,
    color: curve.color,
    step: NaN,
    values: curve.values?.(row) ?? { [x]: dot.x, [y]: dot.y },
    smoothed: null,
    isExact: true,
    around: null,
    dots: [dot],
    text: curve.describe?.(row) ?? "",
  };
}

/** Tells whether the points of a curve are the rows of a run. */
function isRowOf(curve: Curve, run: ReadableRun): boolean {
  return curve.series ? curve.series === run.series : curve.xs === run.xs;
}

/** Finds the x of a row that is not drawn. */
function placeOf(
  values: Record<string, number>,
  { summary }: ReadableRun,
  scene: Scene,
  axis: XAxis,
): number {
  if (scene.xUnit === "value") return values.learning_rate;
  const columns = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Float64Array.of(value)]),
  );
  return xColumn(axis, summary, columns)[0];
}

function heightOf({ dots }: ReadRow): number {
  const y = dots.at(-1)?.y ?? NaN;
  return Number.isNaN(y) ? -Infinity : y;
}
