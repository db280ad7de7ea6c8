// What happened to the runs while the tab was open, and which ones a link looks for in
// vain.

import type { RunSummary } from "../data/records.ts";
import type { Choice } from "./state.ts";

/** A sentence for the person, until it is dismissed or no longer true. */
export interface RunChange {
  sentence: string;
  /** The run as it was, where it is gone; null where it was restarted. */
  gone: RunSummary | null;
}

const MOST = 5;

/** Adds what changed between two answers; a run that is back is not gone. */
export function updateChanges(
  changes: readonly RunChange[],
  before: readonly RunSummary[],
  after: readonly RunSummary[],
): RunChange[] {
  const now = new Map(after.map((summary) => [summary.run, summary]));
  const kept = changes.filter(({ gone }) => !gone || !now.has(gone.run));
  const known = [...before, ...changes.flatMap(({ gone }) => gone ?? [])];
  const news = known.flatMap((old): RunChange[] => {
    const summary = now.get(old.run);
    if (!summary) {
      const sentence = `Run “${old.run}” is no longer in the log directory.`;
      return [{ sentence, gone: old }];
    }
    const sentence =
      `Run “${old.run}” was restarted: it was at step ${old.last_step} and is now at ` +
      `step ${summary.last_step}.`;
    return isRestarted(summary, old) ? [{ sentence, gone: null }] : [];
  });
  const sentences = new Map<string, RunChange>();
  for (const change of [...kept, ...news]) sentences.set(change.sentence, change);
  return [...sentences.values()].slice(-MOST);
}

function isRestarted(summary: RunSummary, old: RunSummary): boolean {
  return (
    summary.last_step < old.last_step ||
    summary.num_iterations < old.num_iterations ||
    beginsLater(summary, old)
  );
}

/** Tells whether a run began anew, even if it is longer by now than the old one was. */
function beginsLater(summary: RunSummary, old: RunSummary): boolean {
  const isRecorded = summary.source === "recorded" && old.source === "recorded";
  // Of a run that does not say when it began, only the last moment is known at first.
  const isKnown = (summary.start_time ?? 0) < (summary.last_time ?? Infinity);
  return isRecorded && isKnown && (summary.start_time ?? 0) > (old.start_time ?? Infinity);
}

/**
 * Lists the runs that were chosen by name and never were there.
 *
 * @param seen All runs that were there since the tab was opened: of those that went, the
 *   changes tell.
 */
export function missingRuns(choice: Choice, seen: ReadonlySet<string>): string[] {
  return typeof choice === "string" ? [] : choice.filter((run) => !seen.has(run));
}

const MOST_NAMED = 3;

/** Names the runs that are missing; an empty text if there are none. */
export function describeMissing(missing: readonly string[]): string {
  if (missing.length === 0) return "";
  const named = missing.slice(0, MOST_NAMED).map((run) => `“${run}”`);
  const more = missing.length - named.length;
  if (more > 0) named.push(`${more} more`);
  const last = named.pop()!;
  const list = named.length > 0 ? `${named.join(", ")} and ${last}` : last;
  const what = missing.length === 1 ? "a run" : "runs";
  return `This link names ${what} that TensorBoard has not found: ${list}.`;
}
