// The events of the drawn runs, in words.

import { useState } from "preact/hooks";

import { formatCount } from "../base/format.ts";
import type { ShortNames } from "../base/names.ts";
import type { TrainingEvent } from "../data/records.ts";
import { Select } from "../widgets/controls.tsx";
import { RunName } from "../widgets/run_name.tsx";
import { eventKindLabel } from "./event_marks.ts";
import type { EventfulRun } from "./event_place.ts";


const MAX_EVENTS = 300;
const NAME_LETTERS = 32;

export function EventList(props: {
  runs: readonly EventfulRun[];
  names: ShortNames;
  /** The kind that is listed; "" is all. */
  kind: string;
  onKind: (kind: string) => void;
  onShow: (step: number, run: string) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const events = props.runs
    .flatMap(({ summary, color, events: found }) =>
      found.map((event) => ({ ...event, run: summary.run, color })),
    )
    .sort((a, b) => a.step - b.step);
  if (events.length === 0) return null;
  const listed = props.kind ? events.filter(({ kind }) => kind === props.kind) : events;
  return (
    <details class="lr-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Events ({formatCount(events.length)})</summary>
      {isOpen && (
        <>
          <label class="lr-control">
            <span>Kind</span>
            <Select
              label="Kind of events"
              options={kindOptions(events, props.kind)}
              value={props.kind}
              onChange={props.onKind}
            />
          </label>
          <div class="lr-table-scroll" tabIndex={0} role="group" aria-label="Events">
            <table class="lr-table">
              <thead>
                <tr>
                  <th scope="col">Run</th>
                  <th scope="col" class="lr-number">
                    Step
                  </th>
                  <th scope="col">Kind</th>
                  <th scope="col">What happened</th>
                </tr>
              </thead>
              <tbody>
                {listed.slice(0, MAX_EVENTS).map((event, i) => (
                  <tr key={i}>
                    <td>
                      <span class="lr-dot" style={{ background: event.color }} />
                      <RunName
                        run={event.run}
                        short={props.names.short(event.run, NAME_LETTERS)}
                      />
                    </td>
                    <td class="lr-number">
                      <button
                        class="lr-link-button"
                        title="Show the iterations around it"
                        onClick={() => props.onShow(event.step, event.run)}
                      >
                        {formatCount(event.step)}
                      </button>
                    </td>
                    <td>{eventKindLabel(event.kind)}</td>
                    <td class="lr-text">{event.text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {listed.length > MAX_EVENTS && (
              <p class="lr-muted">The first {formatCount(MAX_EVENTS)} are listed.</p>
            )}
          </div>
        </>
      )}
    </details>
  );
}

/** Lists the kinds of events, each with how many there are. */
function kindOptions(
  events: readonly TrainingEvent[],
  chosen: string,
): Record<string, string> {
  const kinds = [...new Set([...events.map(({ kind }) => kind), chosen])].sort();
  const count = (kind: string) => events.filter((event) => event.kind === kind).length;
  const options = kinds
    .filter(Boolean)
    .map((kind) => [kind, `${eventKindLabel(kind)} (${formatCount(count(kind))})`]);
  return { "": `All kinds (${formatCount(events.length)})`, ...Object.fromEntries(options) };
}
