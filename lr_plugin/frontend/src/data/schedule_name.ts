// Schedules by the names that people give them: what is joined of parts is named by these.

import { own } from "../base/own.ts";
import type { RunSummary } from "./records.ts";

// By their classes in Keras and in this package.
const NAMES: Record<string, string> = {
  CosineDecay: "cosine",
  CosineDecayRestarts: "cosine restarts",
  CosineRestarts: "cosine restarts",
  ExponentialDecay: "exponential",
  InverseTimeDecay: "time decay",
  CompoundingTimeDecay: "compounding time decay",
  PiecewiseConstantDecay: "steps",
  InverseSquareRoot: "inverse square root",
  SqrtFall: "1-sqrt",
  Triangular: "triangular",
};
const PLATEAU = "× plateau";
const WARMUP = "warmup";
// Deeper than anybody joins schedules.
const MOST_LEVELS = 8;

/** Names a schedule: "warmup + cosine × plateau". Null if it is not known. */
export function nameSchedule(schedule: RunSummary["schedule"]): string | null {
  return schedule.class_name === undefined ? null : nameOf(schedule, 0);
}

/** Names a run's schedule, and says how much of the run its warmup takes, if known. */
export function describeSchedule(run: RunSummary): string | null {
  const name = nameSchedule(run.schedule);
  const steps = warmupSteps(run.schedule, 0);
  const all = (run.steps_per_epoch ?? 0) * (run.epochs ?? 0);
  if (!name || !steps || !all) return name;
  const percent = Number(((100 * steps) / all).toPrecision(2));
  return name.replace(WARMUP, `${WARMUP} ${percent} %`);
}

function nameOf(schedule: unknown, level: number): string {
  // A number among the parts of a schedule is a rate that does not move.
  if (typeof schedule === "number") return "constant";
  const { class_name: kind, config } = partsOf(schedule);
  if (level > MOST_LEVELS) return kind;
  const inner = () => nameOf(config.schedule, level + 1);
  switch (kind) {
    case "Joined":
      return nameJoined(listOf(config.schedules), level) || kind;
    case "Multiplied":
      return config.schedule === undefined ? kind : `${inner()} ${PLATEAU}`;
    case "Clock":
      return config.schedule === undefined ? kind : inner();
    case "Staircase":
      return config.schedule === undefined ? kind : `${inner()} by epochs`;
    case "PolynomialDecay":
      return config.power === 1 ? "linear" : "polynomial";
    case "CosineDecay":
      return warmupSteps(schedule, level) ? `${WARMUP} + ${NAMES[kind]}` : NAMES[kind];
    default:
      return own(NAMES, kind) ?? kind;
  }
}

function nameJoined(parts: readonly unknown[], level: number): string {
  const names = parts.map((part, i) =>
    i === 0 && parts.length > 1 && isRising(part) ? WARMUP : nameOf(part, level + 1),
  );
  return names.filter((name, i) => i === 0 || name !== names[i - 1]).join(" + ");
}

/** Finds how many steps a schedule rises before what comes after the warmup. */
function warmupSteps(schedule: unknown, level: number): number | null {
  const { class_name: kind, config } = partsOf(schedule);
  if (kind === "CosineDecay") return numberOrNull(config.warmup_steps) || null;
  if (kind === "Joined" && isRising(listOf(config.schedules)[0])) {
    return numberOrNull(listOf(config.boundaries)[0]);
  }
  const isWrapped = config.schedule !== undefined && level <= MOST_LEVELS;
  return isWrapped && kind === "Multiplied" ? warmupSteps(config.schedule, level + 1) : null;
}

/** Tells whether a part rises all the time. */
function isRising(part: unknown): boolean {
  const { class_name: kind, config } = partsOf(part);
  const first = numberOrNull(config.initial_learning_rate);
  const last = numberOrNull(config.end_learning_rate);
  if (kind === "PolynomialDecay") return first !== null && last !== null && last > first;
  return kind === "ExponentialDecay" && (numberOrNull(config.decay_rate) ?? 0) > 1;
}

/** Takes what another program may have written into a schedule's place. */
function partsOf(schedule: unknown): { class_name: string; config: Record<string, unknown> } {
  const found = (schedule ?? {}) as { class_name?: unknown; config?: unknown };
  const isObject = typeof found.config === "object" && found.config !== null;
  const config = isObject ? (found.config as Record<string, unknown>) : {};
  return { class_name: String(found.class_name ?? "unknown"), config };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
