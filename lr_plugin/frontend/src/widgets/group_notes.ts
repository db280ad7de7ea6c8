// Notes of runs, each once with the runs that it holds for.

import { formatCount } from "../base/format.ts";
import type { RunSummary } from "../data/records.ts";

export interface NoteGroup {
  note: string;
  /** The runs in words: the name of the only one, or how many they are. */
  subject: string;
  runs: readonly string[];
}

/** Groups the notes of runs, those that hold for most of them first. */
export function groupNotes(
  runs: readonly Pick<RunSummary, "run" | "notes">[],
): NoteGroup[] {
  const found = new Map<string, string[]>();
  for (const { run, notes } of runs) {
    for (const note of notes) found.set(note, [...(found.get(note) ?? []), run]);
  }
  const all = runs.length;
  return [...found]
    .map(([note, names]) => ({ note, subject: describe(names, all), runs: names }))
    .sort((a, b) => b.runs.length - a.runs.length);
}

function describe(names: readonly string[], all: number): string {
  if (names.length === 1) return names[0];
  return names.length === all
    ? `All ${formatCount(all)} runs`
    : `${formatCount(names.length)} runs`;
}
