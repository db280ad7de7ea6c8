// The score of each trial of a search, and which way is better.

import type { RunSummary } from "./records.ts";

type Direction = "min" | "max";

/** Null for runs that are no trial, or one that has not ended. */
export function scoreOf({ extra }: RunSummary): number | null {
  return typeof extra.score === "number" ? extra.score : null;
}

/** What the score is, "val_accuracy" for instance; null if no run says so. */
export function objectiveOf(runs: readonly RunSummary[]): string | null {
  const named = runs.find(({ extra }) => typeof extra.objective === "string");
  return named ? String(named.extra.objective) : null;
}

/** Whether less is better: as the search says it, or as the objective is called. */
export function directionOf(runs: readonly RunSummary[]): Direction {
  const told = runs.find(({ extra }) => /^(min|max)$/.test(String(extra.direction)));
  if (told) return told.extra.direction as Direction;
  // A trial that diverged is infinitely bad.
  if (runs.some(({ extra }) => extra.score === Infinity)) return "min";
  if (runs.some(({ extra }) => extra.score === -Infinity)) return "max";
  return /loss|error|crossentropy|mse|mae|mape/.test(objectiveOf(runs) ?? "")
    ? "min"
    : "max";
}

/** The rate that a trial stands for: the one that was set, else the highest it used. */
export function rateOf({ extra, learning_rate }: RunSummary): number | null {
  for (const [name, value] of Object.entries(extra.hparams ?? {})) {
    if (/^-*learning_rate$/.test(name) && typeof value === "number") return value;
  }
  return learning_rate?.max ?? null;
}
