// What runs were judged by at the ends of their epochs, as curves of dots.

import { formatCount } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { Curve } from "../chart/scene.ts";
import type { XAxis } from "../data/axis.ts";
import { baseMetrics, baseOf, bothOf } from "../data/metrics.ts";
import type { RunSummary, TrainingEvent } from "../data/records.ts";
import { eventX, type EventfulRun, type PlacedRun } from "./event_place.ts";

const KINDS: readonly string[] = ["epoch_end", "validation"];
// What else is a number in the details of such an event.
const EPOCH = "epoch";
/** Before the name of a metric, where it stands among the columns of rows. */
const PREFIX = "metric:";

/** Lists the metrics that can be drawn, without regard to training or validation. */
export function metricNames(
  runs: readonly EventfulRun[],
  summaries: readonly RunSummary[],
): string[] {
  const found = runs.flatMap(({ events }) =>
    events.filter(isEpoch).flatMap(({ details }) =>
      Object.keys(details)
        .filter((name) => name !== EPOCH && typeof details[name] === "number")
        .map(baseOf),
    ),
  );
  return [...new Set([...baseMetrics(summaries), ...found])].sort();
}

/** Makes a dashed curve of the training's metric, and a solid one of the validation's. */
export function metricCurves(
  run: PlacedRun,
  base: string,
  axis: XAxis,
  weight: Curve["weight"] = "normal",
): Curve[] {
  const { training, validation } = bothOf(base);
  return [
    { ...curveOf(run, training, axis), weight, dashed: true },
    { ...curveOf(run, validation, axis), weight, dashed: false },
  ].filter(({ xs }) => xs.length > 0);
}

/** Names the columns that are read of the dots, with the words for them. */
export function metricColumns(base: string): Record<string, string> {
  const { training, validation } = bothOf(base);
  return {
    [PREFIX + training]: `${visible(training)} of the epoch`,
    [PREFIX + validation]: visible(validation),
  };
}

/** Says what the dots are; an empty text where there are none. */
export function describeMetrics(
  curves: readonly Curve[],
  base: string,
  chosen: number,
): string {
  const { training, validation } = bothOf(base);
  const runsWith = (dashed: boolean) =>
    curves.filter((curve) => isMetric(curve) && Boolean(curve.dashed) === dashed).length;
  const [dashed, solid] = [runsWith(true), runsWith(false)];
  const hasPatterns = curves.some(({ dash }) => dash && dash.length > 0);
  const line = hasPatterns ? "in the pattern of its run" : "solid";
  const words = [
    solid > 0 && `${visible(validation)} (${line})`,
    dashed > 0 && `${visible(training)} of the training (dashed)`,
  ].filter(Boolean);
  if (words.length === 0) return "";
  const missing = chosen - Math.max(dashed, solid);
  const without = missing > 0 ? ` Of ${formatCount(missing)} of the drawn runs there is none.` : "";
  return `Dots are at the ends of epochs: ${words.join(", ")}.${without}`;
}

function curveOf(run: PlacedRun, metric: string, axis: XAxis): Omit<Curve, "weight"> {
  const points = run.events
    .filter((event) => isEpoch(event) && typeof own(event.details, metric) === "number")
    .map((event) => ({ event, x: eventX(event, run, axis) }))
    .filter(({ x }) => Number.isFinite(x));
  const ys = Float64Array.from(points, ({ event }) => event.details[metric] as number);
  return {
    run: run.summary.run,
    label: `${run.summary.run}: ${metric}`,
    color: run.color,
    dash: run.dash,
    xs: Float64Array.from(points, ({ x }) => x),
    ys,
    everyRow: true,
    describe: (row) => placeText(points[row].event, metric),
    values: (row) => ({ [PREFIX + metric]: ys[row] }),
  };
}

function isMetric({ values, series }: Curve): boolean {
  return values !== undefined && series === undefined;
}

function isEpoch({ kind }: TrainingEvent): boolean {
  return KINDS.includes(kind);
}

function placeText({ step, details }: TrainingEvent, metric: string): string {
  const epoch = details[EPOCH];
  const where = typeof epoch === "number" ? `end of epoch ${formatCount(epoch + 1)}, ` : "";
  return `${visible(metric)}, ${where}step ${formatCount(step)}`;
}
