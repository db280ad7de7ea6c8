// The layers: the nominal rate, what the optimizer makes of it, and what arrives at each
// layer of a network.

import { useEffect, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import { fitWindow, rateKind } from "../chart/fit_axes.ts";
import { roomForNames } from "../chart/plot_axis.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { describeWindow } from "../data/window.ts";
import { useSeries } from "../state/use_series.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
import {
  countInWindow,
  describeNonfinite,
  describeRows,
  summarizeRuns,
} from "../widgets/captions.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ScaleSwitch, ShowAllButton } from "../widgets/controls.tsx";
import { ViewFrame } from "../widgets/view_frame.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { LayerCharts, shortLayerNames } from "./layer_charts.tsx";
import { buildColumn, buildStepSizes } from "./layers_scene.ts";

const COLUMNS = [
  "step",
  "learning_rate",
  "step_size",
  "gradient_norm",
  "momentum",
  "wall_time",
];
const FURTHER = [
  ["gradient_norm", "Gradient norm"],
  ["momentum", "Momentum"],
] as const;
const VALUES = {
  learning_rate: "rate",
  step_size: "step size",
  gradient_norm: "gradient norm",
  momentum: "momentum",
};

const FORMULA =
  "Dashed: the nominal rate. Solid: rate · √(1−β₂ᵗ) / (1−β₁ᵗ), the step size after bias " +
  "correction.";
const NO_LAYERS =
  "None of the chosen runs has samples of its layers or a step size. LearningRateLogger " +
  "samples layers unless layer_samples=0; a step size is that of the Adam family.";

export function LayersView(props: ViewProps) {
  const { state, update, chosen, colorOf, loaders, revision, theme } = props;
  const runs = useMemo(
    () =>
      chosen.filter(
        ({ columns, has, num_iterations: rows }) =>
          rows > 0 &&
          (has.layers || COLUMNS.slice(2, -1).some((name) => columns.includes(name))),
      ),
    [chosen],
  );
  const window = state.x === "step" ? state.window : null;
  const { xScale } = state;
  const found = useSeries(loaders, revision, runs, COLUMNS, {
    x: "step",
    xScale,
    window,
  });
  const layered = runs.filter(({ has }) => has.layers);
  const shown = layered.find(({ run }) => run === state.focus) ?? layered[0];
  useEffect(() => {
    loaders.layers.want(shown ? [{ query: shown.run, version: shown.version }] : []);
  }, [loaders, shown]);
  const drawn = useMemo(
    () => drawRuns(runs, found.series, colorOf),
    [runs, found, colorOf],
  );
  const samples = shown ? loaders.layers.get(shown.run) : null;
  // All charts have the same steps below each other.
  const x = useMemo(() => {
    const steps = drawn.map(({ series }) => series.columns.step);
    return fitWindow(xScale, window, steps);
  }, [drawn, window, xScale]);
  const yRoom = useMemo(
    () => roomForNames(samples ? shortLayerNames(samples) : []),
    [samples],
  );
  const kind = rateKind(state.rateScale, drawn);
  const scenes = useMemo(() => {
    const axes = { x, yRoom, kind, ends: state.rateEnds, theme };
    const further = FURTHER.map(([name, title]): [string, Scene] => [
      name,
      buildColumn(drawn, name, title, axes),
    ]).filter(([, scene]) => scene.curves.length > 0);
    const sizes = buildStepSizes(drawn, axes);
    return [["step_size", sizes] as [string, Scene], ...further];
  }, [drawn, x, yRoom, kind, state.rateEnds, theme]);
  const readable = useMemo<ReadableRun[]>(
    () => drawn.map((run) => ({ ...run, xs: run.series.columns.step })),
    [drawn],
  );
  const inWindow = readable.map((run) => countInWindow(run, run.xs, window));
  const hasSizes = drawn.some(({ series }) => series.columns.step_size);
  const zoom = (range: Range | null) =>
    update({
      x: "step",
      window: range && [Math.max(0, Math.floor(range[0])), Math.ceil(range[1])],
    });
  const controls = drawn.length > 0 && (
    <div class="lr-controls" role="group" aria-label="Axes">
      <ScaleSwitch
        label="Step"
        value={xScale}
        onChange={(changed) => update({ x: "step", window, xScale: changed })}
      />
      <ScaleSwitch
        label="Values"
        value={kind}
        onChange={(rateScale) => update({ rateScale })}
      />
      <span class="lr-spring" />
      <ShowAllButton
        isAll={!window && !hasZooms(state.zooms, state.view)}
        onClick={() =>
          update({ window: null, zooms: clearZooms(state.zooms, state.view) })
        }
      />
    </div>
  );
  return (
    <>
      <ViewFrame
        {...props}
        controls={controls}
        found={found}
        isEmpty={drawn.length === 0}
        whyEmpty={chosen.length > 0 && runs.length === 0 ? NO_LAYERS : undefined}
        caption={[
          hasSizes ? FORMULA : "",
          describeRows(inWindow, found.isStale),
          describeNonfinite(drawn, VALUES),
        ]}
        rows={{ runs: readable, shown: [x.min, x.max], axis: "step", window }}
        summary={summarizeRuns(drawn, describeWindow("step", [x.min, x.max]), VALUES)}
      >
        {scenes.map(([name, scene]) => (
          <ChartWithReadout
            key={name}
            {...props}
            name={name}
            scene={scene}
            focus={state.focus}
            onZoom={zoom}
            onFocus={(focus) => update({ focus })}
            onEnds={(rateEnds) => update({ rateEnds })}
            axis="step"
            runs={readable}
            values={
              name === "step_size"
                ? { learning_rate: "rate", step_size: "step size" }
                : { [name]: scene.yLabel }
            }
          />
        ))}
      </ViewFrame>
      {drawn.length > 0 && shown && samples && samples.steps.length > 0 && (
        <LayerCharts
          {...props}
          summary={shown}
          runs={layered.map(({ run }) => run)}
          samples={samples}
          x={x}
          yRoom={yRoom}
          onZoom={zoom}
        />
      )}
    </>
  );
}
