// The table of runs as data: columns, order, and text to copy.

import { formatDuration, formatNumber } from "../base/format.ts";
import { textCell } from "../base/spreadsheet.ts";
import {
  differingHyperparameters,
  hyperparameterOf,
  titleOfHyperparameter,
} from "../data/hyperparameters.ts";
import type { RunSummary } from "../data/records.ts";
import { describeSchedule } from "../data/schedule_name.ts";
import { compareNames } from "../base/name_order.ts";
import { lossColumns, metricColumns } from "./outcome_columns.ts";
import {
  counts,
  finiteOrNull,
  numbers,
  words,
  type Cell,
  type TableColumn,
} from "./table_column.ts";

/**
 * Lists the columns that say something about at least one of the runs.
 *
 * @param judged The metric by which runs are judged; null if none of them has it.
 */
export function tableColumns(
  runs: readonly RunSummary[],
  judged: string | null,
): TableColumn[] {
  const columns = [
    words("run", "Run", ({ run }) => run),
    words("optimizer", "Optimizer", ({ optimizer }) => optimizer.class_name ?? null),
    words("schedule", "Schedule", describeSchedule),
    ...metricColumns(runs, judged),
    ...hyperparameterColumns(runs),
    numbers("first_rate", "First rate", "Of the first iteration", (run) =>
      finiteOrNull(run.learning_rate?.first),
    ),
    numbers("max_rate", "Highest rate", "Of a single iteration", (run) =>
      finiteOrNull(run.learning_rate?.max),
    ),
    numbers("last_rate", "Last rate", "Of the last iteration", (run) =>
      finiteOrNull(run.learning_rate?.last),
    ),
    ...lossColumns(runs),
    counts("nonfinite", "NaN or ∞", "Losses that are not finite", (run) =>
      run.loss ? run.loss.num_nonfinite : null,
    ),
    counts("skipped", "Not applied", "Iterations that changed no weight", (run) =>
      run.source === "recorded" ? run.num_not_applied : null,
    ),
    counts("iterations", "Iterations", "", (run) => run.num_iterations),
    {
      ...numbers("duration", "Duration", "From the first row to the last thing that was written", duration),
      text: (run: RunSummary) => formatDuration(duration(run) ?? NaN),
    },
    {
      ...numbers("findings", "Findings", "", ({ findings }) => findings.length),
      text: ({ findings }: RunSummary) => findings.map(({ text }) => text).join(" "),
    },
  ];
  const always = new Set(["run", "iterations", "findings"]);
  return columns.filter(
    (column) =>
      always.has(column.key) ||
      runs.some((run) => {
        const value = column.value(run);
        return value !== null && value !== "";
      }),
  );
}

/** Sorts by a column; runs without a value come last in either direction. */
export function sortTable(
  runs: readonly RunSummary[],
  column: TableColumn | undefined,
  isDescending: boolean,
): RunSummary[] {
  if (!column) return [...runs];
  const sign = isDescending ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (left === null || right === null) {
      return left === right ? compareNames(a.run, b.run) : left === null ? 1 : -1;
    }
    const order =
      typeof left === "number" && typeof right === "number"
        ? left - right
        : compareNames(String(left), String(right));
    return sign * order || compareNames(a.run, b.run);
  });
}

/**
 * Writes the table as tab-separated values with a header, as spreadsheets paste them.
 */
export function tableText(
  runs: readonly RunSummary[],
  columns: readonly TableColumn[],
): string {
  const rows = runs.map((run) =>
    columns.map((column) => {
      const value = column.value(run);
      return column.key === "findings" || typeof value !== "number"
        ? textCell(column.text(run))
        : String(value);
    }),
  );
  return [columns.map(({ title }) => textCell(title)), ...rows]
    .map((cells) => cells.join("\t"))
    .join("\n");
}

/** Makes a column of each hyperparameter in which the runs differ. */
function hyperparameterColumns(runs: readonly RunSummary[]): TableColumn[] {
  return differingHyperparameters(runs).map((name) => {
    const value = (run: RunSummary): Cell => hyperparameterOf(run, name);
    return {
      key: `hparam:${name}`,
      title: titleOfHyperparameter(name),
      hint: "Hyperparameter",
      isNumber: runs.every((run) => typeof (value(run) ?? 0) === "number"),
      value,
      text: (run: RunSummary) => {
        const found = value(run);
        return typeof found === "number" ? formatNumber(found) : (found ?? "");
      },
    };
  });
}

function duration({ start_time: start, last_time: last }: RunSummary): number | null {
  return start === null || last === null ? null : last - start;
}
