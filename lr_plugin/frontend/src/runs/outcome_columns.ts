// The columns for what the runs came to.

import { formatCount, formatNumber } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
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
import { compareNames } from "../state/runs.ts";
import { finiteOrNull, numbers, type TableColumn } from "./table_column.ts";

/** Makes the columns of the losses, of the best epochs, and of the divergence. */
export function outcomeColumns(runs: readonly RunSummary[]): TableColumn[] {
  return [
    finalLossColumn(runs),
    lowestLossColumn(),
    ...bestEpochColumns(runs),
    divergedColumn(),
  ];
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

/** Makes a column of each metric of the validation. */
function bestEpochColumns(runs: readonly RunSummary[]): TableColumn[] {
  const names = new Set(runs.flatMap(({ best_epochs }) => Object.keys(best_epochs)));
  const shown = [...names].filter((name) => name.startsWith("val_"));
  return shown.sort(compareNames).map((name) => {
    const bestOf = ({ best_epochs }: RunSummary) => own(best_epochs, name);
    const value = (run: RunSummary) => bestOf(run)?.value ?? null;
    const text = (run: RunSummary) => {
      const best = bestOf(run);
      return best ? bestText(best) : "";
    };
    const first = runs.map(bestOf).find((best) => best !== undefined)!;
    return {
      ...numbers(`best:${name}`, `Best ${visible(name)}`, BEST_VALIDATION, value),
      isLessBetter: !first.higher_is_better,
      text,
    };
  });
}

function divergedColumn(): TableColumn {
  const value = ({ diverged_at }: RunSummary) => diverged_at?.step ?? null;
  const text = ({ diverged_at }: RunSummary) =>
    diverged_at ? momentText(diverged_at) : "";
  return { ...numbers("diverged_at", "Diverged at", DIVERGED_AT, value), text };
}
