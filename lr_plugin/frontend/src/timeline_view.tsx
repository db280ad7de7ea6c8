// Rate and loss of the chosen runs over the course of training.

import { useEffect, useMemo } from "preact/hooks";

import type { TrainingEvent } from "./api.ts";
import {
  X_AXES,
  convertWindow,
  epochMarks,
  stepsInWindow,
  whyNotOn,
  xColumn,
  type Range,
  type XAxis,
} from "./axis.ts";
import { describeExactness, describeOddities, summarizeTimeline } from "./captions.ts";
import { ChartView } from "./chart_view.tsx";
import type { ViewProps } from "./context.ts";
import { CsvLinks, DataTable } from "./data_table.tsx";
import { EventList } from "./event_list.tsx";
import { formatCount, formatDuration, formatNumber, formatWallTime } from "./format.ts";
import type { ReadableRun } from "./reading.ts";
import { Readout } from "./readout.tsx";
import { Select } from "./run_list.tsx";
import type { ScaleKind } from "./scale.ts";
import { buildTimeline, type DrawnRun } from "./timeline_scene.ts";
import { useSeries } from "./use_series.ts";
import { Loading, Sentences } from "./sentences.tsx";

const COLUMNS = ["step", "learning_rate", "loss", "applied", "wall_time"];
const NO_EVENTS: TrainingEvent[] = [];
const VALUES = { learning_rate: "rate", loss: "loss" };
const FEWEST_STEPS = 4;

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
  const found = useSeries(loaders, revision, runs, COLUMNS, state.x, state.window);
  useEffect(() => {
    const versions = runs.filter(({ has }) => has.events);
    loaders.events.want(versions.map(({ run, version }) => ({ query: run, version })));
  }, [loaders, runs]);

  const drawn = useMemo<DrawnRun[]>(
    () =>
      runs.flatMap((summary) => {
        const series = found.series.get(summary.run);
        if (!series) return [];
        const events = loaders.events.get(summary.run) ?? NO_EVENTS;
        return [{ summary, series, color: colorOf(summary.run), events }];
      }),
    [runs, found, colorOf, loaders, revision],
  );
  const scenes = useMemo(
    () => buildTimeline(drawn, { ...state, theme }),
    [
      drawn,
      theme,
      state.x,
      state.window,
      state.rateScale,
      state.lossScale,
      state.smoothing,
      state.focus,
    ],
  );
  const readable = useMemo<ReadableRun[]>(
    () => drawn.map((run) => ({ ...run, xs: xColumn(state.x, run.summary, run.series.columns) })),
    [drawn, state.x],
  );
  const x: Range = [scenes.rate.x.min, scenes.rate.x.max];
  const place = describeWindow(state.x, x);
  const summary = summarizeTimeline(drawn, place);
  useEffect(() => {
    if (!found.isLoading && drawn.length > 0) props.announce(summary);
  }, [summary, found.isLoading]);

  const zoom = (range: Range | null) => update({ window: limit(range, state.x, runs, readable) });
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
  };
  const readout = {
    hover,
    axis: state.x,
    runs: readable,
    values: VALUES,
    reach: (x[1] - x[0]) / 50,
    announce: props.announce,
  };
  return (
    <>
      <div class="lr-controls" role="group" aria-label="Axes">
        <label class="lr-control">
          <span>Axis</span>
          <Select label="Horizontal axis" options={X_AXES} value={state.x} onChange={changeAxis} />
        </label>
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
        <label class="lr-control">
          <span>Smooth loss</span>
          <input
            type="range"
            min="0"
            max="100"
            step="1"
            value={state.smoothing}
            aria-valuetext={state.smoothing === 0 ? "off" : `half life ${state.smoothing / 10} %`}
            onInput={(event) => update({ smoothing: Number(event.currentTarget.value) })}
          />
          <output class="lr-muted lr-smoothing">
            {state.smoothing === 0 ? "off" : `${state.smoothing / 10} %`}
          </output>
        </label>
        <span class="lr-spring" />
        <div class="lr-row" role="group" aria-label="Window" hidden={drawn.length === 0}>
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
        <Loading isLoading={found.isLoading && runs.length > 0} hasRuns={chosen.length > 0} />
      ) : (
        <>
          <ChartView {...chart} name="rate" scene={scenes.rate}>
            <Readout
              {...readout}
              chart="rate"
              marks={scenes.rate.marks}
              spots={scenes.rate.spots}
            />
          </ChartView>
          <ChartView {...chart} name="loss" scene={scenes.loss}>
            <Readout
              {...readout}
              chart="loss"
              marks={scenes.loss.marks}
              spots={scenes.loss.spots}
            />
          </ChartView>
          <p class="lr-caption" data-caption="exactness">
            <span class={found.isLoading ? "lr-busy lr-busy-on" : "lr-busy"} />
            {place}. {describeExactness(drawn)} {describeOddities(drawn, state.lossScale === "log")}
            {state.smoothing > 0 &&
              ` The loss is smoothed over the drawn rows (half life ${
                state.smoothing / 10
              } % of what is shown); the thin line is the loss as it was.`}
          </p>
          <EventList runs={drawn} onShow={(step, run) => showStep(step, run, props)} />
          <DataTable
            runs={readable}
            focus={state.focus}
            onFocus={(focus) => update({ focus })}
            x={x}
          />
          <CsvLinks runs={readable} steps={stepsShown(state.x, state.window, drawn)} />
        </>
      )}
    </>
  );
}

export function ScaleSwitch(props: {
  label: string;
  value: ScaleKind;
  onChange: (kind: ScaleKind) => void;
}) {
  return (
    <div class="lr-control" role="group" aria-label={`Scale of ${props.label.toLowerCase()}`}>
      <span>{props.label}</span>
      <span class="lr-segments">
        {(["linear", "log"] as const).map((kind) => (
          <button
            key={kind}
            class="lr-segment"
            aria-pressed={props.value === kind}
            onClick={() => props.onChange(kind)}
          >
            {kind}
          </button>
        ))}
      </span>
    </div>
  );
}

/** The window in numbers, for those who know where they want to go. */
function WindowFields(props: {
  axis: XAxis;
  shown: Range;
  onChange: (range: Range) => void;
}) {
  if (props.axis !== "step" && props.axis !== "epoch") return null;
  const digits = props.axis === "step" ? 0 : 3;
  const [low, high] = props.shown.map((value) => Number(value.toFixed(digits)));
  const field = (label: string, value: number, change: (value: number) => Range) => (
    <label class="lr-control">
      <span>{label}</span>
      <input
        class="lr-input lr-number-input"
        type="number"
        step="any"
        value={value}
        onChange={(event) => {
          const range = change(event.currentTarget.valueAsNumber);
          if (range[0] < range[1]) props.onChange(range);
        }}
      />
    </label>
  );
  return (
    <>
      {field(X_AXES[props.axis], low, (value) => [value, high])}
      {field("to", high, (value) => [low, value])}
    </>
  );
}

function describeWindow(axis: XAxis, [low, high]: Range): string {
  switch (axis) {
    case "step":
      return `Steps ${formatCount(Math.ceil(low))} to ${formatCount(Math.floor(high))}`;
    case "epoch":
      return `Epochs ${formatNumber(low)} to ${formatNumber(high)}`;
    case "relative":
      return `From ${formatDuration(low)} to ${formatDuration(high)} after the start`;
    case "wall":
      return `From ${formatWallTime(low)} to ${formatWallTime(high)}`;
  }
}

/** Keeps a window inside of the runs, wide enough for a few iterations. */
function limit(
  range: Range | null,
  axis: XAxis,
  runs: ViewProps["chosen"],
  readable: readonly ReadableRun[],
): Range | null {
  if (!range || runs.length === 0) return null;
  const ends = runs.map((run): Range => {
    if (axis === "step") return [run.first_step, run.last_step];
    if (axis === "epoch") {
      const steps = Float64Array.of(run.first_step, run.last_step);
      const [first, last] = xColumn("epoch", run, { step: steps });
      return [first, last];
    }
    const start = axis === "relative" ? (run.start_time ?? 0) : 0;
    return [(run.start_time ?? 0) - start, (run.last_time ?? 0) - start];
  });
  const low = Math.min(...ends.map(([first]) => first));
  const high = Math.max(...ends.map(([, last]) => last));
  const narrowest = FEWEST_STEPS * unitOfStep(axis, runs, readable);
  let [from, to] = range;
  if (to - from < narrowest) {
    const center = (from + to) / 2;
    [from, to] = [center - narrowest / 2, center + narrowest / 2];
  }
  if (axis === "step") [from, to] = [Math.floor(from), Math.ceil(to)];
  if (from <= low && to >= high) return null;
  const width = Math.min(to - from, high - low);
  from = Math.min(Math.max(from, low), high - width);
  return [from, from + width];
}

/** How much of the axis one iteration takes, about. */
function unitOfStep(
  axis: XAxis,
  runs: ViewProps["chosen"],
  readable: readonly ReadableRun[],
): number {
  if (axis === "step") return 1;
  if (axis === "epoch") {
    const marks = epochMarks(runs[0]);
    return (marks[1][1] - marks[0][1]) / (marks[1][0] - marks[0][0]);
  }
  const run = readable[0];
  const last = (run?.xs.length ?? 0) - 1;
  if (!run || last < 1) return 0;
  const steps = run.series.columns.step;
  return (run.xs[last] - run.xs[0]) / Math.max(1, steps[last] - steps[0]);
}

function stepsShown(axis: XAxis, window: Range | null, drawn: readonly DrawnRun[]): Range | null {
  if (!window || drawn.length === 0) return null;
  const { summary, series } = drawn[0];
  const { start, stop } = stepsInWindow(axis, summary, window, series.columns);
  const first = Math.max(0, start ?? summary.first_step);
  return [first, stop ?? summary.last_step + 1];
}

/** Goes to where an event happened, near enough to see single iterations. */
function showStep(step: number, run: string, { update }: ViewProps): void {
  update({ x: "step", window: [Math.max(0, step - 50), step + 50], focus: run });
}
