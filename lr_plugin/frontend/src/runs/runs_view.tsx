// The runs view: a table to sort, copy and download.

import { useMemo, useState } from "preact/hooks";

import { plural } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { NOWHERE } from "../chart/hover.ts";
import { baseMetrics } from "../data/metrics.ts";
import type { Finding, RunSummary } from "../data/records.ts";
import { saveFile } from "../state/host.ts";
import { toggleRun } from "../state/runs.ts";
import { MetricPicker } from "../widgets/metric_picker.tsx";
import { RunName } from "../widgets/run_name.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { sortTable, tableColumns, tableText } from "./runs_table.ts";
import type { TableColumn } from "./table_column.ts";

const NAME_LETTERS = 40;

export function RunsView(props: ViewProps) {
  const { state, update, listed, chosen, judged, announce } = props;
  const [copied, setCopied] = useState("");
  const columns = useMemo(() => tableColumns(listed, judged), [listed, judged]);
  const [key, direction] = parseSort(state.tableSort);
  const rows = useMemo(() => {
    const column = columns.find((candidate) => candidate.key === key);
    return sortTable(listed, column, direction === "descending");
  }, [listed, columns, key, direction]);

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
    const text = `${tableText(rows, columns)}\n`;
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
      <div
        class="lr-table-scroll lr-runs-table"
        tabIndex={0}
        role="group"
        aria-label="Table of runs"
      >
        <table class="lr-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="lr-visually-hidden">Drawn</span>
              </th>
              {columns.map((column) => (
                <th
                  key={column.key}
                  scope="col"
                  class={
                    column.isNumber && column.key !== "findings" ? "lr-number" : ""
                  }
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
            {rows.map((run) => (
              <TableRow key={run.run} run={run} columns={columns} {...props} />
            ))}
          </tbody>
        </table>
      </div>
      <Meanings columns={columns} />
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

function TableRow({
  run,
  columns,
  chosen,
  update,
  colorOf,
  names,
  hover,
}: ViewProps & { run: RunSummary; columns: readonly TableColumn[] }) {
  const isChosen = chosen.includes(run);
  return (
    <tr
      onMouseEnter={() => hover.set({ ...NOWHERE, run: run.run })}
      onMouseLeave={() => hover.set(NOWHERE)}
    >
      <td>
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
            <th key="run" scope="row">
              <span class="lr-dot" style={{ background: colorOf(run.run) }} />
              <button
                class="lr-link-button"
                title="Show this run alone in the timeline"
                onClick={() =>
                  update({ view: "timeline", choice: [run.run], window: null })
                }
              >
                <RunName run={run.run} short={names.short(run.run, NAME_LETTERS)} />
              </button>
            </th>
          );
        }
        if (column.key === "findings") {
          return (
            <td key="findings" class="lr-text">
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

function parseSort(text: string): [string, string] {
  const at = text.lastIndexOf(":");
  return at < 0 ? ["", "ascending"] : [text.slice(0, at), text.slice(at + 1)];
}
