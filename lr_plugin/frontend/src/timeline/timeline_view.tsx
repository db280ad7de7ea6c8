// The timeline: rate and loss of the chosen runs over the course of training.

import { useEffect, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import { lossKind, rateKind } from "../chart/fit_axes.ts";
import type { ReadableRun } from "../chart/reading.ts";
import { X_AXES, convertWindow, whyNotOn, xColumn, type XAxis } from "../data/axis.ts";
import { describeWindow, limitWindow } from "../data/window.ts";
import { showStep } from "../state/show_step.ts";
import { useSeries } from "../state/use_series.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
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
  ShowAllButton,
  SmoothingSlider,
  WindowFields,
} from "../widgets/controls.tsx";
import { MetricPicker } from "../widgets/metric_picker.tsx";
import { RunNotes } from "../widgets/run_notes.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { EventList } from "./event_list.tsx";
import type { EventfulRun } from "./event_place.ts";
import { describeMetrics, metricColumns, metricNames } from "./metric_curves.ts";
import { describeOthers, otherColumns, timelineColumns } from "./other_curves.ts";
import { buildTimeline, metricKind } from "./timeline_scene.ts";

const VALUES = { learning_rate: "rate", loss: "loss" };

export function TimelineView(props: ViewProps) {
  const { state, update, chosen, colorOf, loaders, revision, theme, hover } = props;
  const { metric } = props;
  const refused = chosen.flatMap((run) => {
    const reason = whyNotOn(state.x, run);
    return reason ? [`${run.run} ${reason}.`] : [];
  });
  const runs = useMemo(
    () => chosen.filter((run) => !whyNotOn(state.x, run) && run.num_iterations > 0),
    [chosen, state.x],
  );
  const others = useMemo(() => otherColumns(runs), [runs]);
  const columns = useMemo(() => timelineColumns(others), [others]);
  const found = useSeries(loaders, revision, runs, columns, state);
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
    () => buildTimeline(drawn, { ...state, metric, theme }),
    [
      drawn,
      theme,
      metric,
      state.metricScale,
      state.x,
      state.xScale,
      state.window,
      state.rateScale,
      state.lossScale,
      state.rateEnds,
      state.lossEnds,
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
  const lossScale = lossKind(state.lossScale, drawn);
  const inWindow = readable.map((run) => countInWindow(run, run.xs, state.window));
  const hasLeftOut =
    scenes.rate.x.kind === "log" && readable.some(({ xs }) => xs[0] <= 0);

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
    state,
    update,
    theme,
    hover,
    focus: state.focus,
    onZoom: zoom,
    onFocus: (focus: string | null) => update({ focus }),
    axis: state.x,
    runs: readable,
    values: { ...VALUES, ...others, ...metricColumns(metric) },
    names: props.names,
    announce: props.announce,
  };
  const controls = (
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
        value={rateKind(state.rateScale, drawn)}
        onChange={(rateScale) => update({ rateScale })}
      />
      <ScaleSwitch
        label="Loss"
        value={lossScale}
        onChange={(kind) => update({ lossScale: kind })}
      />
      <MetricPicker
        metric={metric}
        update={update}
        options={metricNames(drawn, chosen)}
        none="none"
      />
      {scenes.metric && (
        <ScaleSwitch
          label={scenes.metric.title}
          value={metricKind(state.metricScale)}
          onChange={(metricScale) => update({ metricScale })}
        />
      )}
      <SmoothingSlider
        value={state.smoothing}
        onChange={(smoothing) => update({ smoothing })}
      />
      <span class="lr-spring" />
      <div class="lr-row" role="group" aria-label="Window" hidden={drawn.length === 0}>
        <WindowFields axis={state.x} shown={x} onChange={zoom} />
        <ShowAllButton
          isAll={!state.window && !hasZooms(state.zooms, state.view)}
          onClick={() =>
            update({ window: null, zooms: clearZooms(state.zooms, state.view) })
          }
        />
      </div>
    </div>
  );
  return (
    <ViewFrame
      {...props}
      controls={controls}
      warnings={refused}
      found={found}
      isEmpty={drawn.length === 0}
      caption={[
        `${place}.`,
        describeRows(inWindow, found.isStale),
        describeOddities(drawn, lossScale === "log"),
        describeOthers(runs, others),
        describeMetrics((scenes.metric ?? scenes.loss).curves, metric, drawn.length),
        hasLeftOut ? "The first iteration, at 0, has no place on a log axis." : "",
        state.smoothing > 0 ? describeSmoothing(state.smoothing) : "",
      ]}
      details={
        <>
          <RunNotes runs={runs} />
          <EventList
            runs={drawn}
            names={props.names}
            onShow={(step, run) => update(showStep(step, run, chosen))}
          />
        </>
      }
      rows={{ runs: readable, shown: x, axis: state.x, window: state.window }}
      summary={summarizeRuns(drawn, place, VALUES)}
    >
      <ChartWithReadout
        {...chart}
        name="rate"
        scene={scenes.rate}
        onEnds={(rateEnds) => update({ rateEnds })}
      />
      <ChartWithReadout
        {...chart}
        name="loss"
        scene={scenes.loss}
        onEnds={(lossEnds) => update({ lossEnds })}
      />
      {scenes.metric && (
        <ChartWithReadout {...chart} name="metric" scene={scenes.metric} />
      )}
    </ViewFrame>
  );
}
