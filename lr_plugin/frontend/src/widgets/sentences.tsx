// Sentences beside the charts, and in their place where there are none.

import type { RunSummary } from "../data/records.ts";

export function Sentences(props: {
  kind: "warning" | "error";
  sentences: readonly string[];
}) {
  if (props.sentences.length === 0) return null;
  return (
    <div class={`lr-notice lr-notice-${props.kind}`} role="status">
      {props.sentences.slice(0, 5).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {props.sentences.length > 5 && <p>and {props.sentences.length - 5} more.</p>}
    </div>
  );
}

/** Lists what the runs say of themselves, for instance what could not be recorded. */
export function RunNotes(props: { runs: readonly RunSummary[] }) {
  const noted = props.runs.filter(({ notes }) => notes.length > 0);
  if (noted.length === 0) return null;
  return (
    <details class="lr-details" open={noted.some(({ source }) => source === "scalars")}>
      <summary>Notes</summary>
      <ul class="lr-notes">
        {noted.flatMap(({ run, notes }) =>
          notes.map((note) => (
            <li key={`${run}: ${note}`}>
              {run}: {note}
            </li>
          )),
        )}
      </ul>
    </details>
  );
}

/** Says in the charts' place why there are none. */
export function Placeholder(props: { sentence: string }) {
  return (
    <div class="lr-empty" role="status">
      <p>{props.sentence}</p>
    </div>
  );
}
