// The table of runs as data: columns, order, and text to copy.

import { formatDuration, formatNumber } from "../base/format.ts";
import { compareNames } from "../base/name_order.ts";
import { textCell } from "../base/spreadsheet.ts";
import {
  differingHyperparameters,
  hyperparameterOf,
  titleOfHyperparameter,
} from "../data/hyperparameters.ts";
import type { RunSummary } from "../data/records.ts";
import { describeSchedule } from "../data/schedule_name.ts";
import { judgedColumns, lossColumns, otherMetricColumns } from "./outcome_columns.ts";
import {
  counts,
  finiteOrNull,
  numbers,
  words,
  type Cell,
  type TableColumn,
} from "./table_column.ts";

// More would not be seen at once.
const USUAL_COLUMNS = 12;

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
    findingsColumn(),
    ...judgedColumns(runs, judged),
    ...lossColumns(runs),
    numbers("max_rate", "Highest rate", "Of a single iteration", (run) =>
      finiteOrNull(run.learning_rate?.max),
    ),
    ...landscapeColumns(),
    words("optimizer", "Optimizer", ({ optimizer }) => optimizer.class_name ?? null),
    words("schedule", "Schedule", describeSchedule),
    ...hyperparameterColumns(runs),
    ...otherMetricColumns(runs, judged),
    numbers("first_rate", "First rate", "Of the first iteration", (run) =>
      finiteOrNull(run.learning_rate?.first),
    ),
    numbers("last_rate", "Last rate", "Of the last iteration", (run) =>
      finiteOrNull(run.learning_rate?.last),
    ),
    counts("iterations", "Iterations", "", (run) => run.num_iterations),
    durationColumn(),
    counts("nonfinite", "NaN or ∞", "Losses that are not finite", (run) =>
      run.loss ? run.loss.num_nonfinite : null,
    ),
    counts("skipped", "Not applied", "Iterations that changed no weight", (run) =>
      run.source === "recorded" ? run.num_not_applied : null,
    ),
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

/**
 * Chooses the columns that are shown.
 *
 * @param chosen Their keys; null leaves it to the order in which they matter.
 */
export function shownColumns(
  columns: readonly TableColumn[],
  chosen: readonly string[] | null,
): TableColumn[] {
  return chosen === null
    ? columns.slice(0, USUAL_COLUMNS)
    : columns.filter(({ key }) => key === "run" || chosen.includes(key));
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

function findingsColumn(): TableColumn {
  const value = ({ findings }: RunSummary) => findings.length;
  const text = ({ findings }: RunSummary) => findings.map((one) => one.text).join(" ");
  return { ...numbers("findings", "Findings", "", value), text };
}

const MEDIAN =
  "median; ∞ where it is beyond the rates that were tried, and that of the lowest of " +
  "them where all raised the loss";

/** Makes the columns of what other rates would have done. */
function landscapeColumns(): TableColumn[] {
  return [
    numbers(
      "critical_rate",
      "Critical rate",
      `From which on updates would have raised the loss of the next batch; ${MEDIAN}`,
      (run) => finiteOrNull(run.landscape?.critical_rate),
    ),
    numbers(
      "headroom",
      "Headroom",
      `How many times as far updates could have gone; ${MEDIAN}`,
      (run) => finiteOrNull(run.landscape?.headroom),
    ),
    numbers("suggested_rate", "Suggested rate", "", (run) =>
      finiteOrNull(run.landscape?.suggestion.rate),
    ),
  ];
}

function durationColumn(): TableColumn {
  const hint = "From the first row to the last thing that was written";
  const text = (run: RunSummary) => formatDuration(duration(run) ?? NaN);
  return { ...numbers("duration", "Duration", hint, duration), text };
}

/** Makes a column of each hyperparameter in which the runs differ. */
function hyperparameterColumns(runs: readonly RunSummary[]): TableColumn[] {
  // What the records of the runs say of these is a column already.
  const recorded = (["optimizer", "schedule"] as const).filter((name) =>
    runs.some((run) => run[name].class_name !== undefined),
  );
  const names = differingHyperparameters(runs).filter(
    (name) => !recorded.some((known) => known === titleOfHyperparameter(name)),
  );
  return names.map((name) => {
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
