// The timeline: rate and loss of the chosen runs over the course of training.

import { useEffect, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import { lossKind } from "../chart/fit_axes.ts";
import type { ReadableRun } from "../chart/reading.ts";
import { convertWindow, whyNotOn, xColumn, type XAxis } from "../data/axis.ts";
import { describeWindow, limitWindow } from "../data/window.ts";
import { columnTitle } from "../data/words.ts";
import { showStep } from "../state/show_step.ts";
import { useSeries } from "../state/use_series.ts";
import {
  countInWindow,
  describeLooks,
  describeOddRates,
  describeOddities,
  describeRows,
  describeSmoothing,
  describeWithoutRows,
  summarizeRuns,
} from "../widgets/captions.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { RunNotes } from "../widgets/run_notes.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { EventList } from "./event_list.tsx";
import type { EventfulRun } from "./event_place.ts";
import { JUMP_KEYS, JumpBar, jumpOf } from "./jump_bar.tsx";
import { describeMetrics, metricColumns } from "./metric_curves.ts";
import { describeOthers, otherColumns, timelineColumns } from "./other_curves.ts";
import { TimelineControls } from "./timeline_controls.tsx";
import { buildTimeline } from "./timeline_scene.ts";
import { useJumps } from "./use_jumps.ts";

const VALUES = { learning_rate: "rate", loss: "loss" };

export function TimelineView(props: ViewProps) {
  const { state, update, chosen, colorOf, dashOf, loaders, revision, theme, hover } = props;
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
  const columns = useMemo(
    () => [...timelineColumns(others), ...state.drawnColumns],
    [others, state.drawnColumns],
  );
  const found = useSeries(loaders, revision, runs, columns, state);
  useEffect(() => {
    const versions = runs.filter(({ has }) => has.events);
    loaders.events.want(versions.map(({ run, version }) => ({ query: run, version })));
  }, [loaders, runs]);

  const drawn = useMemo<EventfulRun[]>(
    () =>
      drawRuns(runs, found.series, colorOf, dashOf).map((run) => ({
        ...run,
        events: loaders.events.get(run.summary.run) ?? [],
      })),
    [runs, found, colorOf, dashOf, loaders, revision],
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
      state.metricEnds,
      state.drawnColumns,
      state.columnScale,
      state.columnEnds,
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
  const jumps = useJumps(props, drawn);
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
    onKey: (key: string, isShift: boolean) => {
      const asked = jumpOf(key, isShift);
      if (asked) jumps.jump(...asked);
      return asked !== null;
    },
    keysHelp: JUMP_KEYS,
    onFocus: (focus: string | null) => update({ focus }),
    axis: state.x,
    runs: readable,
    values: {
      ...VALUES,
      ...others,
      ...metricColumns(metric),
      ...Object.fromEntries(state.drawnColumns.map((name) => [name, columnTitle(name)])),
    },
    names: props.names,
    announce: props.announce,
  };
  const controls = (
    <>
      <TimelineControls
        {...props}
        runs={runs}
        drawn={drawn}
        scenes={scenes}
        onAxis={changeAxis}
        onZoom={zoom}
      />
      {drawn.length > 0 && <JumpBar {...jumps} />}
    </>
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
        describeWithoutRows(chosen),
        describeLooks(drawn.length),
        describeOddRates(drawn, scenes.rate.y.kind === "log"),
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
            kind={state.eventKind}
            onKind={(eventKind) => update({ eventKind })}
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
        <ChartWithReadout
          {...chart}
          name="metric"
          scene={scenes.metric}
          onEnds={(metricEnds) => update({ metricEnds })}
        />
      )}
      {scenes.columns.map(([name, scene]) => (
        <ChartWithReadout
          {...chart}
          key={name}
          name={`column:${name}`}
          scene={scene}
          onEnds={(columnEnds) => update({ columnEnds })}
        />
      ))}
    </ViewFrame>
  );
}
