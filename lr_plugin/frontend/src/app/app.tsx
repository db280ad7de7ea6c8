// The tab: one state, the runs as they are now, and the view of them that was chosen.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { ShortNames } from "../base/names.ts";
import { HoverStore } from "../chart/hover.ts";
import { chosenMetric, judgedBy } from "../data/metrics.ts";
import type { RunsAnswer, RunSummary } from "../data/records.ts";
import { LandscapeView } from "../landscape/landscape_view.tsx";
import { LayersView } from "../layers/layers_view.tsx";
import { Splitter } from "../layout/splitter.tsx";
import { LossRateView } from "../loss_rate/loss_rate_view.tsx";
import { RunsView } from "../runs/runs_view.tsx";
import { useCatalog, useLoaders } from "../state/catalog.ts";
import { followDarkMode, readTheme } from "../state/host.ts";
import { describeMissing, missingRuns } from "../state/run_changes.ts";
import { chosenRuns, filterRuns, sortRuns } from "../state/runs.ts";
import { DEFAULT_STATE, VIEWS, type View } from "../state/state.ts";
import { useNarrow } from "../state/use_narrow.ts";
import { useSteps } from "../state/use_steps.ts";
import { TimelineView } from "../timeline/timeline_view.tsx";
import { Placeholder, Sentences } from "../widgets/sentences.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { WhichRateView } from "../which_rate/which_rate_view.tsx";
import { EmptyLogdir } from "./empty_logdir.tsx";
import { Findings } from "./findings.tsx";
import { RunList } from "./run_list.tsx";
import { TagPicker } from "./tag_picker.tsx";
import { useLooks } from "./use_looks.ts";

const SHOWN_VIEWS: Record<View, (props: ViewProps) => preact.JSX.Element> = {
  timeline: TimelineView,
  "which-rate": WhichRateView,
  "loss-rate": LossRateView,
  landscape: LandscapeView,
  layers: LayersView,
  runs: RunsView,
};

export function App({ firstRuns }: { firstRuns: Promise<RunsAnswer> }) {
  const { state, update, back, canGoBack } = useSteps();
  const [theme, setTheme] = useState(readTheme);
  const [spoken, announce] = useState("");
  const { loaders, revision } = useLoaders();
  const catalog = useCatalog(firstRuns, state.tagChoices);
  const hover = useMemo(() => new HoverStore(), []);

  const isWindowNarrow = useNarrow();
  const isListShown = state.isListShown ?? !isWindowNarrow;

  useEffect(() => followDarkMode(() => setTheme(readTheme())), []);
  useEffect(() => {
    // The server answers again: what failed meanwhile may succeed now.
    if (catalog.error === null)
      for (const loader of Object.values(loaders)) loader.retry();
  }, [catalog.error, loaders]);

  const runs = catalog.runs ?? NO_RUNS;
  const metric = useMemo(() => chosenMetric(state.metric, runs), [state.metric, runs]);
  const judged = useMemo(() => judgedBy(metric, runs), [metric, runs]);
  const { listed, error: filterError } = useMemo(() => {
    const found = filterRuns(runs, state.filter);
    return { listed: sortRuns(found.runs, state.sort, judged), error: found.error };
  }, [runs, state.filter, state.sort, judged]);
  const chosen = useMemo(
    () => chosenRuns(listed, state.choice),
    [listed, state.choice],
  );
  const { colorOf, dashOf } = useLooks(runs, chosen, state.isRecolored, theme.isDark);

  const names = useMemo(() => new ShortNames(listed.map(({ run }) => run)), [listed]);
  const missing = catalog.runs ? missingRuns(state.choice, catalog.seen) : [];
  const leaveOut = (names: readonly string[]) => {
    if (typeof state.choice === "string") return;
    const left = state.choice.filter((run) => !names.includes(run));
    update({ choice: left.length > 0 ? left : "default" });
  };
  const view: ViewProps = {
    state,
    update,
    listed,
    chosen,
    colorOf,
    dashOf,
    metric,
    judged,
    names,
    loaders,
    revision,
    theme,
    hover,
    announce,
  };
  const Shown = SHOWN_VIEWS[state.view];
  // It may have hundreds of rows, and no answer of a loader changes any of them.
  const runList = useMemo(
    () => (
      <RunList
        {...{ state, update, listed, chosen, filterError, colorOf, dashOf }}
        {...{ judged, names, hover }}
        total={runs.length}
      />
    ),
    [
      state,
      update,
      listed,
      chosen,
      filterError,
      colorOf,
      dashOf,
      judged,
      names,
      hover,
      runs.length,
    ],
  );
  return (
    <div class="lr-app" style={{ "--lr-chart-height": state.chartHeight }}>
      <header class="lr-header">
        {runs.length > 0 && (
          <button
            class="lr-quiet-button"
            aria-expanded={isListShown}
            aria-label="List of runs"
            title={isListShown ? "Hide the list of runs" : "Show the list of runs"}
            onClick={() => update({ isListShown: !isListShown })}
          >
            ☰<span class="lr-wide-only"> Runs</span>
          </button>
        )}
        <ViewTabs
          hasPanel={runs.length > 0}
          view={state.view}
          onChange={(chosenView) => update({ view: chosenView })}
        />
        <button
          class="lr-quiet-button"
          aria-label="Step back"
          title="Take the last step back (Ctrl+Z)"
          disabled={!canGoBack}
          onClick={back}
        >
          ↶<span class="lr-wide-only"> Step back</span>
        </button>
      </header>
      <div class="lr-body">
        {runs.length > 0 && isListShown && (
          <>
            {runList}
            <Splitter
              label="Width of the list of runs"
              orientation="vertical"
              size={() => state.listWidth}
              now={state.listWidth}
              nowText={`${state.listWidth} pixels`}
              min={160}
              max={Math.max(160, Math.round(innerWidth * MOST_OF_WINDOW))}
              onChange={(width) =>
                update({ listWidth: width ?? DEFAULT_STATE.listWidth })
              }
            />
          </>
        )}
        <main class="lr-main">
          <Sentences kind="error" sentences={catalog.error ? [catalog.error] : []} />
          <Sentences kind="warning" sentences={catalog.notices} />
          <Dismissible sentences={catalog.changes} onDismiss={catalog.dismissChanges} />
          <Dismissible
            sentences={missing.length > 0 ? [describeMissing(missing)] : []}
            label="Leave out"
            onDismiss={() => leaveOut(missing)}
          />
          {catalog.runs === null && !catalog.error && (
            <Placeholder sentence="Loading…" />
          )}
          {catalog.runs?.length === 0 && !catalog.error && (
            <EmptyLogdir state={state} update={update} />
          )}
          {runs.length > 0 && (
            <div
              role="tabpanel"
              id="lr-view"
              tabIndex={-1}
              aria-label={VIEWS[state.view]}
            >
              <Findings {...view} />
              <Shown {...view} />
              <TagPicker {...view} />
            </div>
          )}
        </main>
      </div>
      <p class="lr-visually-hidden" role="status" aria-live="polite">
        {spoken}
      </p>
    </div>
  );
}

const MOST_OF_WINDOW = 0.7;
const NO_RUNS: readonly RunSummary[] = [];

function ViewTabs(props: {
  view: View;
  hasPanel: boolean;
  onChange: (view: View) => void;
}) {
  const views = Object.keys(VIEWS) as View[];
  const tabs = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where there is no room for all of them.
    const selected = tabs.current?.querySelector('[aria-selected="true"]');
    selected?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [props.view]);
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const next = (views.indexOf(props.view) + by + views.length) % views.length;
    props.onChange(views[next]);
    tabs.current?.querySelectorAll("button")[next].focus();
  };
  return (
    <div class="lr-tabs" role="tablist" aria-label="Views" ref={tabs} onKeyDown={press}>
      {views.map((view) => (
        <button
          key={view}
          class="lr-tab"
          role="tab"
          aria-selected={view === props.view}
          aria-controls={props.hasPanel ? "lr-view" : undefined}
          tabIndex={view === props.view ? 0 : -1}
          onClick={() => props.onChange(view)}
        >
          {VIEWS[view]}
        </button>
      ))}
    </div>
  );
}

function Dismissible(props: {
  sentences: readonly string[];
  label?: string;
  onDismiss: () => void;
}) {
  if (props.sentences.length === 0) return null;
  return (
    <div class="lr-notice lr-notice-warning lr-row" role="status">
      <div class="lr-spring">
        {props.sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <button class="lr-quiet-button" onClick={props.onDismiss}>
        {props.label ?? "Dismiss"}
      </button>
    </div>
  );
}
