// The columns for what the runs came to.

import { formatCount, formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { UNNAMED_SCORE, bestOf, isHigherBetter, objectiveOf } from "../data/metrics.ts";
import type { RunSummary } from "../data/records.ts";
import {
  BEST_VALIDATION,
  DIVERGED_AT,
  LOWEST_LOSS,
  bestText,
  finalLossHint,
  finalLossText,
  momentText,
} from "../data/words.ts";
import { compareNames } from "../base/name_order.ts";
import { counts, finiteOrNull, numbers, type TableColumn } from "./table_column.ts";

/** Makes the columns of the losses, and of the divergence. */
export function lossColumns(runs: readonly RunSummary[]): TableColumn[] {
  return [finalLossColumn(runs), lowestLossColumn(), divergedColumn()];
}

function finalLossColumn(runs: readonly RunSummary[]): TableColumn {
  const value = ({ loss }: RunSummary) => finiteOrNull(loss?.final);
  const hint = finalLossHint(runs);
  return {
    ...numbers("final_loss", "Final loss", hint, value),
    isLessBetter: true,
    text: (run) => finalLossText(run),
  };
}

function lowestLossColumn(): TableColumn {
  const value = ({ loss }: RunSummary) => finiteOrNull(loss?.lowest?.loss);
  const text = (run: RunSummary) =>
    value(run) === null
      ? ""
      : `${formatNumber(value(run))} (step ${formatCount(run.loss!.lowest!.step)})`;
  const column = numbers("min_loss", "Lowest loss", LOWEST_LOSS, value);
  return { ...column, isLessBetter: true, text };
}

/** Makes the columns of the metric by which runs are judged; null is none. */
export function judgedColumns(
  runs: readonly RunSummary[],
  metric: string | null,
): TableColumn[] {
  if (metric === null) return [];
  const title = titleOf(metric);
  const epoch = (run: RunSummary) => {
    const found = bestOf(run, metric)?.epoch ?? null;
    return found === null ? null : found + 1;
  };
  const rate = (run: RunSummary) => bestOf(run, metric)?.learning_rate ?? null;
  return [
    {
      ...bestColumn(runs, metric),
      text: (run) => formatNumber(bestOf(run, metric)?.value),
    },
    {
      ...counts("best_epoch", `Epoch of ${lowerFirst(title)}`, "Counted from 1", epoch),
      isLessBetter: true,
    },
    numbers("best_rate", `Rate of ${lowerFirst(title)}`, "Of that epoch’s last update", rate),
  ];
}

/** Makes a column of each other metric: of validations, and of searches. */
export function otherMetricColumns(
  runs: readonly RunSummary[],
  judged: string | null,
): TableColumn[] {
  const names = runs.flatMap((run) => [
    ...Object.keys(run.best_epochs).filter((name) => name.startsWith("val_")),
    ...(objectiveOf(run) === null ? [] : [objectiveOf(run)!]),
  ]);
  return [...new Set(names)]
    .filter((name) => name !== judged)
    .sort(compareNames)
    .map((name) => bestColumn(runs, name));
}

function bestColumn(runs: readonly RunSummary[], metric: string): TableColumn {
  const value = (run: RunSummary) => bestOf(run, metric)?.value ?? null;
  const text = (run: RunSummary) => {
    const best = bestOf(run, metric);
    return best ? bestText(best) : "";
  };
  return {
    ...numbers(`best:${metric}`, titleOf(metric), BEST_VALIDATION, value),
    isLessBetter: !isHigherBetter(metric, runs),
    text,
  };
}

function titleOf(metric: string): string {
  return metric === UNNAMED_SCORE ? "Score" : `Best ${visible(metric)}`;
}

function lowerFirst(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

function divergedColumn(): TableColumn {
  const value = ({ diverged_at }: RunSummary) => diverged_at?.step ?? null;
  const text = ({ diverged_at }: RunSummary) =>
    diverged_at ? momentText(diverged_at) : "";
  return { ...numbers("diverged_at", "Diverged at", DIVERGED_AT, value), text };
}
