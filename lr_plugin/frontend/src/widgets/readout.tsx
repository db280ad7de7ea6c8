// The little table beside the cursor.

import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

import type { ShortNames } from "../base/names.ts";
import { areNear } from "../base/scale.ts";
import type { Hover, HoverStore } from "../chart/hover.ts";
import type { ReadRow, ReadableRun } from "../chart/reading.ts";
import { READ_REACH, type Scene } from "../chart/scene.ts";
import type { XAxis } from "../data/axis.ts";
import { placeReadout } from "./place_readout.ts";
import { ReadoutTable } from "./readout_table.tsx";
import { describeRow, nearestRows, valuesInWords } from "./readout_text.ts";
import { useAnnouncement } from "./use_announcement.ts";

export interface ReadoutProps {
  chart: string;
  hover: HoverStore;
  axis: XAxis;
  runs: readonly ReadableRun[];
  /** Reads the rows at a place, those that are highlighted. */
  read: (place: Hover) => ReadRow[];
  /** The columns to read, each with the word to show for it. */
  values: Record<string, string>;
  /** The scene under the cursor, for its marks and spots. */
  scene: Scene;
  /** The word for what the curves are; "run" by default. */
  subject?: string;
  /** The names of the curves, for places with little room. */
  names: ShortNames;
  announce: (sentence: string) => void;
}

const MAX_REMARKS = 4;
const PLACE_LETTERS = 40;

export function Readout(props: ReadoutProps) {
  const { chart, hover, runs, values, scene } = props;
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  useEffect(() => hover.listen(() => rerender(0)), [hover]);

  const { value } = hover;
  const rows = value.chart === chart ? props.read(value) : [];
  const summary = runs.find((run) => run.summary.run === rows[0]?.run)?.summary;
  const place = rows.length > 0 ? describeRow(rows[0], summary, props.axis) : "";
  const nameOf = (run: string) => props.names.short(run, PLACE_LETTERS);
  const x = value.chart === chart ? (value.x ?? NaN) : NaN;
  const remarks = [...scene.marks, ...scene.spots]
    .filter((mark) => areNear(scene.x, mark.x, x, READ_REACH / 4))
    .slice(0, MAX_REMARKS)
    .map((mark) => (runs.length > 1 ? `${nameOf(mark.run)}: ${mark.text}` : mark.text));
  const spoken =
    value.byKeyboard && rows.length > 0
      ? [
          `${rows[0].run}: ${place}: ${valuesInWords(rows[0], values)}`,
          ...remarks,
        ].join(", ")
      : "";
  useAnnouncement(spoken, props.announce);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element.current) placeReadout(element.current, value);
  });

  if (rows.length === 0) return null;
  const shown = nearestRows(rows);
  return (
    <div ref={element} class="lr-readout" data-readout={chart}>
      <p class="lr-readout-place">
        {[nameOf(rows[0].run), place].filter(Boolean).join(": ")}
      </p>
      <ReadoutTable
        rows={shown}
        values={values}
        subject={props.subject ?? "run"}
        names={props.names}
        picked={value.run}
      />
      {rows.length > shown.length && (
        <p class="lr-muted">and {rows.length - shown.length} more</p>
      )}
      {remarks.map((text) => (
        <p key={text} class="lr-readout-remark">
          {text}
        </p>
      ))}
    </div>
  );
}
