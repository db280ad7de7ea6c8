// What one may go to in a timeline, one after the other.

import { formatCount, formatNumber } from "../base/format.ts";
import type { RunSummary, TrainingEvent } from "../data/records.ts";
import { isQuiet } from "./event_marks.ts";
import type { Spike } from "./spikes.ts";

export type LandmarkKind = "event" | "spike" | "finding";

export interface Landmark {
  run: string;
  step: number;
  text: string;
}

interface EventsOfRun {
  summary: Pick<RunSummary, "run">;
  events: readonly TrainingEvent[];
}

/** Stands for events of all kinds. */
export const ALL_KINDS = "";

/** Lists the events of a kind. Of all kinds, those that are flagged, if any is. */
export function eventLandmarks(runs: readonly EventsOfRun[], kind: string): Landmark[] {
  const all = runs.flatMap(({ summary, events }) =>
    events.map((event) => ({ ...event, run: summary.run })),
  );
  const flagged = all.filter((event) => !isQuiet(event.kind));
  const shown =
    kind !== ALL_KINDS
      ? all.filter((event) => event.kind === kind)
      : flagged.length > 0
        ? flagged
        : all;
  return inOrder(shown.map(({ run, step, text }) => ({ run, step, text })));
}

/** Lists the findings that are about a step. */
export function findingLandmarks(runs: readonly RunSummary[]): Landmark[] {
  return inOrder(
    runs.flatMap(({ run, findings }) =>
      findings.flatMap(({ step, text }) => (step === null ? [] : [{ run, step, text }])),
    ),
  );
}

/** Makes the landmarks of a run's spikes. */
export function spikeLandmarks(run: string, spikes: readonly Spike[]): Landmark[] {
  return spikes.map(({ step, loss, around }) => ({
    run,
    step,
    text:
      `The loss is ${formatNumber(loss, 3)}; the highest losses around it are about ` +
      `${formatNumber(around, 2)}.`,
  }));
}

/** Sorts by step; several at one step by their run. */
export function inOrder<Place extends Landmark>(landmarks: readonly Place[]): Place[] {
  return [...landmarks].sort(compare);
}

/**
 * Finds the place of the next landmark, or of the one before; behind the last is the
 * first.
 *
 * @param landmarks In order.
 * @param from Where one is: at a landmark, or at a step that may have none.
 * @returns -1 if there are none.
 */
export function nextLandmark(
  landmarks: readonly Landmark[],
  from: Landmark | number,
  by: 1 | -1,
): number {
  const isAfter = (landmark: Landmark) =>
    by * (typeof from === "number" ? landmark.step - from : compare(landmark, from)) > 0;
  if (landmarks.length === 0) return -1;
  const found = by > 0 ? landmarks.findIndex(isAfter) : lastIndex(landmarks, isAfter);
  if (found >= 0) return found;
  return by > 0 ? 0 : landmarks.length - 1;
}

/** Says which of the landmarks one is at. */
export function describeLandmark(
  kind: LandmarkKind,
  { run, step, text }: Landmark,
  place: number,
  count: number,
): string {
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  const which = `${name} ${formatCount(place + 1)} of ${formatCount(count)}`;
  return `${which}: ${run}, step ${formatCount(step)}: ${text}`;
}

function compare(a: Landmark, b: Landmark): number {
  return (
    a.step - b.step ||
    Number(a.run > b.run) - Number(a.run < b.run) ||
    Number(a.text > b.text) - Number(a.text < b.text)
  );
}

function lastIndex<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.map(is).lastIndexOf(true);
}
