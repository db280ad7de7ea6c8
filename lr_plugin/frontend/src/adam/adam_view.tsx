// Nominal rate, step size, and what arrives at each layer.

import { useEffect, useMemo } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import { drawRuns } from "../chart/drawn_run.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { describeWindow } from "../data/window.ts";
import { useSeries } from "../state/use_series.ts";
import { describeNonfinite, describeRows, summarizeRuns } from "../widgets/captions.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ScaleSwitch } from "../widgets/controls.tsx";
import { CsvLinks } from "../widgets/csv_links.tsx";
import { DataTable } from "../widgets/data_table.tsx";
import { Loading, Sentences } from "../widgets/sentences.tsx";
import { useAnnouncement } from "../widgets/use_announcement.ts";
import type { ViewProps } from "../widgets/view_props.ts";
import { buildColumn, buildStepSizes } from "./adam_scene.ts";
import { LayerCharts } from "./layer_charts.tsx";

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

export function AdamView(props: ViewProps) {
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
  const scenes = useMemo(() => {
    const axes = { window, xScale, kind: state.rateScale, theme };
    const further = FURTHER.map(([name, title]): [string, Scene] => [
      name,
      buildColumn(drawn, name, title, axes),
    ]).filter(([, scene]) => scene.curves.length > 0);
    const sizes = buildStepSizes(drawn, axes);
    return [["step_size", sizes] as [string, Scene], ...further];
  }, [drawn, window, xScale, state.rateScale, theme]);
  const readable = useMemo<ReadableRun[]>(
    () => drawn.map((run) => ({ ...run, xs: run.series.columns.step })),
    [drawn],
  );
  const { x } = scenes[0][1];
  const said = summarizeRuns(drawn, describeWindow("step", [x.min, x.max]), VALUES);
  const isDrawn = !found.isLoading && drawn.length > 0;
  useAnnouncement(isDrawn ? said : "", props.announce);
  const samples = shown ? loaders.layers.get(shown.run) : null;
  const zoom = (range: Range | null) =>
    update({
      x: "step",
      window: range && [Math.max(0, Math.floor(range[0])), Math.ceil(range[1])],
    });
  if (drawn.length === 0) {
    return (
      <>
        <Sentences kind="error" sentences={found.errors} />
        {runs.length > 0 || chosen.length === 0 ? (
          <Loading
            isLoading={found.isLoading && runs.length > 0}
            hasRuns={chosen.length > 0}
          />
        ) : (
          <div class="lr-empty" role="status">
            <p>
              None of the chosen runs has a step size or samples of layers. They are
              recorded for optimizers of the Adam family.
            </p>
          </div>
        )}
      </>
    );
  }
  return (
    <>
      <div class="lr-controls" role="group" aria-label="Axes">
        <ScaleSwitch
          label="Step"
          value={xScale}
          onChange={(changed) => update({ x: "step", window, xScale: changed })}
        />
        <ScaleSwitch
          label="Values"
          value={state.rateScale}
          onChange={(rateScale) => update({ rateScale })}
        />
        <span class="lr-spring" />
        <button
          class="lr-quiet-button"
          disabled={!window}
          onClick={() => update({ window: null })}
        >
          Show all
        </button>
      </div>
      <Sentences kind="error" sentences={found.errors} />
      {scenes.map(([name, scene]) => (
        <ChartWithReadout
          key={name}
          {...props}
          name={name}
          scene={scene}
          focus={state.focus}
          onZoom={zoom}
          onFocus={(focus) => update({ focus })}
          axis="step"
          runs={readable}
          values={
            name === "step_size"
              ? { learning_rate: "rate", step_size: "step size" }
              : { [name]: scene.yLabel }
          }
        />
      ))}
      <p class="lr-caption" data-caption="exactness">
        <span class={found.isLoading ? "lr-busy lr-busy-on" : "lr-busy"} />
        Dashed: the nominal rate. Solid: rate · √(1−β₂ᵗ) / (1−β₁ᵗ), the step size after
        bias correction.{" "}
        {describeRows(drawn, found.isStale)}{" "}
        {describeNonfinite(drawn, VALUES)}
      </p>
      <DataTable
        runs={readable}
        focus={state.focus}
        onFocus={(focus) => update({ focus })}
        x={[x.min, x.max]}
      />
      <CsvLinks runs={readable} axis="step" window={window} />
      {shown && samples && samples.steps.length > 0 && (
        <LayerCharts
          {...props}
          summary={shown}
          runs={layered.map(({ run }) => run)}
          samples={samples}
          window={window}
          onZoom={zoom}
        />
      )}
    </>
  );
}
