// The rows of the table of runs. Of hundreds, only those that are seen are in the page.

import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

import { visible } from "../base/names.ts";
import { NOWHERE } from "../chart/hover.ts";
import type { Finding, RunSummary } from "../data/records.ts";
import { toggleRun } from "../state/runs.ts";
import { useNarrow } from "../state/use_narrow.ts";
import { RunName } from "../widgets/run_name.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import type { TableColumn } from "./table_column.ts";
import { rowsInView } from "./rows_in_view.ts";

// As many as the column is wide.
const NAME_LETTERS = 30;
const NARROW_NAME_LETTERS = 14;
const MANY_ROWS = 200;
// As the style sheet has it.
const ROW_HEIGHT = 31;

interface TableRowsProps extends ViewProps {
  rows: readonly RunSummary[];
  columns: readonly TableColumn[];
  /** The element in which the table scrolls, if there are many rows. */
  scroller: RefObject<HTMLDivElement>;
}

/** Tells whether there are too many rows to have all of them in the page. */
export function areMany(rows: readonly RunSummary[]): boolean {
  return rows.length > MANY_ROWS;
}

export function TableRows(props: TableRowsProps) {
  const { rows, columns, scroller } = props;
  const isWindowed = areMany(rows);
  const [seen, setSeen] = useState({ top: 0, height: 0 });
  useEffect(() => {
    const element = scroller.current;
    if (!element || !isWindowed) return;
    const look = () =>
      setSeen({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, isWindowed]);
  const [first, last] = isWindowed
    ? rowsInView(rows.length, seen.top, seen.height, ROW_HEIGHT)
    : [0, rows.length];
  return (
    <>
      <Space numRows={first} numColumns={columns.length} />
      {rows.slice(first, last).map((run, i) => (
        <TableRow {...props} key={run.run} run={run} index={first + i + 2} />
      ))}
      <Space numRows={rows.length - last} numColumns={columns.length} />
    </>
  );
}

/** Takes the room of rows that are not in the page. */
function Space({ numRows, numColumns }: { numRows: number; numColumns: number }) {
  if (numRows === 0) return null;
  return (
    <tr aria-hidden="true" style={{ height: `${numRows * ROW_HEIGHT}px` }}>
      <td colSpan={numColumns + 1} />
    </tr>
  );
}

function TableRow({
  run,
  columns,
  index,
  chosen,
  update,
  colorOf,
  names,
  hover,
}: ViewProps & { run: RunSummary; columns: readonly TableColumn[]; index: number }) {
  const isChosen = chosen.includes(run);
  const numLetters = useNarrow() ? NARROW_NAME_LETTERS : NAME_LETTERS;
  return (
    <tr
      aria-rowindex={index}
      onMouseEnter={() => hover.set({ ...NOWHERE, run: run.run })}
      onMouseLeave={() => hover.set(NOWHERE)}
    >
      <td class="lr-check-cell">
        <input
          type="checkbox"
          class="lr-checkbox"
          aria-label={`Draw ${visible(run.run)}`}
          style={{ accentColor: colorOf(run.run) }}
          checked={isChosen}
          onChange={() => update({ choice: toggleRun(chosen, run.run) })}
        />
      </td>
      {columns.map((column) => {
        if (column.key === "run") {
          return (
            <th key="run" scope="row" class="lr-run-cell">
              <span class="lr-dot" style={{ background: colorOf(run.run) }} />
              <button
                class="lr-link-button"
                title="Show this run alone in the timeline"
                onClick={() =>
                  update({ view: "timeline", choice: [run.run], window: null })
                }
              >
                <RunName run={run.run} short={names.short(run.run, numLetters)} />
              </button>
            </th>
          );
        }
        if (column.key === "findings") {
          return (
            <td key="findings" class="lr-findings-cell">
              <FindingsCell findings={run.findings} />
            </td>
          );
        }
        return (
          <td key={column.key} class={column.isNumber ? "lr-number" : ""}>
            {column.text(run)}
          </td>
        );
      })}
    </tr>
  );
}

/** Shows the first finding; above the table, all of them are listed in full. */
function FindingsCell({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  return (
    <div class="lr-cell-finding" title={findings.map(({ text }) => text).join("\n")}>
      <span class={`lr-severity lr-severity-${findings[0].severity}`} />
      <span class="lr-clamped">{findings[0].text}</span>
      {findings.length > 1 && <span class="lr-muted">+{findings.length - 1}</span>}
    </div>
  );
}
