// Going from one event, spike or finding to the next.

import { useMemo, useRef, useState } from "preact/hooks";

import { toUnit, type Range } from "../base/scale.ts";
import { NOWHERE } from "../chart/hover.ts";
import { fetchSeries } from "../data/api.ts";
import { convertWindow, stepsInWindow } from "../data/axis.ts";
import type { RunSummary } from "../data/records.ts";
import { limitWindow } from "../data/window.ts";
import { showStep } from "../state/show_step.ts";
import type { ViewProps } from "../widgets/view_props.ts";
import type { EventfulRun } from "./event_place.ts";
import {
  describeLandmark,
  eventLandmarks,
  findingLandmarks,
  inOrder,
  nextLandmark,
  spikeLandmarks,
  type Landmark,
  type LandmarkKind,
} from "./landmarks.ts";
import { findSpikes } from "./spikes.ts";

const MAX_POINTS = 2000;
const CHART = "loss";

export interface Jumps {
  /** How many there are; null where nobody has looked yet. */
  counts: Record<LandmarkKind, number | null>;
  jump: (kind: LandmarkKind, by: 1 | -1) => void;
  /** Says where one has got to; empty before the first jump. */
  said: string;
}

interface At {
  kind: LandmarkKind;
  landmark: Landmark;
}

/**
 * Finds what one may go to in the drawn runs, and goes there: the window moves, keeping
 * its width, or narrows to single iterations where all was shown.
 */
export function useJumps(props: ViewProps, drawn: readonly EventfulRun[]): Jumps {
  const [said, say] = useState("");
  const at = useRef<At | null>(null);
  const spikes = useRef(new Map<string, Promise<Landmark[]>>());
  const numAsked = useRef(0);
  // Looking for spikes takes a moment, in which the window may change.
  const current = useRef({ ...props, drawn });
  current.current = { ...props, drawn };
  const { eventKind } = props.state;
  const runs = useMemo(() => drawn.map(({ summary }) => summary), [drawn]);
  const listed = useMemo(
    () => ({ event: eventLandmarks(drawn, eventKind), finding: findingLandmarks(runs) }),
    [drawn, runs, eventKind],
  );

  const isBrief = runs.some(({ is_brief: isBriefRun }) => isBriefRun);

  const spikesOf = (run: RunSummary): Promise<Landmark[]> => {
    const key = `${run.run}\n${run.version}`;
    const found = spikes.current.get(key) ?? loadSpikes(run);
    spikes.current.set(key, found);
    found.catch(() => spikes.current.delete(key));
    return found;
  };
  const allSpikes = async () => inOrder((await Promise.all(runs.map(spikesOf))).flat());

  const go = (kind: LandmarkKind, landmarks: readonly Landmark[], by: 1 | -1) => {
    const { state, update, chosen, drawn } = current.current;
    const shown = shownSteps(state.x, state.window, drawn[0]);
    const last = at.current?.kind === kind ? at.current.landmark : null;
    const isThere = last && (!shown || (last.step >= shown[0] && last.step <= shown[1]));
    // Else the person has moved on: what comes next is looked for from there.
    const edge = by > 0 ? (shown?.[0] ?? 0) - 1 : (shown?.[1] ?? Infinity) + 1;
    const index = nextLandmark(landmarks, isThere ? last : edge, by);
    if (index < 0) return say(`There is no ${kind} in the drawn runs.`);
    const landmark = landmarks[index];
    at.current = { kind, landmark };
    const sentence = describeLandmark(kind, landmark, index, landmarks.length);
    say(sentence);
    const run = drawn.find(({ summary }) => summary.run === landmark.run);
    if (!run) return;
    const changes = showStep(landmark.step, landmark.run, chosen);
    const width = shown && state.window ? shown[1] - shown[0] : null;
    const [from, to] = width
      ? [landmark.step - width / 2, landmark.step + width / 2]
      : changes.window!;
    const window = convertSteps(run, [from, to], state.x);
    const x = window ? state.x : "step";
    const shownRuns = drawn.map(({ summary }) => summary);
    const limited = limitWindow(window ?? [from, to], x, shownRuns);
    update({ x, window: limited, focus: landmark.run });
    const place = convertSteps(run, [landmark.step, landmark.step + 1], x);
    if (limited && place) point(limited, place[0], landmark.run);
  };
  /** Puts the cursor there, so that the row is read. */
  const point = (window: Range, x: number, run: string) => {
    const plot = document.querySelector<HTMLElement>(`[data-chart=${CHART}] .u-over`);
    if (!plot) return;
    const { state } = current.current;
    const isLog = state.xScale === "log" && state.x !== "wall" && window[0] > 0;
    const kind = isLog ? "log" : "linear";
    const share = toUnit({ kind, min: window[0], max: window[1] }, x);
    const left = plot.offsetLeft + share * plot.clientWidth;
    const pixel = 1 / plot.clientWidth;
    props.hover.set({ ...NOWHERE, chart: CHART, x, left, top: plot.offsetTop, pixel, run });
  };
  const jump = async (kind: LandmarkKind, by: 1 | -1) => {
    if (kind === "finding" && isBrief) {
      return say("The findings of the drawn runs are not read yet.");
    }
    const asked = ++numAsked.current;
    try {
      const landmarks = kind === "spike" ? await allSpikes() : listed[kind];
      if (asked === numAsked.current) go(kind, landmarks, by);
    } catch (error) {
      say((error as Error).message);
    }
  };
  return {
    counts: {
      event: listed.event.length,
      spike: null,
      finding: isBrief ? null : listed.finding.length,
    },
    jump: (kind, by) => void jump(kind, by),
    said,
  };
}

/** Looks for the spikes of all of a run, whatever is shown of it. */
async function loadSpikes({ run, columns }: RunSummary): Promise<Landmark[]> {
  if (!columns.includes("loss")) return [];
  const request = { run, columns: ["step", "loss"], maxPoints: MAX_POINTS };
  const all = { start: null, stop: null, spacing: "linear" } as const;
  const series = await fetchSeries({ ...request, ...all });
  const spikes = findSpikes(series);
  if (series.exact !== "envelope") return spikeLandmarks(run, spikes);
  // The overview says in which iterations it is, and these say in which of them.
  const exact = spikes.map(async (spike) => {
    const { start, stop } = spike;
    const rows = await fetchSeries({ ...request, ...all, start, stop });
    const { step, loss } = rows.columns;
    const row = loss.indexOf(spike.loss);
    return row < 0 || rows.exact === "envelope" ? spike : { ...spike, step: step[row] };
  });
  return spikeLandmarks(run, await Promise.all(exact));
}

/** Finds the steps that a window shows, by the rows of one of the runs. */
function shownSteps(
  axis: ViewProps["state"]["x"],
  window: Range | null,
  run: EventfulRun | undefined,
): Range | null {
  if (!window || !run) return null;
  if (axis === "step") return window;
  const { columns } = run.series;
  const { start, stop } = stepsInWindow(axis, run.summary, window, columns);
  return start === null || stop === null ? null : [start, stop - 1];
}

/** Converts steps to another axis; null where the rows at hand cannot tell. */
function convertSteps(
  { summary, series }: EventfulRun,
  steps: Range,
  axis: ViewProps["state"]["x"],
): Range | null {
  if (axis === "step") return steps;
  const { step } = series.columns;
  const isTimed = axis === "relative" || axis === "wall";
  // Of times, nothing is known before the first row that is here, and after the last.
  if (isTimed && !(steps[1] > step[0] && steps[0] < step[step.length - 1])) return null;
  return convertWindow("step", axis, summary, steps, series.columns);
}
