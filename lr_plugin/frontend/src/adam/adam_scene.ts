// The scenes of the Adam view: what an adaptive optimizer makes of the nominal rate.

import { PALETTE } from "../base/colors.ts";
import { formatCount, formatNumber } from "../base/format.ts";
import { extent, fitScale, type Range, type ScaleKind } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import { fitToRates, fitWindow, visibleColumns, yScale } from "../chart/fit_axes.ts";
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
  window: Range | null;
  xScale: ScaleKind;
  /** The scale of the values. */
  kind: ScaleKind;
  /** What the axis of the rate shows. */
  ends: AxisEnds;
  theme: Theme;
}

/**
 * Builds the nominal rate, dashed, and the step size that bias correction makes of it.
 */
export function buildStepSizes(runs: readonly DrawnRun[], axes: StepAxes): Scene {
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
    return [
      ...(rates ? [curve(rates, `${summary.run}, rate`, true)] : []),
      ...(sizes ? [curve(sizes, `${summary.run}, step size`, false)] : []),
    ];
  });
  const scene = stepScene("Rate and step size", "per update", curves, [], axes);
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
  samples: LayerSamples,
  only: string | null,
  axes: StepAxes,
): Scene {
  const medians = layerCurves(samples, "effective_rate:p50", only, axes.theme);
  const areas = medians
    .filter(({ run }) => samples.layers.length <= 3 || run === only)
    .flatMap((curve): Area[] => {
      const layer = samples.layers.indexOf(curve.run);
      const lows = layerColumn(samples, "effective_rate:p05", layer);
      const highs = layerColumn(samples, "effective_rate:p95", layer);
      if (!lows || !highs) return [];
      return [{ run: curve.run, color: curve.color, xs: curve.xs, lows, highs }];
    });
  return stepScene(
    "Effective rate of each layer",
    "rate / (√v̂ + ε)",
    medians,
    areas,
    axes,
  );
}

/** Builds how much each update changed a layer, relative to its weights. */
export function buildUpdateRatios(
  samples: LayerSamples,
  only: string | null,
  axes: StepAxes,
): Scene {
  const curves = layerCurves(samples, "update_ratio", only, axes.theme);
  return stepScene("Update to weight ratio", "‖update‖ / ‖weights‖", curves, [], axes);
}

/**
 * Collects the values of one layer over the samples; null if the column was not
 * recorded.
 */
export function layerColumn(
  samples: LayerSamples,
  column: string,
  layer: number,
): Float64Array | null {
  const values = samples.values[column];
  return values ? Float64Array.from(values, (sample) => sample[layer]) : null;
}

function layerCurves(
  samples: LayerSamples,
  column: string,
  only: string | null,
  { isDark }: Theme,
): Curve[] {
  const xs = Float64Array.from(samples.steps);
  return samples.layers.flatMap((name, layer): Curve[] => {
    const ys = layerColumn(samples, column, layer);
    if (!ys || (only !== null && name !== only)) return [];
    const color = PALETTE[layer % PALETTE.length][isDark ? "dark" : "light"];
    return [
      { run: name, label: name, color, xs, ys, weight: "normal", everyRow: true },
    ];
  });
}

function stepScene(
  title: string,
  yLabel: string,
  curves: Curve[],
  areas: Area[],
  { window, xScale, kind, theme }: StepAxes,
): Scene {
  const x = fitWindow(
    xScale,
    window,
    curves.map(({ xs }) => xs as Float64Array),
  );
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
