// What stands above a figure for each event: on the page one points at it, on paper one
// cannot.

import type { Mark } from "../chart/scene.ts";
import { tickWidth } from "../data/axis_ticks.ts";

const MOST_ROWS = 5;
const GAP = 8;
// The letters stand beside the line of their event.
const BESIDE = 3;
// Events of several runs at one place are one label.
const SAME_PLACE = 2;

export interface EventLabel {
  text: string;
  /** The place of its event, and where the text begins or ends. */
  at: number;
  x: number;
  align: "left" | "right";
  /** From the top, from 0. */
  row: number;
}

interface EventLabels {
  labels: readonly EventLabel[];
  numRows: number;
  /** How many events have none, for lack of room. */
  numLeftOut: number;
}

interface LabelOptions {
  /** Finds the place of a value. */
  xOf: (value: number) => number;
  /** Between which places labels stay. */
  left: number;
  right: number;
  /** Whether a label says which run it is of. */
  hasRuns: boolean;
}

/** Places the labels of events side by side, in as few rows as have room for them. */
export function placeLabels(marks: readonly Mark[], options: LabelOptions): EventLabels {
  const { left, right } = options;
  const ends: number[] = [];
  const labels: EventLabel[] = [];
  let numLeftOut = 0;
  for (const { at, text } of distinctEvents(marks, options)) {
    const width = tickWidth(text);
    const isLeft = at + BESIDE + width <= right;
    const from = isLeft ? at + BESIDE : at - BESIDE - width;
    // Its line goes down through the rows below.
    let row = ends.findIndex(
      (end, i) => from >= end + GAP && ends.slice(i + 1).every((below) => at > below),
    );
    if (row < 0 && ends.length < MOST_ROWS) row = ends.length;
    if (row < 0 || from < left) {
      numLeftOut++;
      continue;
    }
    ends[row] = from + width;
    const side = isLeft
      ? { x: from, align: "left" as const }
      : { x: at - BESIDE, align: "right" as const };
    labels.push({ text, at, row, ...side });
  }
  return { labels, numRows: ends.length, numLeftOut };
}

function distinctEvents(
  marks: readonly Mark[],
  { xOf, left, right, hasRuns }: LabelOptions,
): { at: number; text: string }[] {
  const events = marks
    .filter(({ quiet }) => !quiet)
    .map((mark) => ({ at: xOf(mark.x), text: labelOf(mark, hasRuns) }))
    .filter(({ at }) => at >= left && at <= right)
    .sort((a, b) => a.at - b.at);
  return events.filter(
    ({ at, text }, i) =>
      !events.slice(0, i).some((b) => b.text === text && at - b.at < SAME_PLACE),
  );
}

function labelOf({ label, text, run }: Mark, hasRun: boolean): string {
  const said = label ?? text;
  return hasRun ? `${said}, ${run}` : said;
}
