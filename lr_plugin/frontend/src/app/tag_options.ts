// Which tags are offered for the rate and the loss of runs of other programs.

import type { RunSummary, ScalarTag } from "../data/records.ts";
import { ALL_RUNS, type TagChoices, type TagColumn } from "../data/tag_choices.ts";

/** The value of the option that leaves a column to the names of the tags. */
export const AUTOMATIC = "automatic";
/** The value of the option for no such column; other values are tags after "tag:". */
export const NONE = "none";
const TAG = "tag:";
// Some programs log thousands, of every layer.
const MAX_OTHERS = 500;

export interface TagOption {
  value: string;
  text: string;
}

export interface TagOptions {
  /** Those that are likely, and what is always offered. */
  likely: readonly TagOption[];
  others: readonly TagOption[];
  chosen: string;
}

/** Lists what may be chosen for a column of a run, or of all runs. */
export function tagOptions(
  subject: string,
  column: TagColumn,
  runs: readonly RunSummary[],
  tags: readonly ScalarTag[],
  choices: TagChoices,
): TagOptions {
  const ofSubject = runs.filter(({ run }) => subject === ALL_RUNS || run === subject);
  const choice = choices[subject]?.[column];
  const known = new Set([
    ...ofSubject.flatMap(({ tag_choices: known }) => known?.[column] ?? []),
    ...tags.filter(({ kind }) => kind === column).map(({ tag }) => tag),
    ...(choice ? [choice] : []),
  ]);
  const others = tags
    .map(({ tag }) => tag)
    .filter((tag) => !known.has(tag))
    .slice(0, MAX_OTHERS);
  const used = new Set(ofSubject.flatMap(({ tags: used }) => used?.[column] ?? []));
  const current = choice === undefined && used.size === 1 ? `: ${[...used][0]}` : "";
  return {
    likely: [
      { value: AUTOMATIC, text: `by its name${current}` },
      ...(column === "loss" ? [{ value: NONE, text: "none" }] : []),
      ...[...known].map(asOption),
    ],
    others: others.map(asOption),
    chosen: choice === undefined ? AUTOMATIC : choice === "" ? NONE : TAG + choice,
  };
}

/** Says which tag an option stands for; null leaves it to the names. */
export function tagOf(value: string): string | null {
  if (value === AUTOMATIC) return null;
  return value === NONE ? "" : value.slice(TAG.length);
}

function asOption(tag: string): TagOption {
  return { value: TAG + tag, text: tag };
}
