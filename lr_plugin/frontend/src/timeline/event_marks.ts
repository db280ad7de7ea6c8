// The events of a run: what their kinds are called, and how they are marked.

import { formatCount } from "../base/format.ts";
import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { Theme } from "../base/theme.ts";
import type { Mark } from "../chart/scene.ts";
import type { TrainingEvent } from "../data/records.ts";

const EVENT_KINDS: Record<string, string> = {
  epoch_end: "Epoch end",
  validation: "Validation",
  learning_rate_set: "Rate set",
  plateau: "Plateau",
  restart: "Restart",
  skipped_updates: "Skipped updates",
  nonfinite_loss: "Non-finite loss",
  score: "Score",
};

/**
 * Says what a kind of event is; "some_event" of another program becomes "Some event".
 */
export function eventKindLabel(kind: string): string {
  const words = visible(kind).replace(/_/g, " ").trim();
  return own(EVENT_KINDS, kind) ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * Makes a mark of each event that has a place on the axis.
 *
 * @param xOf Finds the x of an event; NaN where it has none.
 */
export function eventMarks(
  run: string,
  events: readonly TrainingEvent[],
  xOf: (event: TrainingEvent) => number,
  theme: Theme,
): Mark[] {
  return events
    .map((event) => ({
      run,
      x: xOf(event),
      // The cursor reads marks that are near, too, and not only at its step.
      text: `Step ${formatCount(event.step)}: ${event.text}`,
      label: eventKindLabel(event.kind),
      color: eventColor(event.kind, theme),
      quiet: isQuiet(event.kind),
    }))
    .filter((mark) => Number.isFinite(mark.x));
}

/** Tells whether a kind of event is so frequent that it has no flag. */
export function isQuiet(kind: string): boolean {
  return kind === "epoch_end" || kind === "validation";
}

function eventColor(kind: string, theme: Theme): string {
  if (kind === "nonfinite_loss") return theme.error;
  if (isQuiet(kind)) return theme.muted;
  return kind === "skipped_updates" ? theme.warning : theme.text;
}
