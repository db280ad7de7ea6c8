// Small multiples: a chart for each optimizer with each schedule.

import type { RunSummary } from "../data/records.ts";
import { nameSchedule } from "../data/schedule_name.ts";
import type { TestedRun } from "../range_tests/range_test_scene.ts";
import type { Outcome, Outcomes } from "./outcomes.ts";

export interface Part {
  title: string;
  outcomes: Outcomes;
  tests: readonly TestedRun[];
}

// Of more, none would be large enough.
const MOST_PARTS = 9;
const REST = "all others";

/** Lists the optimizers with their schedules, the most frequent first. */
export function kindsOf(runs: readonly RunSummary[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(kindOf(run), (counts.get(kindOf(run)) ?? 0) + 1);
  return [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!);
}

/**
 * Splits outcomes by optimizer and schedule.
 *
 * @param tests Each is drawn where its optimizer is, or everywhere if it is nowhere.
 * @param optimizerOf Finds the optimizer of a test's run.
 */
export function splitOutcomes(
  outcomes: Outcomes,
  tests: readonly TestedRun[],
  optimizerOf: (run: string) => string | undefined,
): Part[] {
  const kinds = kindsOf(outcomes.all.flatMap(({ runs }) => runs));
  const shown = kinds.length > MOST_PARTS ? kinds.slice(0, MOST_PARTS - 1) : kinds;
  const titleOf = (run: RunSummary) => {
    const kind = kindOf(run);
    return shown.includes(kind) ? kind : REST;
  };
  const titles = shown.length < kinds.length ? [...shown, REST] : shown;
  const used = new Set(optimizersOf(outcomes.all));
  return titles.map((title) => {
    const all = outcomes.all.filter(({ runs }) => titleOf(runs[0]) === title);
    const isHere = ({ run }: TestedRun) => {
      const optimizer = optimizerOf(run);
      return !used.has(optimizer) || optimizersOf(all).includes(optimizer);
    };
    return { title, outcomes: { ...outcomes, all }, tests: tests.filter(isHere) };
  });
}

function optimizersOf(outcomes: readonly Outcome[]): (string | undefined)[] {
  return outcomes.flatMap(({ runs }) => runs.map(({ optimizer }) => optimizer.class_name));
}

function kindOf({ optimizer, schedule }: RunSummary): string {
  const names = [optimizer.class_name, nameSchedule(schedule)].filter(Boolean);
  return names.join(", ") || "unknown";
}
