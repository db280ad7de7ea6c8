// The score of each trial of a search, and which way is better.

import type { RunSummary } from "./records.ts";

type Direction = "min" | "max";

/** Finds the score; null for a run that is no trial, or a trial that has not ended. */
export function scoreOf({ extra }: RunSummary): number | null {
  return typeof extra.score === "number" ? extra.score : null;
}

/** Finds what the score is, for instance "val_accuracy"; null if no run says so. */
export function objectiveOf(runs: readonly RunSummary[]): string | null {
  const named = runs.find(({ extra }) => typeof extra.objective === "string");
  return named ? String(named.extra.objective) : null;
}

/**
 * Finds whether a smaller or a greater score is better: as the search says, else by the
 * name of the objective.
 */
export function directionOf(runs: readonly RunSummary[]): Direction {
  const told = runs.find(({ extra }) => /^(min|max)$/.test(String(extra.direction)));
  if (told) return told.extra.direction as Direction;
  // A trial that diverged has an infinitely bad score.
  if (runs.some(({ extra }) => extra.score === Infinity)) return "min";
  if (runs.some(({ extra }) => extra.score === -Infinity)) return "max";
  return /loss|error|crossentropy|mse|mae|mape/.test(objectiveOf(runs) ?? "")
    ? "min"
    : "max";
}

/**
 * Finds the rate that a trial stands for: the one that was set, else the highest it
 * used.
 */
export function rateOf({ extra, learning_rate }: RunSummary): number | null {
  for (const [name, value] of Object.entries(extra.hparams ?? {})) {
    if (/^-*learning_rate$/.test(name) && typeof value === "number") return value;
  }
  return learning_rate?.max ?? null;
}
