// The little table beside the cursor.

import { useEffect, useLayoutEffect, useReducer, useRef } from "preact/hooks";

import { formatNumber } from "../base/format.ts";
import { areNear } from "../base/scale.ts";
import type { HoverStore } from "../chart/hover.ts";
import {
  describePlace,
  readAt,
  readPicked,
  type ReadRow,
  type ReadableRun,
} from "../chart/reading.ts";
import { READ_REACH, type Scene } from "../chart/scene.ts";
import type { XAxis } from "../data/axis.ts";
import { useAnnouncement } from "./use_announcement.ts";

export interface ReadoutProps {
  chart: string;
  hover: HoverStore;
  axis: XAxis;
  runs: readonly ReadableRun[];
  /** The columns to read, each with the word to show for it. */
  values: Record<string, string>;
  /** The scene under the cursor, for its marks and spots. */
  scene: Scene;
  /** The word for what the curves are; "run" by default. */
  subject?: string;
  /**
   * Whether only the row under the pointer is read, as where x is a rate and no moment.
   */
  onlyPicked?: boolean;
  announce: (sentence: string) => void;
}

const MAX_ROWS = 10;
const MAX_REMARKS = 4;
// In pixels.
const EDGE = 4;
const BELOW_POINTER = 24;

export function Readout(props: ReadoutProps) {
  const { chart, hover, runs, values, scene } = props;
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  useEffect(() => hover.listen(() => rerender(0)), [hover]);

  const { value } = hover;
  const rows = value.chart === chart ? readRows(props) : [];
  const picked = rows.find(({ run }) => run === value.run) ?? rows[0];
  const place = picked ? placeOf(picked, props) : "";
  const x = value.chart === chart ? (value.x ?? NaN) : NaN;
  const remarks = [...scene.marks, ...scene.spots]
    .filter((mark) => areNear(scene.x, mark.x, x, READ_REACH / 4))
    .slice(0, MAX_REMARKS)
    .map((mark) => (runs.length > 1 ? `${mark.run}: ${mark.text}` : mark.text));
  const spoken =
    value.byKeyboard && picked
      ? `${picked.run}, ${place}: ` +
        [
          ...Object.entries(values).map(
            ([column, text]) => `${text} ${formatNumber(picked.values[column], 6)}`,
          ),
          ...remarks,
        ].join(", ")
      : "";
  useAnnouncement(spoken, props.announce);
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element.current) keepInWindow(element.current);
  });

  if (!picked) return null;
  const shown = visibleRows(rows, picked, values);
  const isRight = value.left > 360;
  return (
    <div
      ref={element}
      class="lr-readout"
      data-readout={chart}
      style={{
        top: `${Math.max(0, value.top - 8)}px`,
        ...(isRight
          ? { right: `calc(100% - ${value.left - 16}px)` }
          : { left: `${value.left + 16}px` }),
      }}
    >
      <p class="lr-readout-place">{place}</p>
      <table>
        <thead>
          <tr>
            <th scope="col">{props.subject ?? "run"}</th>
            {Object.values(values).map((text) => (
              <th scope="col" key={text}>
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.run} class={row.run === value.run ? "lr-readout-picked" : ""}>
              <td>
                <span class="lr-dot" style={{ background: row.color }} />
                <span class="lr-readout-run">{row.run}</span>
              </td>
              {Object.keys(values).map((column) => (
                <td key={column} class="lr-number">
                  {formatNumber(row.values[column], 6)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <p class="lr-muted">and {rows.length - shown.length} more</p>
      )}
      {picked.exact === "envelope" && (
        <p class="lr-muted">least or greatest of an interval</p>
      )}
      {remarks.map((text) => (
        <p key={text} class="lr-readout-remark">
          {text}
        </p>
      ))}
    </div>
  );
}

/**
 * Moves the table inside the browser window: ten runs make it longer than a chart is
 * high.
 */
function keepInWindow(element: HTMLElement): void {
  element.style.translate = "none";
  const { left, right, bottom } = element.getBoundingClientRect();
  const across = Math.min(0, innerWidth - EDGE - right) + Math.max(0, EDGE - left);
  // With no room beside the pointer, the table goes below it.
  const below = across === 0 ? 0 : BELOW_POINTER;
  const down = Math.min(below, innerHeight - EDGE - bottom);
  element.style.translate = `${across}px ${down}px`;
}

function readRows({
  hover,
  runs,
  scene,
  values,
  onlyPicked,
}: ReadoutProps): ReadRow[] {
  const { picked, x } = hover.value;
  if (onlyPicked) {
    return picked ? [readPicked(runs, picked, Object.keys(values))] : [];
  }
  return x === null ? [] : readAt(runs, x, scene.x);
}

function placeOf(row: ReadRow, { hover, runs, axis, onlyPicked }: ReadoutProps): string {
  const { picked } = hover.value;
  if (onlyPicked && picked?.curve.describe) return picked.curve.describe(picked.row);
  const summary = runs.find((run) => run.summary.run === row.run)?.summary;
  return summary ? describePlace(summary, row, axis) : "";
}

/** Picks the rows nearest in value to the picked one, in their own order. */
function visibleRows(
  rows: readonly ReadRow[],
  picked: ReadRow,
  values: Record<string, string>,
): ReadRow[] {
  if (rows.length <= MAX_ROWS) return [...rows];
  const column = Object.keys(values).at(-1)!;
  const distance = (row: ReadRow) =>
    Math.abs(row.values[column] - picked.values[column]);
  const nearest = new Set(
    [...rows].sort((a, b) => distance(a) - distance(b)).slice(0, MAX_ROWS),
  );
  return rows.filter((row) => nearest.has(row));
}
