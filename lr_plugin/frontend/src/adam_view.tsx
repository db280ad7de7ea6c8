// Nominal rate, step size, and what arrives at each layer.

import { useEffect, useMemo, useState } from "preact/hooks";

import {
  buildColumn,
  buildEffectiveRates,
  buildStepSizes,
  buildUpdateRatios,
} from "./adam_scene.ts";
import type { Range } from "./axis.ts";
import { describeExactness } from "./captions.ts";
import { ChartView } from "./chart_view.tsx";
import type { ViewProps } from "./context.ts";
import { ScaleSwitch } from "./controls.tsx";
import { DataTable } from "./data_table.tsx";
import { HeatMap } from "./heat_map.tsx";
import { LayerTable } from "./layer_table.tsx";
import type { ReadableRun } from "./reading.ts";
import { Readout } from "./readout.tsx";
import type { LayerSamples } from "./records.ts";
import { Loading, Sentences } from "./sentences.tsx";
import type { DrawnRun } from "./timeline_scene.ts";
import { useSeries } from "./use_series.ts";

const COLUMNS = [
  "step",
  "learning_rate",
  "step_size",
  "gradient_norm",
  "momentum",
  "wall_time",
];
const FURTHER = { gradient_norm: "Gradient norm", momentum: "Momentum" };

export function AdamView(props: ViewProps) {
  const { state, update, chosen, colorOf, loaders, revision, theme, hover } = props;
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
  const found = useSeries(loaders, revision, runs, COLUMNS, "step", window);
  useEffect(() => {
    const layered = runs.filter(({ has }) => has.layers);
    loaders.layers.want(layered.map(({ run, version }) => ({ query: run, version })));
  }, [loaders, runs]);
  const drawn = useMemo<DrawnRun[]>(
    () =>
      runs.flatMap((summary) => {
        const series = found.series.get(summary.run);
        return series
          ? [{ summary, series, color: colorOf(summary.run), events: [] }]
          : [];
      }),
    [runs, found, colorOf],
  );
  const scenes = useMemo(
    () => ({
      step_size: buildStepSizes(drawn, window, state.rateScale),
      ...Object.fromEntries(
        Object.entries(FURTHER)
          .map(([name, title]) => [
            name,
            buildColumn(drawn, name, title, window, state.rateScale),
          ])
          .filter(([, scene]) => (scene as { curves: unknown[] }).curves.length > 0),
      ),
    }),
    [drawn, window, state.rateScale],
  ) as Record<string, ReturnType<typeof buildStepSizes>>;
  const readable = useMemo<ReadableRun[]>(
    () => drawn.map((run) => ({ ...run, xs: run.series.columns.step })),
    [drawn],
  );
  const layered = runs.filter(({ run }) => loaders.layers.get(run)?.steps.length);
  const shown = layered.find(({ run }) => run === state.focus) ?? layered[0];
  const zoom = (range: Range | null) =>
    update({
      x: "step",
      window: range && [Math.max(0, Math.floor(range[0])), Math.ceil(range[1])],
    });
  const common = { theme, hover, onZoom: zoom };
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
      {Object.entries(scenes).map(([name, scene]) => (
        <ChartView
          key={name}
          {...common}
          name={name}
          scene={scene}
          focus={state.focus}
          onFocus={(focus) => update({ focus })}
        >
          <Readout
            chart={name}
            hover={hover}
            axis="step"
            runs={readable}
            values={
              name === "step_size"
                ? { learning_rate: "rate", step_size: "step size" }
                : { [name]: scene.yLabel }
            }
            marks={[]}
            spots={[]}
            reach={(scene.x.max - scene.x.min) / 50}
            announce={props.announce}
          />
        </ChartView>
      ))}
      <p class="lr-caption" data-caption="exactness">
        <span class={found.isLoading ? "lr-busy lr-busy-on" : "lr-busy"} />
        Dashed: the nominal rate. Solid: rate · √(1−β₂ᵗ) / (1−β₁ᵗ), the step size after
        bias correction. {describeExactness(drawn)}
      </p>
      <DataTable
        runs={readable}
        focus={state.focus}
        onFocus={(focus) => update({ focus })}
        x={[scenes.step_size.x.min, scenes.step_size.x.max]}
      />
      {shown && (
        <Layers
          {...props}
          run={shown.run}
          runs={layered.map(({ run }) => run)}
          samples={loaders.layers.get(shown.run)!}
          window={window}
          onZoom={zoom}
        />
      )}
    </>
  );
}

function Layers(
  props: ViewProps & {
    run: string;
    runs: readonly string[];
    samples: LayerSamples;
    window: Range | null;
    onZoom: (range: Range | null) => void;
  },
) {
  const { state, update, run, samples, window, theme, hover, onZoom } = props;
  const [layer, setLayer] = useState<string | null>(null);
  const only = layer !== null && samples.layers.includes(layer) ? layer : null;
  const scenes = useMemo(() => {
    const args = [only, window, "log", theme.isDark] as const;
    return {
      effective: buildEffectiveRates(samples, only, window, "log", theme.isDark),
      ratio: buildUpdateRatios(samples, ...args),
    };
  }, [samples, only, window, theme]);
  const common = { theme, hover, onZoom, focus: only, onFocus: setLayer };
  return (
    <>
      <div class="lr-controls" role="group" aria-label="Layers">
        <h2 class="lr-section-title">Layers</h2>
        <label class="lr-control">
          <span>Run</span>
          <select
            class="lr-select"
            value={run}
            onChange={(event) => update({ focus: event.currentTarget.value })}
          >
            {props.runs.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="lr-control">
          <span>Layer</span>
          <select
            class="lr-select"
            value={only ?? ""}
            onChange={(event) => setLayer(event.currentTarget.value || null)}
          >
            <option value="">all (medians)</option>
            {samples.layers.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span class="lr-muted">
          {samples.steps.length} samples of {samples.layers.length} layers,{" "}
          {state.focus === run ? "" : "from "}
          {run}
        </span>
      </div>
      {scenes.effective.curves.length > 0 && (
        <ChartView {...common} name="effective" scene={scenes.effective} />
      )}
      {scenes.ratio.curves.length > 0 && (
        <>
          <ChartView {...common} name="ratio" scene={scenes.ratio} />
          <HeatMap
            samples={samples}
            column="update_ratio"
            title="Update to weight ratio"
            theme={theme}
          />
        </>
      )}
      <LayerTable samples={samples} />
    </>
  );
}
