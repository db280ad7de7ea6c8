// What the runs say about the rate, in one sentence. It is silent where they are too few.

import { formatCount, formatNumber, plural } from "../base/format.ts";
import { visible } from "../base/names.ts";
import type { RunSummary } from "../data/records.ts";
import type { Outcome } from "./outcomes.ts";

interface VerdictOptions {
  /** What is judged by: "val_accuracy", or "final loss". */
  what: string;
  isHigherBetter: boolean;
  /** What is on the x axis, within a sentence: "peak rate". */
  x: string;
}

// Of fewer, or at fewer places, the best may be chance.
const LEAST_OUTCOMES = 4;
const LEAST_PLACES = 3;
const LEAST_DIVERGED = 2;
// How near another is as good: this share of what is missing to a perfect value.
const NEAR = 0.1;
const DIGITS = 3;
const MOST_DIGITS = 15;

/** What is as good as the best. */
export interface Near {
  /** Without the best itself. */
  outcomes: readonly Outcome[];
  /** How far from the best they are at most, in words. */
  within: string;
}

/**
 * Says which x was best, which were as good, and from where on all diverged.
 *
 * @param groups The runs that differ in nothing but their seed.
 */
export function describeVerdict(
  all: readonly Outcome[],
  groups: readonly (readonly RunSummary[])[],
  options: VerdictOptions,
): string {
  const { what, isHigherBetter, x } = options;
  const sound = all.filter(({ hasDiverged }) => !hasDiverged);
  const places = new Set(all.map((outcome) => outcome.x));
  const best = findBest(sound, isHigherBetter);
  if (!best || all.length < LEAST_OUTCOMES || places.size < LEAST_PLACES) return "";
  const runs = new Set(all.flatMap((outcome) => outcome.runs));
  const numRuns = runs.size;
  // Of one setting, some seeds may have diverged and others not.
  const numSettings = groups.filter((group) => group.some((run) => runs.has(run))).length;
  const many =
    numRuns === numSettings
      ? `Of ${formatCount(numRuns)} runs the best`
      : `Of ${formatCount(numRuns)} runs at ${formatCount(numSettings)} settings, each ` +
        "by the mean of its seeds, the best";
  const value = formatNumber(best.value);
  const parts = [
    `${many}, ${visible(what)} ${value}, had ${article(x)} of ${formatNumber(best.x, DIGITS)}`,
    describeNear(findNear(sound, best, isHigherBetter)),
    describeDiverged(all),
    describeEdge(all, best, x),
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/** Finds the best of those that did not diverge, the first of several. */
export function findBest(
  outcomes: readonly Outcome[],
  isHigherBetter: boolean,
): Outcome | null {
  const sign = isHigherBetter ? -1 : 1;
  const sound = outcomes.filter(({ hasDiverged }) => !hasDiverged);
  return sound.reduce<Outcome | null>(
    (best, one) => (best && sign * best.value <= sign * one.value ? best : one),
    null,
  );
}

/** Finds what is as good; null where that cannot be told of such values. */
export function findNear(
  outcomes: readonly Outcome[],
  best: Outcome,
  isHigherBetter: boolean,
): Near | null {
  const sound = outcomes.filter(({ hasDiverged }) => !hasDiverged);
  const isShare = isHigherBetter && sound.every(({ low, high }) => low >= 0 && high <= 1);
  const isLoss = !isHigherBetter && best.value > 0;
  if (!isShare && !isLoss) return null;
  // One digit, so that it is said as it is used.
  const reach = Number((NEAR * (isShare ? 1 - best.value : best.value)).toPrecision(1));
  if (!(reach > 0)) return null;
  const slack = 1e-9 * Math.abs(best.value);
  const near = sound.filter(
    (one) => one !== best && Math.abs(one.value - best.value) <= reach + slack,
  );
  const points = Number((100 * reach).toPrecision(1));
  const within = isShare
    ? `${formatNumber(points)} ${points === 1 ? "point" : "points"}`
    : formatNumber(reach);
  return { outcomes: near, within };
}

function describeNear(near: Near | null): string {
  if (!near || near.outcomes.length === 0) return "";
  const count = near.outcomes.length;
  const xs = near.outcomes.map(({ x }) => x);
  const [low, high] = [Math.min(...xs), Math.max(...xs)].map((x) => formatNumber(x, DIGITS));
  const range = low === high ? low : `${low} to ${high}`;
  const those = count === 1 ? "the other one" : `the ${formatCount(count)} others`;
  return `${those} within ${near.within} of it had ${range}`;
}

/** Says above which x all diverged; nothing where some did and others did not. */
function describeDiverged(all: readonly Outcome[]): string {
  const sound = all.filter(({ hasDiverged }) => !hasDiverged);
  const highest = Math.max(...sound.map(({ x }) => x));
  const above = all.filter(({ hasDiverged, x }) => hasDiverged && x > highest);
  const count = above.reduce((sum, { runs }) => sum + runs.length, 0);
  if (count < LEAST_DIVERGED) return "";
  return `above ${roundUp(highest, Math.min(...above.map(({ x }) => x)))} all ${count} diverged`;
}

function describeEdge(all: readonly Outcome[], best: Outcome, x: string): string {
  const xs = all.map((outcome) => outcome.x);
  if (best.x === Math.max(...xs)) return `no higher ${x} was tried`;
  return best.x === Math.min(...xs) ? `no lower ${x} was tried` : "";
}

/** Writes a number with few digits, not below itself and not above the next. */
function roundUp(value: number, next: number): string {
  for (let digits = 1; digits <= MOST_DIGITS; digits++) {
    const near = Number(value.toPrecision(digits));
    const unit = 10 ** (Math.floor(Math.log10(value)) - digits + 1);
    const rounded = Number((near < value ? near + unit : near).toPrecision(digits));
    if (rounded >= value && rounded < next) return formatNumber(rounded, digits);
  }
  return formatNumber(value, MOST_DIGITS);
}

function article(words: string): string {
  return `${/^[aeiou]/i.test(words) ? "an" : "a"} ${words}`;
}

/** Counts in words how many runs are not in the picture, and why. */
export function describeMissing(
  numWithoutX: number,
  numWithoutValue: number,
  x: string,
  what: string,
): string {
  const sentences = [
    numWithoutX > 0 &&
      `${plural(numWithoutX, "run")} without ${article(x)} that this axis can show ${areLeftOut(numWithoutX)}.`,
    numWithoutValue > 0 &&
      `${plural(numWithoutValue, "run")} without ${what} ${areLeftOut(numWithoutValue)}.`,
  ];
  return sentences.filter(Boolean).join(" ");
}

function areLeftOut(count: number): string {
  return count === 1 ? "is left out" : "are left out";
}
