// What was found, as text to paste: flags of the trainer, Keras code, the bounds of a
// cyclical schedule.

import { hyperparameterOf } from "../data/hyperparameters.ts";
import type { RangeTest, RunSummary } from "../data/records.ts";
import { nameSchedule } from "../data/schedule_name.ts";
import { findBest, findNear } from "./verdict.ts";
import type { Outcome } from "./outcomes.ts";

/** A rate to use, and where it comes from. */
export interface Suggestion {
  /** Tells where it comes from: "Best run, sgd-0.08". */
  source: string;
  rate: number;
  /** The rates between which a cyclical schedule may go; null if that is not known. */
  bounds: readonly [low: number, high: number] | null;
  /** The run that used the rate; null for that of a range test. */
  run: RunSummary | null;
}

// As many as a person would type, and more than any training can tell apart.
const DIGITS = 3;
const FLAGS = ["optimizer", "schedule"];
const KERAS_OPTIMIZERS = new Set([
  ...["SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Adafactor"],
  ...["Nadam", "Ftrl", "Lion", "Lamb", "Muon"],
]);

/**
 * Suggests the rate of the best run.
 *
 * @param outcomes Against their peak rates.
 */
export function suggestBest(
  outcomes: readonly Outcome[],
  isHigherBetter: boolean,
): Suggestion | null {
  const best = findBest(outcomes, isHigherBetter);
  if (!best || !(best.x > 0)) return null;
  const [run] = best.runs;
  // What is a high rate of one optimizer is a low one of another.
  const alike = outcomes.filter(
    ({ runs }) => runs[0].optimizer.class_name === run.optimizer.class_name,
  );
  const near = findNear(alike, best, isHigherBetter)?.outcomes ?? [];
  const xs = [best, ...near].map(({ x }) => x);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  return {
    source: `Best run, ${run.run}`,
    rate: best.x,
    bounds: low < high ? [low, high] : null,
    run,
  };
}

/** Suggests what a range test found; null if it found nothing. */
export function suggestTested(run: string, test: RangeTest): Suggestion | null {
  if (test.suggestion === null) return null;
  const bounds = test.usable_band ?? test.interval;
  return { source: `Range test of ${run}`, rate: test.suggestion, bounds, run: null };
}

/** Writes flags of `python -m trainer`. */
export function asFlags({ rate, run }: Suggestion): string {
  // Only runs of the trainer have its flags for names.
  const isTrainer = run !== null && run.extra.hparams?.learning_rate !== undefined;
  const others = isTrainer ? FLAGS.flatMap((name) => flagOf(run, name)) : [];
  return [...others, `--learning_rate=${short(rate)}`].join(" ");
}

/** Writes the optimizer as Keras has it. */
export function asKeras({ rate, run }: Suggestion): string {
  const name = run?.optimizer.class_name;
  const schedule = run ? nameSchedule(run.schedule) : null;
  const isPeak = schedule !== null && schedule !== "constant";
  const note = isPeak ? `  # the highest rate of its ${schedule}` : "";
  return name !== undefined && KERAS_OPTIMIZERS.has(name)
    ? `keras.optimizers.${name}(learning_rate=${short(rate)})${note}`
    : `learning_rate = ${short(rate)}${note}`;
}

/** Writes a cyclical schedule between the bounds; null if there are none. */
export function asCyclical({ bounds, run }: Suggestion): string | null {
  if (!bounds) return null;
  const [base, top] = bounds.map(short);
  // Two to ten epochs each way, as Smith (WACV 2017, section 3.2) has it.
  const cycle = run?.steps_per_epoch ? 4 * run.steps_per_epoch : null;
  return (
    "from lr_plugin.keras import schedules\n\n" +
    `schedules.Triangular(base=${base}, top=${top}, ` +
    (cycle === null ? "cycle=4 * steps_per_epoch)" : `cycle=${cycle})`)
  );
}

function flagOf(run: RunSummary, name: string): string[] {
  const value = hyperparameterOf(run, name);
  return typeof value === "string" && /^[\w.-]+$/.test(value) ? [`--${name}=${value}`] : [];
}

function short(rate: number): string {
  return String(Number(rate.toPrecision(DIGITS)));
}
