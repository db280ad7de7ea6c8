// The scenes of the layers: what an optimizer makes of the nominal rate.

import { formatCount, formatNumber, plural } from "../base/format.ts";
import { extent, fitScale, type Scale, type ScaleKind } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { fitToRates, visibleColumns, yScale } from "../chart/fit_axes.ts";
import type { ReadableRun } from "../chart/reading.ts";
import {
  rowsOf,
  type Area,
  type Curve,
  type Scene,
  type Spot,
} from "../chart/scene.ts";
import { nonfiniteSpots } from "../chart/spots.ts";
import type { LayerSamples } from "../data/records.ts";
import type { AxisEnds } from "../state/state.ts";

export interface StepAxes {
  /** The steps, the same in all charts of the view. */
  x: Scale;
  /** The space left of the curves in pixels, the same in all charts. */
  yRoom: number;
  /** The scale of the values. */
  kind: ScaleKind;
  /** What the axis of the rate shows. */
  ends: AxisEnds;
  theme: Theme;
}

// A. Karpathy, CS231n, "Ratio of weights:updates", 2016,
// https://cs231n.github.io/neural-networks-3/#ratio.
export const USUAL_RATIO = 1e-3;
export const RATIO = "update_ratio";
export const RATE = "effective_rate:p50";
const RATE_ENDS = ["effective_rate:p05", "effective_rate:p95"] as const;
// More bands would hide each other.
const MOST_BANDS = 3;

/**
 * Builds the nominal rate, dashed, and the step size that bias correction makes of it;
 * the rate alone where the optimizer corrects none.
 */
export function buildStepSizes(runs: readonly DrawnRun[], axes: StepAxes): Scene {
  const hasSizes = runs.some(({ series }) => series.columns.step_size);
  const curves = runs.flatMap(({ summary, series, color }): Curve[] => {
    const { step, learning_rate: rates, step_size: sizes } = series.columns;
    const curve = (ys: Float64Array, label: string, dashed: boolean): Curve => ({
      run: summary.run,
      label,
      color,
      xs: step,
      ys,
      weight: "normal",
      dashed,
      ...rowsOf(series, step, ys),
      everyRow: !dashed && series.exact === "rows",
    });
    const name = sizes ? `${summary.run}, rate` : summary.run;
    return [
      ...(rates ? [curve(rates, name, hasSizes)] : []),
      ...(sizes ? [curve(sizes, `${summary.run}, step size`, false)] : []),
    ];
  });
  const title = hasSizes ? "Rate and step size" : "Learning rate";
  const scene = stepScene(title, "per update", curves, [], axes);
  const columns = visibleColumns(curves, scene.x);
  return { ...scene, ...fitToRates(axes.kind, columns, axes.ends === "most") };
}

/** Builds one more column of the rows, for instance the norm of the gradient. */
export function buildColumn(
  runs: readonly DrawnRun[],
  column: string,
  title: string,
  axes: StepAxes,
): Scene {
  const curves = runs.flatMap(({ summary, series, color }): Curve[] => {
    const ys = series.columns[column];
    if (!ys) return [];
    return [
      {
        run: summary.run,
        label: summary.run,
        color,
        xs: series.columns.step,
        ys,
        weight: "normal",
        ...rowsOf(series, series.columns.step, ys),
      },
    ];
  });
  return stepScene(title, title.toLowerCase(), curves, [], axes);
}

/**
 * Builds the median effective rate of each layer's weights, and the space between its
 * 5th and 95th percentile where there is room for it.
 *
 * @param only The layer that is drawn alone; null draws all.
 */
export function buildEffectiveRates(
  layers: readonly ReadableRun[],
  only: string | null,
  axes: StepAxes,
): Scene {
  const medians = layerCurves(layers, RATE, only);
  const [low, high] = RATE_ENDS;
  const areas = layers
    .filter(({ summary }) => layers.length <= MOST_BANDS || summary.run === only)
    .flatMap(({ summary, series, color, xs }): Area[] => {
      const { [low]: lows, [high]: highs } = series.columns;
      return lows && highs ? [{ run: summary.run, color, xs, lows, highs }] : [];
    });
  const title = "Effective rate of each layer";
  return stepScene(title, "rate / (√v̂ + ε)", medians, areas, axes);
}

/**
 * Builds how much each update changed a layer, relative to its weights, beside the
 * ratio that is usual.
 */
export function buildUpdateRatios(
  layers: readonly ReadableRun[],
  only: string | null,
  axes: StepAxes,
): Scene {
  const curves = layerCurves(layers, RATIO, only);
  const scene = stepScene(RATIO_TITLE, "‖update‖ / ‖weights‖", curves, [], axes);
  const guides = [{ y: USUAL_RATIO, label: "1e-3, rule of thumb" }];
  if (axes.kind === "linear") return { ...scene, guides };
  const columns = [...visibleColumns(curves, axes.x), [USUAL_RATIO]];
  return { ...scene, guides, y: fitScale("log", extent("log", columns)) };
}

export const RATIO_TITLE = "Update to weight ratio";
export const RATE_TITLE = "Effective rate";

function layerCurves(
  layers: readonly ReadableRun[],
  column: string,
  only: string | null,
): Curve[] {
  return layers.flatMap(({ summary, series, color, xs }): Curve[] => {
    const ys = series.columns[column];
    const { run } = summary;
    if (!ys || (only !== null && run !== only)) return [];
    return [
      { run, label: run, color, xs, ys, weight: "normal", everyRow: true, series },
    ];
  });
}

function stepScene(
  title: string,
  yLabel: string,
  curves: Curve[],
  areas: Area[],
  { x, yRoom, kind, theme }: StepAxes,
): Scene {
  const y = areas.length
    ? fitScale(
        kind,
        extent(kind, [
          ...curves.map(({ ys }) => ys),
          ...areas.flatMap(({ lows, highs }) => [lows, highs]),
        ]),
      )
    : yScale(kind, curves, x);
  return {
    title,
    xLabel: "Step",
    yLabel,
    xUnit: "step",
    x,
    y,
    yRoom,
    bands: [],
    areas,
    curves,
    marks: [],
    spots: curves.flatMap((curve) => crossesOf(curve, theme)),
  };
}

function crossesOf(curve: Curve, theme: Theme): Spot[] {
  // Where a row stands for several iterations, it could be any of them.
  const place = curve.everyRow ? "at" : "near";
  const textOf = (row: number) =>
    `${formatNumber(curve.ys[row])} ${place} step ${formatCount(curve.xs[row])}.`;
  return nonfiniteSpots(curve, textOf, theme);
}

/** Counts samples, and says where none of them is among the steps that are shown. */
export function describeSamples({ steps, layers }: LayerSamples, x: Scale): string {
  const all = `${plural(steps.length, "sample")} of ${plural(layers.length, "layer")}`;
  const isSeen = steps.some((step) => step >= x.min && step <= x.max);
  return isSeen ? all : `${all}, none of them in view`;
}
