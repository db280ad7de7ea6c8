// Which runs are the same training with another seed.

import type { RunSummary } from "../data/records.ts";

const SEED = /^-*([a-z]+_)*seed$/i;

/**
 * Groups runs that differ in nothing but their seed, in order of the first of each.
 *
 * A run tells its seed by its hyperparameters. Of others, the person says which part of
 * the name is the seed.
 *
 * @param seedPart A regular expression; an empty text says nothing.
 */
export function groupBySeed(
  runs: readonly RunSummary[],
  seedPart: string,
): RunSummary[][] {
  const part = partOf(seedPart);
  const groups = new Map<string, RunSummary[]>();
  runs.forEach((run) => {
    const key = keyOf(run, part) ?? `alone ${run.run}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  });
  return [...groups.values()];
}

/** Says why an expression finds no seed; null if it is one, or there is none. */
export function whyNoSeed(seedPart: string): string | null {
  return seedPart && !partOf(seedPart)
    ? `“${seedPart}” is not a regular expression, so no run is taken for a repetition.`
    : null;
}

function partOf(seedPart: string): RegExp | null {
  try {
    return seedPart ? new RegExp(seedPart) : null;
  } catch {
    return null;
  }
}

/** Says all of a run but its seed; null if it does not tell its seed. */
function keyOf(run: RunSummary, part: RegExp | null): string | null {
  const settings = Object.entries(run.extra.hparams ?? {});
  const others = settings.filter(([name]) => !SEED.test(name));
  const isNamed = part?.test(run.run) ?? false;
  if (others.length === settings.length && !isNamed) return null;
  const { optimizer, schedule, steps_per_epoch, epochs, tags } = run;
  const rest = part && isNamed ? run.run.replace(part, "") : "";
  others.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([rest, others, optimizer, schedule, steps_per_epoch, epochs, tags]);
}
