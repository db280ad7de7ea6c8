// Runs for the tests of this folder.

import type { RunSummary } from "../data/records.ts";
import type { Outcome } from "./outcomes.ts";

/** Makes a run with a peak rate, a best val_accuracy, and hyperparameters. */
export function makeRun(
  run: string,
  rate: number,
  accuracy: number | null,
  changes: Partial<RunSummary> = {},
): RunSummary {
  const best = { value: accuracy, epoch: 4, step: 499, learning_rate: rate };
  return {
    run,
    learning_rate: { first: rate / 10, max: rate, last: 0, min: 0 },
    loss: { final: 1 },
    diverged_at: null,
    best_epochs: accuracy === null ? {} : { val_accuracy: { ...best, higher_is_better: true } },
    optimizer: { class_name: "SGD" },
    schedule: { class_name: "constant" },
    steps_per_epoch: 100,
    epochs: 5,
    extra: {},
    ...changes,
  } as unknown as RunSummary;
}

/** Makes what a single run came to; NaN where it diverged. */
export function makeOutcome(x: number, value: number): Outcome {
  const runs = [makeRun(`run-${x}`, x, value)];
  return { runs, x, value, low: value, high: value, hasDiverged: Number.isNaN(value) };
}
