// Sentences about what is drawn: how much of it is exact, and what could not be drawn.

import { formatCount, formatNumber, plural } from "../base/format.ts";
import { MOST_LOOKS } from "../base/line_looks.ts";
import { visible } from "../base/names.ts";
import { extent, type Range } from "../base/scale.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import type { RunSummary } from "../data/records.ts";

const MOST_NAMED = 3;

/** Says what is drawn, or that it is not yet what was asked for. */
export function describeRows(runs: readonly DrawnRun[], isStale: boolean): string {
  return isStale
    ? "The iterations of this window are not here yet."
    : describeExactness(runs);
}

/** Says how the drawn rows relate to the iterations that happened. */
export function describeExactness(drawn: readonly DrawnRun[]): string {
  if (drawn.length === 0) return "";
  if (drawn.length === 1) return describeOne(drawn[0]);
  const runs = drawn.filter(({ series }) => series.rowsInWindow > 0);
  const absent = drawn.length - runs.length;
  if (absent === 0) return describeSeveral(runs);
  const nothing = `${plural(absent, "run")} ${has(absent)} no iteration in this window.`;
  return runs.length === 0 ? nothing : `${describeSeveral(runs)} ${nothing}`;
}

function describeSeveral(runs: readonly DrawnRun[]): string {
  const exact = runs.filter(({ series }) => series.exact === "rows");
  const sampled = runs.filter(({ series }) => series.exact === "sampled");
  const envelope = runs.filter(({ series }) => series.exact === "envelope");
  if (exact.length === runs.length) {
    const what = nameRows(runs);
    return `Every ${what} of ${plural(runs.length, "run")} in this window is drawn.`;
  }
  const parts = [
    exact.length && `${plural(exact.length, "run")} with every iteration`,
    sampled.length &&
      `${plural(sampled.length, "run")} sampled, with the minimum and maximum of every ` +
        "interval",
    envelope.length &&
      `${plural(envelope.length, "run")} as a band from the minimum to the maximum of every interval` +
        describeBlocks(envelope),
  ].filter(Boolean);
  return `${joinWords(parts as string[])}. Zoom in for single iterations.`;
}

/**
 * Counts the rows of a run that lie in the window, where it has every row: those beside
 * the window were only sent so that lines go on to the edge of the picture.
 *
 * @param xs The x of each row, on the axis that the window is a part of.
 */
export function countInWindow<Run extends DrawnRun>(
  run: Run,
  xs: ArrayLike<number> | undefined,
  window: Range | null,
): Run {
  if (!window || !xs || run.series.exact !== "rows") return run;
  let rowsInWindow = 0;
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] >= window[0] && xs[i] <= window[1]) rowsInWindow++;
  }
  return { ...run, series: { ...run.series, rowsInWindow } };
}

/** Says which of the runs have nothing to draw. */
export function describeWithoutRows(runs: readonly RunSummary[]): string {
  const names = runs.filter(({ num_iterations: rows }) => rows === 0).map(({ run }) => visible(run));
  if (names.length === 0) return "";
  const named = names.slice(0, MOST_NAMED);
  const rest = names.length - named.length;
  const all = joinWords(rest > 0 ? [...named, plural(rest, "more run")] : named);
  return `${all} ${has(names.length)} no iterations.`;
}

/** Says of more runs than can be told apart how one finds out which is which. */
export function describeLooks(numRuns: number): string {
  if (numRuns <= MOST_LOOKS) return "";
  return (
    `Of more than ${MOST_LOOKS} runs several look alike: point at a line, and it stands ` +
    "out with its name."
  );
}

/** Says which rates are not at their place in the picture. */
export function describeOddRates(runs: readonly DrawnRun[], isLog: boolean): string {
  const rates = runs.flatMap(({ series }) => [series.columns.learning_rate ?? []]);
  const count = (isOdd: (rate: number) => boolean) =>
    rates.reduce((sum, some) => sum + some.reduce((n, rate) => n + Number(isOdd(rate)), 0), 0);
  const low = isLog ? count((rate) => rate <= 0 && rate > -Infinity) : 0;
  const nonfinite = count((rate) => !Number.isFinite(rate));
  const sentences = [
    nonfinite &&
      `${plural(nonfinite, "drawn rate")} ${is(nonfinite)} NaN or infinite, and ${has(nonfinite)} no place in the picture.`,
    low && `${plural(low, "drawn rate")} at or below 0 ${is(low)} drawn at the lower edge.`,
  ];
  return sentences.filter(Boolean).join(" ");
}

/** Says in words what odd rows the timeline marks. */
export function describeOddities(
  runs: readonly DrawnRun[],
  isLogLoss: boolean,
): string {
  let skipped = 0;
  for (const { summary } of runs) skipped += summary.num_not_applied;
  const sentences = [
    describeOddLosses(runs, isLogLoss),
    skipped &&
      `${plural(skipped, "iteration")} in these runs applied no update (bars at the bottom, where there is room).`,
  ];
  return sentences.filter(Boolean).join(" ");
}

/** Says which losses are not at their place in the picture. */
export function describeOddLosses(
  runs: readonly DrawnRun[],
  isLogLoss: boolean,
): string {
  let nonfinite = 0;
  let low = 0;
  for (const { summary, series } of runs) {
    nonfinite += summary.loss?.num_nonfinite ?? 0;
    for (const loss of series.columns.loss ?? []) {
      if (loss <= 0 && loss > -Infinity) low++;
    }
  }
  const sentences = [
    nonfinite &&
      `${plural(nonfinite, "loss", "losses")} in these runs ${is(nonfinite)} NaN or infinite (×).`,
    low &&
      isLogLoss &&
      `${plural(low, "loss", "losses")} at or below 0 ${is(low)} drawn at the lower edge.`,
  ];
  return sentences.filter(Boolean).join(" ");
}

/** Says what the stronger line is where losses are smoothed. */
export function describeSmoothing(smoothing: number): string {
  return (
    "The stronger line is the mean of the middle half of the drawn losses within " +
    `${smoothing / 10} % of what is shown on either side; the pale one is the loss as ` +
    "it was."
  );
}

/**
 * Counts the drawn values that are not finite.
 *
 * @param titles The columns to look at, each with the word for it.
 */
export function describeNonfinite(
  runs: readonly DrawnRun[],
  titles: Record<string, string>,
): string {
  const sentences = Object.entries(titles).map(([column, title]) => {
    let count = 0;
    for (const { series } of runs) {
      for (const value of series.columns[column] ?? []) {
        if (!Number.isFinite(value)) count++;
      }
    }
    return (
      count && `${plural(count, "drawn row")} with a ${title} of NaN or infinity (×).`
    );
  });
  return sentences.filter(Boolean).join(" ");
}

/**
 * Says in a few words what is drawn, for screen readers.
 *
 * @param values The columns whose first and last values are said, each with the word
 *   for it.
 */
export function summarizeRuns(
  runs: readonly DrawnRun[],
  place: string,
  values: Record<string, string>,
): string {
  const names = runs.slice(0, 5).map(({ summary, series }) => {
    const last = series.numRows - 1;
    if (last < 0) return `${summary.run}: no rows in this window`;
    const ends = Object.entries(values).flatMap(([column, text]) => {
      const found = series.columns[column];
      if (!found) return [];
      // The ends of an envelope are extremes, and no rows.
      const range = series.exact === "envelope" ? extent("linear", [found]) : null;
      return range
        ? [`${text} between ${formatNumber(range[0])} and ${formatNumber(range[1])}`]
        : [`${text} ${formatNumber(found[0])} to ${formatNumber(found[last])}`];
    });
    return `${summary.run}: ${ends.join(", ")}`;
  });
  const others = runs.length > 5 ? [`and ${plural(runs.length - 5, "more run")}`] : [];
  return `${plural(runs.length, "run")}, ${place}. ${[...names, ...others].join("; ")}.`;
}

/** Says in a few words what single rows of runs are. */
function nameRows(runs: readonly DrawnRun[]): string {
  const names = runs.map(({ summary }) => nameRow(summary)[0]);
  return [...new Set(names)].sort().join(" or ");
}

/** Gives the words for a row of a run, and for several. */
function nameRow(summary: RunSummary): readonly [string, string] {
  if (summary.source === "recorded") return ["iteration", "iterations"];
  if (summary.is_sampled) {
    return ["point that TensorBoard kept", "points that TensorBoard kept"];
  }
  // Other programs may log some iterations only, or means of several.
  return summary.num_rates_left_out
    ? ["logged loss", "logged losses"]
    : ["logged point", "logged points"];
}

function describeOne(run: DrawnRun): string {
  const { summary, series } = run;
  const [what, many] = nameRow(summary);
  const all = plural(series.rowsInWindow, what, many);
  if (series.exact === "rows") {
    if (series.rowsInWindow === 0) return `No ${what} is in this window.`;
    return series.rowsInWindow === 1
      ? "The one row of this window is drawn."
      : `All ${all} of this window are drawn.`;
  }
  if (series.exact === "sampled") {
    return (
      `${formatCount(series.numRows)} of ${all} are drawn, among them the ` +
      "minimum and maximum of every interval. Zoom in for the others."
    );
  }
  return (
    `${all}, drawn as a band from the minimum to the maximum of every interval` +
    `${describeBlocks([run])}. Zoom in for single iterations.`
  );
}

/**
 * Says what TensorBoard kept, where single iterations cannot be read from the event
 * files.
 */
function describeBlocks(runs: readonly DrawnRun[]): string {
  let kept = 0;
  let written = 0;
  for (const { blocks } of runs.map(({ summary }) => summary)) {
    if (!blocks || blocks.in_files) continue;
    kept += blocks.kept;
    written += blocks.written;
  }
  if (written === 0) return "";
  return ` (TensorBoard kept raw ${formatCount(kept)} of ${formatCount(written)} blocks)`;
}

function joinWords(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
}

function is(count: number): string {
  return count === 1 ? "is" : "are";
}

function has(count: number): string {
  return count === 1 ? "has" : "have";
}
