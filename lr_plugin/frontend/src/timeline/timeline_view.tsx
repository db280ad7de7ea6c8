// Rate and loss of the chosen runs over the course of training.

import { useEffect, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import type { ReadableRun } from "../chart/reading.ts";
import { X_AXES, convertWindow, whyNotOn, xColumn, type XAxis } from "../data/axis.ts";
import { describeWindow, limitWindow } from "../data/window.ts";
import { useSeries } from "../state/use_series.ts";
import {
  countInWindow,
  describeOddities,
  describeRows,
  describeSmoothing,
  summarizeRuns,
} from "../widgets/captions.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import {
  ScaleSwitch,
  Select,
  SmoothingSlider,
  WindowFields,
} from "../widgets/controls.tsx";
import { CsvLinks } from "../widgets/csv_links.tsx";
import { DataTable } from "../widgets/data_table.tsx";
import { Loading, RunNotes, Sentences } from "../widgets/sentences.tsx";
import { useAnnouncement } from "../widgets/use_announcement.ts";
import type { ViewProps } from "../widgets/view_props.ts";
import { EventList } from "./event_list.tsx";
import { buildTimeline, type EventfulRun } from "./timeline_scene.ts";

const COLUMNS = ["step", "learning_rate", "loss", "applied", "wall_time"];
const VALUES = { learning_rate: "rate", loss: "loss" };

export function TimelineView(props: ViewProps) {
  const { state, update, chosen, colorOf, loaders, revision, theme, hover } = props;
  const refused = chosen.flatMap((run) => {
    const reason = whyNotOn(state.x, run);
    return reason ? [`${run.run} ${reason}.`] : [];
  });
  const runs = useMemo(
    () => chosen.filter((run) => !whyNotOn(state.x, run) && run.num_iterations > 0),
    [chosen, state.x],
  );
  const found = useSeries(loaders, revision, runs, COLUMNS, state);
  useEffect(() => {
    const versions = runs.filter(({ has }) => has.events);
    loaders.events.want(versions.map(({ run, version }) => ({ query: run, version })));
  }, [loaders, runs]);

  const drawn = useMemo<EventfulRun[]>(
    () =>
      drawRuns(runs, found.series, colorOf).map((run) => ({
        ...run,
        events: loaders.events.get(run.summary.run) ?? [],
      })),
    [runs, found, colorOf, loaders, revision],
  );
  const scenes = useMemo(
    () => buildTimeline(drawn, { ...state, theme }),
    [
      drawn,
      theme,
      state.x,
      state.xScale,
      state.window,
      state.rateScale,
      state.lossScale,
      state.smoothing,
      state.focus,
    ],
  );
  const readable = useMemo<ReadableRun[]>(
    () =>
      drawn.map((run) => ({
        ...run,
        xs: xColumn(state.x, run.summary, run.series.columns),
      })),
    [drawn, state.x],
  );
  const x: Range = [scenes.rate.x.min, scenes.rate.x.max];
  const place = describeWindow(state.x, x);
  const inWindow = readable.map((run) => countInWindow(run, run.xs, state.window));
  const summary = summarizeRuns(drawn, place, VALUES);
  const hasLeftOut =
    scenes.rate.x.kind === "log" && readable.some(({ xs }) => xs[0] <= 0);
  const isDrawn = !found.isLoading && drawn.length > 0;
  useAnnouncement(isDrawn ? summary : "", props.announce);

  const zoom = (range: Range | null) =>
    update({ window: limitWindow(range, state.x, runs) });
  const changeAxis = (to: XAxis) => {
    const run = drawn[0];
    const window =
      state.window && run
        ? convertWindow(state.x, to, run.summary, state.window, run.series.columns)
        : null;
    update({ x: to, window });
  };
  const chart = {
    theme,
    hover,
    focus: state.focus,
    onZoom: zoom,
    onFocus: (focus: string | null) => update({ focus }),
    axis: state.x,
    runs: readable,
    values: VALUES,
    announce: props.announce,
  };
  return (
    <>
      <div class="lr-controls" role="group" aria-label="Axes">
        <label class="lr-control">
          <span>Axis</span>
          <Select
            label="Horizontal axis"
            options={X_AXES}
            value={state.x}
            onChange={changeAxis}
          />
        </label>
        {state.x !== "wall" && (
          <ScaleSwitch
            label={X_AXES[state.x]}
            value={state.xScale}
            onChange={(xScale) => update({ xScale })}
          />
        )}
        <ScaleSwitch
          label="Rate"
          value={state.rateScale}
          onChange={(rateScale) => update({ rateScale })}
        />
        <ScaleSwitch
          label="Loss"
          value={state.lossScale}
          onChange={(lossScale) => update({ lossScale })}
        />
        <SmoothingSlider
          value={state.smoothing}
          onChange={(smoothing) => update({ smoothing })}
        />
        <span class="lr-spring" />
        <div
          class="lr-row"
          role="group"
          aria-label="Window"
          hidden={drawn.length === 0}
        >
          <WindowFields axis={state.x} shown={x} onChange={zoom} />
          <button
            class="lr-quiet-button"
            disabled={!state.window}
            onClick={() => update({ window: null })}
          >
            Show all
          </button>
        </div>
      </div>
      <Sentences kind="warning" sentences={refused} />
      <Sentences kind="error" sentences={found.errors} />
      {drawn.length === 0 ? (
        <Loading
          isLoading={found.isLoading && runs.length > 0}
          hasRuns={chosen.length > 0}
        />
      ) : (
        <>
          <ChartWithReadout {...chart} name="rate" scene={scenes.rate} />
          <ChartWithReadout {...chart} name="loss" scene={scenes.loss} />
          <p class="lr-caption" data-caption="exactness">
            <span class={found.isLoading ? "lr-busy lr-busy-on" : "lr-busy"} />
            {place}.{" "}
            {describeRows(inWindow, found.isStale)}{" "}
            {describeOddities(drawn, state.lossScale === "log")}
            {hasLeftOut && " The first iteration, at 0, has no place on a log axis."}
            {state.smoothing > 0 && ` ${describeSmoothing(state.smoothing)}`}
          </p>
          <RunNotes runs={runs} />
          <EventList runs={drawn} onShow={(step, run) => showStep(step, run, props)} />
          <DataTable
            runs={readable}
            focus={state.focus}
            onFocus={(focus) => update({ focus })}
            x={x}
          />
          <CsvLinks runs={readable} axis={state.x} window={state.window} />
        </>
      )}
    </>
  );
}

/** Goes to where an event happened, near enough to see single iterations. */
function showStep(step: number, run: string, { update }: ViewProps): void {
  update({ x: "step", window: [Math.max(0, step - 50), step + 50], focus: run });
}
