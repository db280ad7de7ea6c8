// What runs say of themselves, once for all that say the same.

import type { RunSummary } from "../data/records.ts";
import { groupNotes } from "./group_notes.ts";

// More lines are folded.
const MAX_OPEN = 4;

/** Lists what the runs say of themselves, for instance what could not be recorded. */
export function RunNotes(props: { runs: readonly RunSummary[] }) {
  const groups = groupNotes(props.runs);
  if (groups.length === 0) return null;
  const isOpen =
    groups.length <= MAX_OPEN && props.runs.some(({ source }) => source === "scalars");
  return (
    <details class="lr-details" open={isOpen}>
      <summary>Notes</summary>
      <ul class="lr-notes">
        {groups.map(({ note, subject, runs }) => (
          <li key={note} title={runs.join("\n")}>
            {subject}: {note}
          </li>
        ))}
      </ul>
    </details>
  );
}
