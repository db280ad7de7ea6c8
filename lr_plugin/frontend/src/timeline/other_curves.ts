// The rates and losses of a run beside those that are drawn first: of several optimizers
// or parameter groups, of parts of a loss.

import type { Curve } from "../chart/scene.ts";
import { rowsOf } from "../chart/scene.ts";
import type { RunSummary, Series } from "../data/records.ts";
import { LOSS_COLUMNS } from "../state/use_series.ts";

export const OTHER_RATES = "learning_rate:";
export const OTHER_LOSSES = "loss:";

// Of more runs, nobody could tell apart what is drawn.
const MAX_RUNS = 3;
const MAX_COLUMNS = 8;

/** Names the columns of others that are drawn of runs, with the words for them. */
export function otherColumns(runs: readonly RunSummary[]): Record<string, string> {
  if (runs.length > MAX_RUNS) return {};
  const names = [OTHER_RATES, OTHER_LOSSES].flatMap((prefix) => {
    const found = runs.flatMap(({ columns }) =>
      columns.filter((name) => name.startsWith(prefix)),
    );
    return [...new Set(found)].slice(0, MAX_COLUMNS);
  });
  return Object.fromEntries(
    names.map((name) => [name, name.slice(name.indexOf(":") + 1)]),
  );
}

/** Lists the columns to ask for: the same ones as other views where there are no more. */
export function timelineColumns(others: Record<string, string>): readonly string[] {
  const names = Object.keys(others);
  return names.length === 0 ? LOSS_COLUMNS : [...LOSS_COLUMNS, ...names];
}

/** Makes a dashed curve of each other rate, or loss, of a run. */
export function otherCurves(
  run: { summary: RunSummary; series: Series; color: string; xs: Float64Array },
  prefix: string,
): Curve[] {
  const { summary, series, color, xs } = run;
  return Object.entries(series.columns)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, ys]) => ({
      run: summary.run,
      label: `${summary.run}: ${name.slice(prefix.length)}`,
      color,
      xs,
      ys,
      weight: "thin",
      dashed: true,
      ...rowsOf(series, xs, ys),
    }));
}

/** Says which curves are those that are not dashed, and which are. */
export function describeOthers(
  runs: readonly RunSummary[],
  others: Record<string, string>,
): string {
  const names = Object.values(others);
  if (names.length === 0) return "";
  const first = runs.flatMap(({ tags }) => Object.values(tags ?? {}));
  const solid = first.length > 0 ? `Solid: ${[...new Set(first)].join(", ")}. ` : "";
  return `${solid}Dashed: ${names.join(", ")}.`;
}
