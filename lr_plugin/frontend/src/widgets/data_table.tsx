// The drawn rows as a table: for screen readers, and for reading exact numbers.

import { useState } from "preact/hooks";

import { formatCount, formatNumber, formatWallTime, plural } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { Range } from "../base/scale.ts";
import { lowerBound } from "../base/sorted.ts";
import type { ReadableRun } from "../chart/reading.ts";
import { epochOf } from "../data/axis.ts";
import { columnTitle } from "../data/words.ts";

const MAX_ROWS = 500;

/** Lists the drawn rows of one run, the focused one if it is among them. */
export function DataTable(props: {
  runs: readonly ReadableRun[];
  focus: string | null;
  onFocus: (run: string | null) => void;
  x: Range;
}) {
  const [isOpen, setOpen] = useState(false);
  const shown =
    props.runs.find(({ summary }) => summary.run === props.focus) ?? props.runs[0];
  if (!shown) return null;
  return (
    <details class="lr-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Data table</summary>
      {isOpen && (
        <>
          <div class="lr-row">
            <label class="lr-row">
              Run
              <select
                class="lr-select"
                value={shown.summary.run}
                onChange={(event) => props.onFocus(event.currentTarget.value)}
              >
                {props.runs.map(({ summary }) => (
                  <option key={summary.run}>{summary.run}</option>
                ))}
              </select>
            </label>
          </div>
          <Rows run={shown} x={props.x} />
        </>
      )}
    </details>
  );
}

function Rows({ run, x }: { run: ReadableRun; x: Range }) {
  const { summary, series, xs } = run;
  const names = Object.keys(series.columns);
  const first = lowerBound(xs, x[0]);
  let last = lowerBound(xs, x[1]);
  while (last < xs.length && xs[last] === x[1]) last++;
  const numRows = last - first;
  const shown = Math.min(MAX_ROWS, numRows);
  const hasEpochs = epochOf(summary, 0) !== null;
  const titles = names.map(columnTitle);
  if (hasEpochs) titles.splice(1, 0, "Epoch");
  return (
    <div class="lr-table-scroll" tabIndex={0} role="group" aria-label="Rows">
      <table class="lr-table">
        <caption class="lr-muted">
          {plural(numRows, "drawn row")} of {visible(summary.run)} in this window
          {numRows > shown &&
            `; the first ${formatCount(shown)} are listed here, the CSV has all`}
          {series.exact === "envelope" &&
            ". Two follow each other with the lowest and the highest values of the " +
              "iterations from the one step to the other"}
          .
        </caption>
        <thead>
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col" class="lr-number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: shown }, (_, i) => (
            <tr key={i}>
              {cells(run, names, first + i, hasEpochs).map((text, column) => (
                <td key={column} class="lr-number">
                  {text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cells(
  { summary, series }: ReadableRun,
  names: readonly string[],
  row: number,
  hasEpochs: boolean,
): string[] {
  const texts = names.map((name) => {
    const value = series.columns[name][row];
    if (name === "step") return formatCount(value);
    return name === "wall_time" ? formatWallTime(value) : formatNumber(value, 7);
  });
  if (hasEpochs) {
    texts.splice(1, 0, formatNumber(epochOf(summary, series.columns.step[row]), 6));
  }
  return texts;
}
