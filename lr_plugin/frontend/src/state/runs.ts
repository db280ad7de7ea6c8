// Which runs are listed, in which order, and which of them are drawn.

import type { RunSummary } from "../data/records.ts";
import { nameSchedule } from "../data/schedule_name.ts";
import { compareNames } from "../base/name_order.ts";
import { bestOf, isHigherBetter } from "../data/metrics.ts";
import type { Choice, RunGroup, RunSort } from "./state.ts";

/** How many runs are drawn before the person has chosen: as many as one can tell apart. */
export const MANY_RUNS = 10;

interface RunGroupOf {
  title: string;
  runs: RunSummary[];
}

/**
 * Finds the runs whose name the regular expression matches; says what is wrong with an
 * expression that is none.
 */
export function filterRuns(
  runs: readonly RunSummary[],
  filter: string,
): { runs: RunSummary[]; error: string | null } {
  if (!filter) return { runs: [...runs], error: null };
  try {
    const expression = new RegExp(filter, "i");
    return { runs: runs.filter(({ run }) => expression.test(run)), error: null };
  } catch (error) {
    const reason = (error as Error).message.replace(/^.*\/i?: /, "");
    return {
      runs: [...runs],
      error: `“${filter}” is not a regular expression: ${lowerFirst(reason)}.`,
    };
  }
}

/**
 * Sorts runs; those without the value to sort by come last.
 *
 * @param metric The one by which runs are judged, see `judgedBy`.
 */
export function sortRuns(
  runs: readonly RunSummary[],
  sort: RunSort,
  metric: string | null = null,
): RunSummary[] {
  const byName = (a: RunSummary, b: RunSummary) => compareNames(a.run, b.run);
  const number = (value: number | null | undefined, otherwise: number) =>
    value === null || value === undefined || Number.isNaN(value) ? otherwise : value;
  const sign = metric !== null && isHigherBetter(metric, runs) ? -1 : 1;
  const worst = sign * Infinity;
  const best = (run: RunSummary) =>
    metric === null ? null : (bestOf(run, metric)?.value ?? null);
  const orders: Record<RunSort, (a: RunSummary, b: RunSummary) => number> = {
    name: byName,
    // By their start: by their end, two runs that train at once would keep changing
    // places.
    newest: (a, b) => difference(number(b.start_time, 0), number(a.start_time, 0)),
    loss: (a, b) =>
      difference(number(a.loss?.final, Infinity), number(b.loss?.final, Infinity)),
    metric: (a, b) =>
      sign * difference(number(best(a), worst), number(best(b), worst)),
  };
  const isJudged = (run: RunSummary) => sort !== "metric" || best(run) !== null;
  return [...runs].sort(
    (a, b) =>
      Number(isJudged(b)) - Number(isJudged(a)) || orders[sort](a, b) || byName(a, b),
  );
}

/**
 * Groups runs, in order of the first run of each group. Without grouping there is one
 * group, without a title.
 */
export function groupRuns(runs: readonly RunSummary[], group: RunGroup): RunGroupOf[] {
  if (group === "none") return [{ title: "", runs: [...runs] }];
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const title = titleOf(run, group) ?? "unknown";
    groups.set(title, [...(groups.get(title) ?? []), run]);
  }
  return [...groups].map(([title, members]) => ({ title, runs: members }));
}

function titleOf({ optimizer, schedule }: RunSummary, group: RunGroup) {
  return group === "schedule" ? nameSchedule(schedule) : optimizer.class_name;
}

/** Finds the listed runs that are drawn, in their order. */
export function chosenRuns(
  listed: readonly RunSummary[],
  choice: Choice,
): RunSummary[] {
  if (choice === "all") return [...listed];
  if (choice === "default") return defaultChoice(listed);
  const names = new Set(choice);
  return listed.filter(({ run }) => names.has(run));
}

/** Chooses all runs if they are few, else those that started last. */
function defaultChoice(listed: readonly RunSummary[]): RunSummary[] {
  if (listed.length <= MANY_RUNS) return [...listed];
  const latest = new Set(
    sortRuns(listed, "newest")
      .slice(0, MANY_RUNS)
      .map(({ run }) => run),
  );
  return listed.filter(({ run }) => latest.has(run));
}

/** Makes the choice with one more run, or with one less. */
export function toggleRun(chosen: readonly RunSummary[], run: string): string[] {
  const names = chosen.map((summary) => summary.run);
  return names.includes(run) ? names.filter((name) => name !== run) : [...names, run];
}

/** Makes the choice of all listed runs that were not chosen. */
export function invertChoice(
  listed: readonly RunSummary[],
  chosen: readonly RunSummary[],
): string[] {
  const names = new Set(chosen.map(({ run }) => run));
  return listed.filter(({ run }) => !names.has(run)).map(({ run }) => run);
}

function difference(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
