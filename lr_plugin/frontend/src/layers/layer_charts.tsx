// The rate that arrives at each layer of one run, and how much it changes the weights.

import { useMemo } from "preact/hooks";

import { ShortNames } from "../base/names.ts";
import { extent, type Range, type Scale } from "../base/scale.ts";
import type { Scene } from "../chart/scene.ts";
import type { LayerSamples, RunSummary } from "../data/records.ts";
import { ColorBarLegend } from "../picture/color_bar_legend.tsx";
import { ChartWithReadout } from "../widgets/chart_with_readout.tsx";
import { ScaleSwitch } from "../widgets/controls.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { buildHeat } from "./heat_scene.ts";
import { LayerLegend } from "./layer_legend.tsx";
import { layerRuns } from "./layer_runs.ts";
import { LayerTable } from "./layer_table.tsx";
import {
  RATE,
  RATE_TITLE,
  RATIO,
  RATIO_TITLE,
  USUAL_RATIO,
  buildEffectiveRates,
  buildUpdateRatios,
  describeSamples,
} from "./layers_scene.ts";

interface LayerChartsProps extends ViewProps {
  summary: RunSummary;
  /** All runs that have samples of layers. */
  runs: readonly string[];
  samples: LayerSamples;
  /** The steps, and the space left of them, as in the charts above. */
  x: Scale;
  yRoom: number;
  onZoom: (range: Range | null) => void;
}

// As many as stand beside a map.
const NAME_LETTERS = 20;
const ROW_HEIGHT = 16;
const MOST_HEIGHT = 720;
const AXIS_HEIGHT = 38;

const RULE =
  "What to look for: an update of about a thousandth of its weights (1e-3) is a rule of " +
  "thumb for a good rate; far above it the rate is likely too high, far below it too low";
const SOURCE = "https://cs231n.github.io/neural-networks-3/#ratio";
const COMPARISON =
  "A layer far below the others hardly learns, and one that rises away from them may be " +
  "about to diverge.";

export function LayerCharts(props: LayerChartsProps) {
  const { state, update, summary, samples, x, yRoom, theme } = props;
  const { layer, layerScale } = state;
  const setLayer = (chosen: string | null) => update({ layer: chosen });
  const only = layer !== null && samples.layers.includes(layer) ? layer : null;
  const layers = useMemo(
    () => layerRuns(summary, samples, theme),
    [summary, samples, theme],
  );
  const scenes = useMemo(() => {
    const axes = { x, yRoom, kind: layerScale, ends: "all" as const, theme };
    const names = shortLayerNames(samples);
    const heat = (column: string, title: string, guide: number | null) =>
      buildHeat(layers, { column, title, names, guide, axes });
    return {
      rates: buildEffectiveRates(layers, only, axes),
      rateMap: heat(RATE, RATE_TITLE, null),
      ratios: buildUpdateRatios(layers, only, axes),
      ratioMap: heat(RATIO, RATIO_TITLE, USUAL_RATIO),
    };
  }, [layers, samples, only, x, yRoom, layerScale, theme]);
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
      runs={layers}
      values={values}
    />
  );
  const map = (name: string, scene: Scene | null, values: Record<string, string>) =>
    scene && (
      <ChartWithReadout
        {...props}
        name={name}
        scene={scene}
        height={Math.min(MOST_HEIGHT, ROW_HEIGHT * layers.length) + AXIS_HEIGHT}
        focus={only}
        onFocus={setLayer}
        axis="step"
        subject="layer"
        names={names}
        runs={layers}
        values={values}
        legend={<ColorBarLegend bar={scene.cells!.bar} blank="Blank: no value above 0" />}
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
          {describeSamples(samples, x)}
        </span>
      </div>
      <p class="lr-caption lr-layer-advice">
        {RULE} (
        <a href={SOURCE} target="_blank" rel="noopener noreferrer">
          A. Karpathy, CS231n
        </a>
        ). {COMPARISON}
      </p>
      <LayerLegend layers={layers} only={only} onChoose={setLayer} hover={props.hover} />
      {hasValues(scenes.rates) &&
        chart("effective", scenes.rates, {
          "effective_rate:p05": "5 %",
          "effective_rate:p50": "median",
          "effective_rate:p95": "95 %",
        })}
      {map("effective-map", scenes.rateMap, { [RATE]: "median" })}
      {hasValues(scenes.ratios) && chart("ratio", scenes.ratios, { [RATIO]: "ratio" })}
      {map("ratio-map", scenes.ratioMap, { [RATIO]: "ratio" })}
      <LayerTable samples={samples} />
    </>
  );
}

/** Shortens the names of layers, so that they can stand beside a map. */
export function shortLayerNames({ layers }: LayerSamples): string[] {
  const names = new ShortNames(layers);
  return layers.map((layer) => names.short(layer, NAME_LETTERS));
}

function hasValues({ curves }: Scene): boolean {
  return extent("linear", curves.map(({ ys }) => ys)) !== null;
}
