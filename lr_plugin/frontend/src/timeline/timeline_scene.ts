// The two scenes of the timeline: rate and loss of the same runs on the same x axis.

import { formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { Range, Scale, ScaleKind } from "../base/scale.ts";
import { smoothOverSteps } from "../base/smooth.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Theme } from "../base/theme.ts";
import {
  fitToMost,
  fitToRates,
  fitWindow,
  lossKind,
  rateKind,
  visibleColumns,
} from "../chart/fit_axes.ts";
import { roomForValues } from "../chart/plot_axis.ts";
import { rowsOf, type Curve, type Mark, type Scene } from "../chart/scene.ts";
import { lossSpots, nonfiniteSpots, skippedSpots } from "../chart/spots.ts";
import { X_AXES, xColumn, type XAxis } from "../data/axis.ts";
import type { TrainingEvent } from "../data/records.ts";
import type { AxisEnds } from "../state/state.ts";
import { eventMarks } from "./event_marks.ts";
import { eventX, type EventfulRun, type PlacedRun } from "./event_place.ts";
import { metricCurves } from "./metric_curves.ts";
import { buildColumn } from "./own_columns.ts";
import { OTHER_LOSSES, OTHER_RATES, otherCurves } from "./other_curves.ts";

export interface TimelineOptions {
  x: XAxis;
  xScale: ScaleKind;
  window: Range | null;
  rateScale: ScaleKind | "auto";
  lossScale: ScaleKind | "auto";
  rateEnds: AxisEnds;
  lossEnds: AxisEnds;
  /** How far losses are smoothed, see `State`. */
  smoothing: number;
  /** The metric of epochs that is drawn, see `data/metrics.ts`. */
  metric: string;
  metricScale: ScaleKind | "auto";
  metricEnds: AxisEnds;
  /** Further columns that are drawn, see `own_columns.ts`. */
  drawnColumns: readonly string[];
  columnScale: ScaleKind | "auto";
  columnEnds: AxisEnds;
  /** The run whose epochs are marked; the first, if this one is null or not drawn. */
  focus: string | null;
  theme: Theme;
}

export interface TimelineScenes {
  rate: Scene;
  /** Over the losses of batches, those of epochs where these are the chosen metric. */
  loss: Scene;
  /** The chosen metric, where it is another and any run has it. */
  metric: Scene | null;
  /** The further columns that any run has, by their names. */
  columns: (readonly [string, Scene])[];
}

/** Builds the scenes of rate, loss, metric and further columns, on the same x axis. */
export function buildTimeline(
  runs: readonly EventfulRun[],
  options: TimelineOptions,
): TimelineScenes {
  const rows = runs.map((run) => ({
    ...run,
    xs: xColumn(options.x, run.summary, run.series.columns),
  }));
  const x = xScale(
    options,
    rows.map(({ xs }) => xs),
  );
  const marks = timelineMarks(rows, options);
  const isOfLoss = options.metric === LOSS;
  const isCrowded = rows.length > MANY_CURVES;
  const weight = isCrowded ? "thin" : "normal";
  const metrics = rows.flatMap((run) =>
    metricCurves(run, options.metric, options.x, weight),
  );
  // The dots of epochs stand out from the batches beneath.
  const lossWeight = isCrowded || (isOfLoss && metrics.length > 0) ? "thin" : "normal";
  const base = { x, xUnit: options.x, xLabel: X_AXES[options.x], bands: [], areas: [] };

  const rates = rows.flatMap((run) => [
    rateCurve(run, weight),
    ...otherCurves(run, OTHER_RATES),
  ]);
  const losses = rows.flatMap((run) => [
    ...lossCurves(run, options, x, lossWeight),
    ...otherCurves(run, OTHER_LOSSES),
  ]);
  if (isOfLoss) losses.push(...metrics);
  const oddMetrics = metrics.flatMap((curve) =>
    nonfiniteSpots(curve, (row) => oddMetricText(curve, row), options.theme),
  );
  const skipped = rows.flatMap(({ summary, series, xs }) =>
    skippedSpots(summary.run, series, xs, options.theme),
  );
  const nonfinite = rows.flatMap(({ summary, series, xs }) =>
    lossSpots(summary.run, series, xs, options.theme),
  );
  return alignScenes({
    rate: {
      ...base,
      title: "Learning rate",
      yLabel: "learning rate",
      ...fitToRates(
        rateKind(options.rateScale, runs),
        visibleColumns(rates, x),
        options.rateEnds === "most",
      ),
      curves: rates,
      marks,
      spots: skipped,
    },
    loss: {
      ...base,
      title: "Loss",
      yLabel: "loss",
      ...fitToMost(
        lossKind(options.lossScale, runs),
        visibleColumns(losses, x),
        options.lossEnds === "most",
      ),
      curves: losses,
      marks,
      spots: isOfLoss ? [...nonfinite, ...oddMetrics] : nonfinite,
    },
    metric:
      isOfLoss || metrics.length === 0
        ? null
        : {
            ...base,
            title: visible(options.metric),
            yLabel: visible(options.metric),
            ...fitToMost(
              metricKind(options.metricScale),
              visibleColumns(metrics, x),
              options.metricEnds === "most",
            ),
            curves: metrics,
            marks,
            spots: oddMetrics,
          },
    columns: options.drawnColumns.flatMap((name) => {
      const scene = buildColumn(rows, name, weight, { ...base, marks }, options);
      return scene ? [[name, scene] as const] : [];
    }),
  });
}

/** Makes the curves of all charts begin at the same place: their steps are the same. */
function alignScenes({ rate, loss, metric, columns }: TimelineScenes): TimelineScenes {
  const further = columns.map(([, scene]) => scene);
  const all = [rate, loss, ...(metric ? [metric] : []), ...further];
  const yRoom = roomForValues(all);
  return {
    rate: { ...rate, yRoom },
    loss: { ...loss, yRoom },
    metric: metric && { ...metric, yRoom },
    columns: columns.map(([name, scene]) => [name, { ...scene, yRoom }]),
  };
}

// So many curves hide each other unless they are thin and a little transparent.
const MANY_CURVES = 12;

const LOSS = "loss";

/** Finds the scale of a metric, which mostly is a share of 1. */
export function metricKind(chosen: ScaleKind | "auto"): ScaleKind {
  return chosen === "auto" ? "linear" : chosen;
}

type Weight = "normal" | "thin";
type Rows = PlacedRun;

function oddMetricText({ ys, describe }: Curve, row: number): string {
  return `${describe?.(row)}: ${formatNumber(ys[row])}`;
}

function rateCurve({ summary, series, color, dash, xs }: Rows, weight: Weight): Curve {
  const ys = series.columns.learning_rate ?? new Float64Array(xs.length).fill(NaN);
  return {
    run: summary.run,
    label: summary.run,
    color,
    dash,
    xs,
    ys,
    weight,
    ...rowsOf(series, xs, ys),
  };
}

function lossCurves(
  run: Rows,
  { smoothing }: TimelineOptions,
  x: Scale,
  weight: Weight,
): Curve[] {
  const { step, loss } = run.series.columns;
  if (!loss) return [];
  const raw: Curve = {
    run: run.summary.run,
    label: run.summary.run,
    color: run.color,
    dash: run.dash,
    xs: run.xs,
    ys: loss,
    weight,
    ...rowsOf(run.series, run.xs, loss),
  };
  if (smoothing === 0) return [raw];
  const first = lowerBound(run.xs, x.min);
  const last = Math.max(first, lowerBound(run.xs, x.max) - 1);
  const shown = (step[Math.min(last, step.length - 1)] ?? 0) - (step[first] ?? 0);
  const reach = (shown * smoothing) / 1000;
  const ys = smoothOverSteps(step, loss, reach);
  return [
    { ...raw, weight: "faint" },
    { ...raw, ys, everyRow: false, isSmoothed: true, envelope: undefined },
  ];
}

function xScale(options: TimelineOptions, columns: Float64Array[]): Scale {
  const kind = options.x === "wall" ? "linear" : options.xScale;
  return fitWindow(kind, options.window, columns);
}

function timelineMarks(rows: readonly Rows[], options: TimelineOptions): Mark[] {
  const focused = rows.find(({ summary }) => summary.run === options.focus) ?? rows[0];
  return rows.flatMap((run) => {
    const xOf = (event: TrainingEvent) => eventX(event, run, options.x);
    const marks = eventMarks(run.summary.run, run.events, xOf, options.theme);
    return run === focused ? marks : marks.filter((mark) => !mark.quiet);
  });
}
