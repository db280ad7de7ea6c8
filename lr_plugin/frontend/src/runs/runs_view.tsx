// The runs view: a table to sort, copy and download.

import { useMemo, useRef, useState } from "preact/hooks";

import { plural } from "../base/format.ts";
import { baseMetrics } from "../data/metrics.ts";
import { saveFile } from "../state/host.ts";
import { MetricPicker } from "../widgets/metric_picker.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { ColumnChooser } from "./column_chooser.tsx";
import { shownColumns, sortTable, tableColumns, tableText } from "./runs_table.ts";
import type { TableColumn } from "./table_column.ts";
import { TableRows, areMany } from "./table_rows.tsx";

export function RunsView(props: ViewProps) {
  const { state, update, listed, chosen, judged, announce } = props;
  const [copied, setCopied] = useState("");
  const scroller = useRef<HTMLDivElement>(null);
  const all = useMemo(() => tableColumns(listed, judged), [listed, judged]);
  const columns = useMemo(
    () => shownColumns(all, state.tableColumns),
    [all, state.tableColumns],
  );
  const [key, direction] = parseSort(state.tableSort);
  const rows = useMemo(() => {
    const column = all.find((candidate) => candidate.key === key);
    return sortTable(listed, column, direction === "descending");
  }, [listed, all, key, direction]);

  const say = (sentence: string) => {
    setCopied(sentence);
    announce(sentence);
  };
  const copy = () => {
    navigator.clipboard.writeText(tableText(rows, columns)).then(
      () => say(`${plural(rows.length, "row")} copied.`),
      () => say("The browser does not allow copying here. Use the download instead."),
    );
  };
  const save = () => {
    const text = `${tableText(rows, all)}\n`;
    saveFile("runs.tsv", new Blob([text], { type: "text/tab-separated-values" }));
  };
  const sortBy = (column: TableColumn) => {
    const isSame = column.key === key;
    // The first click brings the largest number to the top, or the smallest where less is
    // better, or the first word.
    const first = column.isNumber && !column.isLessBetter ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    update({
      tableSort: `${column.key}:${isSame && direction === first ? other : first}`,
    });
  };
  return (
    <>
      <div class="lr-controls">
        <span class="lr-muted">
          {plural(listed.length, "run")}, {chosen.length} of them drawn
        </span>
        <MetricPicker
          metric={props.metric}
          update={update}
          options={baseMetrics(listed)}
          none="final loss"
        />
        <span class="lr-spring" />
        <span class="lr-muted">{copied}</span>
        <button class="lr-quiet-button" onClick={copy}>
          Copy table
        </button>
        <button class="lr-quiet-button" onClick={save}>
          Download TSV
        </button>
      </div>
      <ColumnChooser
        all={all}
        shown={columns}
        onChange={(tableColumns) => update({ tableColumns })}
      />
      <div
        ref={scroller}
        class={`lr-table-scroll ${areMany(rows) ? "lr-windowed" : "lr-runs-table"}`}
        data-table="runs"
        tabIndex={0}
        role="group"
        aria-label="Table of runs"
      >
        <table class="lr-table lr-sticky-table" aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              <th scope="col" class="lr-check-cell">
                <span class="lr-visually-hidden">Drawn</span>
              </th>
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  class={classOf(column)}
                  aria-sort={
                    column.key === key
                      ? (direction as "ascending" | "descending")
                      : "none"
                  }
                  title={column.hint}
                >
                  <button class="lr-sort-button" onClick={() => sortBy(column)}>
                    {column.title}
                    <span aria-hidden="true" class="lr-sort-arrow">
                      {column.key !== key ? "" : direction === "ascending" ? "▲" : "▼"}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <TableRows {...props} scroller={scroller} rows={rows} columns={columns} />
          </tbody>
        </table>
      </div>
      <Meanings columns={all} />
    </>
  );
}

/** Says what the columns are, for those who cannot point at their titles, too. */
function Meanings({ columns }: { columns: readonly TableColumn[] }) {
  return (
    <details class="lr-details">
      <summary>What the columns mean</summary>
      <dl class="lr-meanings">
        {columns
          .filter(({ hint }) => hint)
          .map(({ key, title, hint }) => (
            <div key={key}>
              <dt>{title}:</dt> <dd>{hint}.</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}

function classOf({ key, isNumber }: TableColumn): string {
  if (key === "run") return "lr-run-cell";
  return isNumber && key !== "findings" ? "lr-number" : "";
}

function parseSort(text: string): [string, string] {
  const at = text.lastIndexOf(":");
  return at < 0 ? ["", "ascending"] : [text.slice(0, at), text.slice(at + 1)];
}
