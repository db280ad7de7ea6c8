// The metrics that a run has at the ends of its epochs, and the best of each.

import { own } from "../base/own.ts";
import type { BestEpoch, RunSummary } from "./records.ts";

const VALIDATION = "val_";
/** What is chosen where no metric is wanted, only the loss of each batch. */
export const NO_METRIC = "none";
const USUAL_METRIC = "loss";
/** What the score of a trial is called whose search does not name it. */
export const UNNAMED_SCORE = "score";

/** The best value of a metric; the epoch and its rate as far as they are known. */
export type Best = Pick<BestEpoch, "value" | "epoch" | "learning_rate">;

/** Names a metric without regard to the data it was measured on: "val_loss" is "loss". */
export function baseOf(metric: string): string {
  return metric.startsWith(VALIDATION) ? metric.slice(VALIDATION.length) : metric;
}

/** Names the metric of the training and that of the validation. */
export function bothOf(base: string): { training: string; validation: string } {
  return { training: base, validation: VALIDATION + base };
}

/** Lists what may be chosen of these runs, as `baseOf` names them. */
export function baseMetrics(runs: readonly RunSummary[]): string[] {
  const names = runs.flatMap((run) => [
    ...Object.keys(run.best_epochs),
    ...(objectiveOf(run) === null ? [] : [objectiveOf(run)!]),
  ]);
  return [...new Set(names.map(baseOf))].sort();
}

/**
 * Finds the metric that is meant, as `baseOf` names it: what the person has chosen, else
 * the objective of a search, else the loss. A score without a name counts where no run
 * has a metric.
 */
export function chosenMetric(chosen: string, runs: readonly RunSummary[]): string {
  if (chosen) return chosen;
  const search = runs.find(({ extra }) => typeof extra.objective === "string");
  if (search) return baseOf(objectiveOf(search)!);
  const hasMetrics = runs.some((run) => Object.keys(run.best_epochs).length > 0);
  const isScored = !hasMetrics && runs.some((run) => scoreOf(run) !== null);
  return isScored ? UNNAMED_SCORE : USUAL_METRIC;
}

/**
 * Finds by which metric runs are judged: that of the validation, where any of them has
 * it. Null if none of them has either.
 */
export function judgedBy(base: string, runs: readonly RunSummary[]): string | null {
  if (base === NO_METRIC) return null;
  const { training, validation } = bothOf(base);
  const has = (metric: string) => runs.some((run) => bestOf(run, metric) !== null);
  return has(validation) ? validation : has(training) ? training : null;
}

/** Finds the best that a run reached; of a search's trial its score, if it has no more. */
export function bestOf(run: RunSummary, metric: string): Best | null {
  const best = own(run.best_epochs, metric) ?? null;
  const score = objectiveOf(run) === metric ? scoreOf(run) : null;
  // A trial that diverged has an infinitely bad score, whatever its epochs had before.
  const isScore = score !== null && (best === null || !Number.isFinite(score));
  return isScore ? { value: score, epoch: null, learning_rate: null } : best;
}

/** Tells whether higher values of a metric are better. */
export function isHigherBetter(metric: string, runs: readonly RunSummary[]): boolean {
  for (const { best_epochs } of runs) {
    const best = own(best_epochs, metric);
    if (best) return best.higher_is_better;
  }
  const trials = runs.filter((run) => objectiveOf(run) === metric);
  const told = trials.find(({ extra }) => /^(min|max)$/.test(String(extra.direction)));
  if (told) return told.extra.direction === "max";
  if (trials.some(({ extra }) => extra.score === Infinity)) return false;
  if (trials.some(({ extra }) => extra.score === -Infinity)) return true;
  return !/loss|error|crossentropy|mse|mae|mape/.test(metric);
}

/** Finds the score of a search's trial that has ended. */
function scoreOf({ extra }: RunSummary): number | null {
  return typeof extra.score === "number" ? extra.score : null;
}

/** Names what the score of a trial is, for instance "val_accuracy". */
export function objectiveOf(run: RunSummary): string | null {
  if (typeof run.extra.objective === "string") return run.extra.objective;
  return scoreOf(run) === null ? null : UNNAMED_SCORE;
}
