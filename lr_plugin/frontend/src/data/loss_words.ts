// What the numbers of a run's loss mean: servers before the one that tells the lowest
// running median meant other things by the same words.

import type { RunSummary } from "./records.ts";

type Runs = readonly Pick<RunSummary, "loss">[];

/** Tells whether the server tells the lowest running median, with its step. */
export function saysLowest(runs: Runs): boolean {
  return runs.some(({ loss }) => loss?.lowest !== undefined);
}

/** Says what the final loss is. */
export function finalLossHint(runs: Runs): string {
  return saysLowest(runs)
    ? "Mean of the last tenth of the run’s rows"
    : "Mean of the last 256 to 511 iterations";
}
