// The list of runs at the side: which there are, and which are drawn.

import { useEffect, useRef } from "preact/hooks";

import { formatCount, formatNumber, plural } from "../base/format.ts";
import { lineBackground, type Dash } from "../base/line_looks.ts";
import { visible, type ShortNames } from "../base/names.ts";
import { NOWHERE, type HoverStore } from "../chart/hover.ts";
import { bestOf } from "../data/metrics.ts";
import type { Moment, RunSummary } from "../data/records.ts";
import { describeSchedule } from "../data/schedule_name.ts";
import {
  BEST_VALIDATION,
  DIVERGED_AT,
  bestText,
  finalLossHint,
  finalLossText,
  momentText,
} from "../data/words.ts";
import { MANY_RUNS, groupRuns, invertChoice, toggleRun } from "../state/runs.ts";
import type { RunGroup, RunSort, State } from "../state/state.ts";
import { Select } from "../widgets/controls.tsx";
import { RunName } from "../widgets/run_name.tsx";

// As many as the list is wide beside a loss of six digits.
const NAME_LETTERS = 21;

interface RunListProps {
  state: State;
  update: (changes: Partial<State>) => void;
  total: number;
  listed: readonly RunSummary[];
  chosen: readonly RunSummary[];
  filterError: string | null;
  colorOf: (run: string) => string;
  dashOf: (run: string) => Dash | undefined;
  /** The metric by which runs are judged; null if none of them has it. */
  judged: string | null;
  names: ShortNames;
  hover: HoverStore;
}

const RECOLOR =
  "Colours as different as can be for the drawn runs; else a run has the same colour " +
  "whichever others are drawn";
const SORTS = { newest: "Newest first", name: "Name", loss: "Final loss" };
const GROUPS: Record<RunGroup, string> = {
  none: "No groups",
  schedule: "By schedule",
  optimizer: "By optimizer",
};

export function RunList(props: RunListProps) {
  const { state, update, listed, chosen, total, filterError, judged } = props;
  const names = listed.map(({ run }) => run);
  const choose = (choice: State["choice"]) => update({ choice, focus: null });
  return (
    <aside class="lr-runs" aria-label="Runs" style={{ width: `${state.listWidth}px` }}>
      <div class="lr-runs-tools">
        <div class="lr-row">
          <h2 class="lr-section-title">Runs</h2>
          <span class="lr-spring" />
          <span class="lr-muted">
            {formatCount(chosen.length)} of {plural(total, "run")} drawn
          </span>
        </div>
        <input
          class="lr-input"
          type="search"
          placeholder="Filter runs (regular expression)"
          aria-label="Filter runs by regular expression"
          aria-invalid={filterError !== null}
          aria-describedby={filterError ? "lr-filter-error" : undefined}
          value={state.filter}
          onInput={(event) => update({ filter: event.currentTarget.value })}
        />
        {filterError && (
          <p class="lr-field-error" id="lr-filter-error" role="alert">
            {filterError}
          </p>
        )}
        <div class="lr-row">
          <Select
            label="Sort runs"
            options={sortsFor(judged)}
            value={state.sort}
            onChange={(sort) => update({ sort })}
          />
          <Select
            label="Group runs"
            options={GROUPS}
            value={state.group}
            onChange={(group) => update({ group })}
          />
        </div>
        <div class="lr-row" role="group" aria-label="Choose runs">
          <button
            class="lr-quiet-button"
            onClick={() => choose(state.filter ? names : "all")}
          >
            All
          </button>
          <button class="lr-quiet-button" onClick={() => choose([])}>
            None
          </button>
          <button
            class="lr-quiet-button"
            onClick={() => choose(invertChoice(listed, chosen))}
          >
            Invert
          </button>
          {listed.length > MANY_RUNS && (
            <button class="lr-quiet-button" onClick={() => choose("default")}>
              Latest {MANY_RUNS}
            </button>
          )}
          <button
            class="lr-quiet-button"
            aria-pressed={state.isRecolored}
            title={RECOLOR}
            onClick={() => update({ isRecolored: !state.isRecolored })}
          >
            Recolour
          </button>
        </div>
        <button
          class="lr-quiet-button lr-skip"
          onClick={() => document.getElementById("lr-view")?.focus()}
        >
          Skip the list of runs
        </button>
      </div>
      <div class="lr-runs-scroll" tabIndex={0} role="group" aria-label="List of runs">
        {listed.length === 0 && total > 0 && (
          <p class="lr-muted lr-padded">No run’s name matches this filter.</p>
        )}
        {groupRuns(listed, state.group).map(({ title, runs }) => (
          <div key={title} role="group" aria-label={title || "Runs"}>
            {title && <h3 class="lr-group-title">{title}</h3>}
            <ul class="lr-run-items">
              {runs.map((summary) => (
                <RunItem key={summary.run} summary={summary} {...props} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </aside>
  );
}

/** Lists what runs can be sorted by: the metric too, where runs have one. */
function sortsFor(judged: string | null): Partial<Record<RunSort, string>> {
  return judged === null ? SORTS : { ...SORTS, metric: `Best ${visible(judged)}` };
}

function RunItem({
  summary,
  state,
  update,
  chosen,
  colorOf,
  dashOf,
  judged,
  names,
  hover,
}: RunListProps & { summary: RunSummary }) {
  const element = useRef<HTMLLIElement>(null);
  const isChosen = chosen.includes(summary);
  const isFocus = state.focus === summary.run;
  const line = lineBackground(colorOf(summary.run), dashOf(summary.run) ?? []);
  const outcome = describeOutcome(summary, state.sort === "metric" ? judged : null);
  useEffect(() => {
    // A run that was picked from its curve may be far down the list.
    if (isFocus) element.current?.scrollIntoView({ block: "nearest" });
  }, [isFocus]);
  return (
    <li
      ref={element}
      class={isFocus ? "lr-run lr-run-focus" : "lr-run"}
      onMouseEnter={() => isChosen && hover.set({ ...NOWHERE, run: summary.run })}
      onMouseLeave={() => hover.set(NOWHERE)}
    >
      <label class="lr-run-label" title={describeRun(summary)}>
        <input
          type="checkbox"
          class="lr-checkbox"
          style={{ accentColor: colorOf(summary.run) }}
          checked={isChosen}
          onChange={() => update({ choice: toggleRun(chosen, summary.run) })}
        />
        <span
          class="lr-swatch"
          style={{ background: isChosen ? line : "transparent" }}
        />
        <RunName
          class="lr-run-name"
          run={summary.run}
          short={names.short(summary.run, NAME_LETTERS)}
          title={describeRun(summary)}
        />
      </label>
      <span class="lr-run-loss" title={outcome.hint}>
        {outcome.text}
        {summary.diverged_at && (
          <span class="lr-run-diverged" title={describeDivergence(summary.diverged_at)}>
            <span aria-hidden="true"> ↗</span>
            <span class="lr-visually-hidden">, diverged</span>
          </span>
        )}
      </span>
      <button
        class="lr-run-focus-button"
        aria-pressed={isFocus}
        aria-label={`Bring out ${summary.run}`}
        title={isFocus ? "Show all runs alike" : "Bring out this run, fade the others"}
        disabled={!isChosen}
        onClick={() => update({ focus: isFocus ? null : summary.run })}
      >
        {isFocus ? "◉" : "◎"}
      </button>
    </li>
  );
}

/** Writes what a run came to: the best of the metric that is sorted by, or its loss. */
function describeOutcome(summary: RunSummary, metric: string | null) {
  if (metric === null) {
    const hint = `Final loss. ${finalLossHint([summary])}.`;
    return { text: finalLossText(summary, 3), hint };
  }
  const best = bestOf(summary, metric);
  if (best === null) return { text: "", hint: "" };
  const hint = `Best ${visible(metric)}: ${bestText(best)}. ${BEST_VALIDATION}.`;
  return { text: formatNumber(best.value), hint };
}

function describeDivergence(at: Moment): string {
  return `Diverged at ${momentText(at)}. ${DIVERGED_AT}.`;
}

function describeRun(summary: RunSummary): string {
  const parts = [
    summary.run,
    `${plural(summary.num_iterations, "iteration")}, steps ` +
      `${formatCount(summary.first_step)} to ${formatCount(summary.last_step)}`,
    [summary.optimizer.class_name, describeSchedule(summary)]
      .filter(Boolean)
      .join(", "),
    summary.diverged_at ? `diverged at ${momentText(summary.diverged_at)}` : "",
    summary.source === "scalars" ? "from the scalars of another program" : "",
    ...summary.notes,
  ];
  return parts.filter(Boolean).join("\n");
}
