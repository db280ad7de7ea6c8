// The rate that arrives at each layer of one run, and how much it changes the weights.

import { useMemo } from "preact/hooks";

import { plural } from "../base/format.ts";
import { ShortNames } from "../base/names.ts";
import type { Range } from "../base/scale.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import type { LayerSamples, RunSummary } from "../data/records.ts";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ScaleSwitch } from "../widgets/controls.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { buildEffectiveRates, buildUpdateRatios, layerColumn } from "./adam_scene.ts";
import { HeatMap } from "./heat_map.tsx";
import { LayerTable } from "./layer_table.tsx";

interface LayerChartsProps extends ViewProps {
  summary: RunSummary;
  /** All runs that have samples of layers. */
  runs: readonly string[];
  samples: LayerSamples;
  window: Range | null;
  onZoom: (range: Range | null) => void;
}

export function LayerCharts(props: LayerChartsProps) {
  const { state, update, summary, samples, window, theme } = props;
  const { layer, xScale, layerScale } = state;
  const setLayer = (chosen: string | null) => update({ layer: chosen });
  const only = layer !== null && samples.layers.includes(layer) ? layer : null;
  const scenes = useMemo(() => {
    const axes = { window, xScale, kind: layerScale, ends: "all" as const, theme };
    return {
      effective: buildEffectiveRates(samples, only, axes),
      ratio: buildUpdateRatios(samples, only, axes),
    };
  }, [samples, only, window, xScale, layerScale, theme]);
  const names = useMemo(() => new ShortNames(samples.layers), [samples]);
  const chart = (name: string, scene: Scene, values: Record<string, string>) => (
    <ChartWithReadout
      {...props}
      name={name}
      scene={scene}
      focus={only}
      onFocus={setLayer}
      axis="step"
      subject="layer"
      names={names}
      runs={readableLayers(summary, samples, scene, Object.keys(values))}
      values={values}
    />
  );
  return (
    <>
      <div class="lr-controls" role="group" aria-label="Layers">
        <h2 class="lr-section-title">Layers</h2>
        <label class="lr-control">
          <span>Run</span>
          <select
            class="lr-select"
            value={summary.run}
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
        <ScaleSwitch
          label="Values of layers"
          value={layerScale}
          onChange={(changed) => update({ layerScale: changed })}
        />
        <span class="lr-muted">
          {plural(samples.steps.length, "sample")} of{" "}
          {plural(samples.layers.length, "layer")}
        </span>
      </div>
      {scenes.effective.curves.length > 0 &&
        chart("effective", scenes.effective, {
          "effective_rate:p05": "5 %",
          "effective_rate:p50": "median",
          "effective_rate:p95": "95 %",
        })}
      {scenes.ratio.curves.length > 0 &&
        chart("ratio", scenes.ratio, { update_ratio: "ratio" })}
      {samples.values.update_ratio && (
        <HeatMap
          samples={samples}
          column="update_ratio"
          title="Update to weight ratio"
          theme={theme}
        />
      )}
      <LayerTable samples={samples} />
    </>
  );
}

/** Makes a run of each layer, so that the cursor reads layers as it reads runs. */
function readableLayers(
  summary: RunSummary,
  samples: LayerSamples,
  scene: Scene,
  columns: readonly string[],
): ReadableRun[] {
  const numRows = samples.steps.length;
  return scene.curves.map(({ run: layer, color, xs }) => {
    const i = samples.layers.indexOf(layer);
    const values = columns.flatMap((column) => {
      const found = layerColumn(samples, column, i);
      return found ? [[column, found] as const] : [];
    });
    return {
      summary: { ...summary, run: layer },
      series: {
        columns: { step: xs as Float64Array, ...Object.fromEntries(values) },
        numRows,
        rowsInWindow: numRows,
        exact: "rows",
      },
      color,
      xs,
    };
  });
}
