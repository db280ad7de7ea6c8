// The two scenes of the timeline: rate and loss of the same runs on the same x axis.

import type { Range, Scale, ScaleKind } from "../base/scale.ts";
import { smoothOverSteps } from "../base/smooth.ts";
import { lowerBound } from "../base/sorted.ts";
import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import {
  fitToMost,
  fitToRates,
  fitWindow,
  lossKind,
  rateKind,
  visibleColumns,
} from "../chart/fit_axes.ts";
import { rowsOf, type Curve, type Mark, type Scene } from "../chart/scene.ts";
import { lossSpots, skippedSpots } from "../chart/spots.ts";
import { X_AXES, xColumn, type XAxis } from "../data/axis.ts";
import type { TrainingEvent } from "../data/records.ts";
import type { AxisEnds } from "../state/state.ts";
import { eventMarks } from "./event_marks.ts";
import { OTHER_LOSSES, OTHER_RATES, otherCurves } from "./other_curves.ts";

/** A drawn run with what happened in it. */
export interface EventfulRun extends DrawnRun {
  events: readonly TrainingEvent[];
}

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
  /** The run whose epochs are marked; the first, if this one is null or not drawn. */
  focus: string | null;
  theme: Theme;
}

interface TimelineScenes {
  rate: Scene;
  loss: Scene;
}

/** Builds the scene of the rate and that of the loss, on the same x axis. */
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
  const weight = rows.length > MANY_CURVES ? "thin" : "normal";
  const base = { x, xUnit: options.x, xLabel: X_AXES[options.x], bands: [], areas: [] };

  const rates = rows.flatMap((run) => [
    rateCurve(run, weight),
    ...otherCurves(run, OTHER_RATES),
  ]);
  const losses = rows.flatMap((run) => [
    ...lossCurves(run, options, x, weight),
    ...otherCurves(run, OTHER_LOSSES),
  ]);
  const skipped = rows.flatMap(({ summary, series, xs }) =>
    skippedSpots(summary.run, series, xs, options.theme),
  );
  const nonfinite = rows.flatMap(({ summary, series, xs }) =>
    lossSpots(summary.run, series, xs, options.theme),
  );
  return {
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
      spots: nonfinite,
    },
  };
}

// So many curves hide each other unless they are thin and a little transparent.
const MANY_CURVES = 12;

type Weight = "normal" | "thin";
type Rows = EventfulRun & { xs: Float64Array };

function rateCurve({ summary, series, color, xs }: Rows, weight: Weight): Curve {
  const ys = series.columns.learning_rate ?? new Float64Array(xs.length).fill(NaN);
  return {
    run: summary.run,
    label: summary.run,
    color,
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

function eventX(event: TrainingEvent, run: Rows, axis: XAxis): number {
  if (axis === "step") return event.step;
  const { step } = run.series.columns;
  if (axis === "epoch") {
    const columns = { step: Float64Array.of(event.step) };
    return xColumn("epoch", run.summary, columns)[0];
  }
  // By the time of its row: the event itself was written a little later.
  const i = lowerBound(step, event.step);
  return i < step.length && event.step >= step[0] ? run.xs[i] : NaN;
}
