// What is drawn against what, and in which colours.

import { visible } from "../base/names.ts";
import { own } from "../base/own.ts";
import type { ScaleKind } from "../base/scale.ts";
import { titleOfHyperparameter } from "../data/hyperparameters.ts";
import { baseMetrics } from "../data/metrics.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
import { ScaleSwitch, Select, ShowAllButton } from "../widgets/controls.tsx";
import { MetricPicker } from "../widgets/metric_picker.tsx";
import type { ViewProps } from "../widgets/view_props.ts";
import { RATES } from "./outcomes.ts";

interface WhichRateControlsProps extends ViewProps {
  /** The settings in which the runs differ. */
  settings: readonly string[];
  yKind: ScaleKind;
  isSplit: boolean;
  canBeSplit: boolean;
}

export function WhichRateControls(props: WhichRateControlsProps) {
  const { state, update, settings, yKind, isSplit, canBeSplit, listed } = props;
  const names = Object.fromEntries(
    settings.map((name) => [name, titleOfHyperparameter(name)]),
  );
  // What a link names may be missing in these runs.
  const known = (name: string, options: Record<string, string>) =>
    own(options, name) === undefined ? { ...options, [name]: visible(name) } : options;
  return (
    <div class="lr-controls" role="group" aria-label="Axes">
      <MetricPicker
        metric={props.metric}
        update={update}
        options={baseMetrics(listed)}
        none="final loss"
      />
      <ScaleSwitch
        label="Outcome"
        value={yKind}
        onChange={(metricScale) => update({ metricScale })}
      />
      <label class="lr-control">
        <span>Against</span>
        <Select
          label="Horizontal axis"
          options={known(state.against, { ...RATES, ...names })}
          value={state.against}
          onChange={(against) => update({ against, rateWindow: null })}
        />
      </label>
      {own(RATES, state.against) && (
        <ScaleSwitch
          label="Rate"
          value={state.rateAxisScale}
          onChange={(rateAxisScale) => update({ rateAxisScale })}
        />
      )}
      <label class="lr-control">
        <span>Colour</span>
        <Select
          label="What the colours say"
          options={known(state.colorBy, { "": "Run", ...names })}
          value={state.colorBy}
          onChange={(colorBy) => update({ colorBy })}
        />
      </label>
      {canBeSplit && (
        <label class="lr-control">
          <input
            type="checkbox"
            checked={isSplit}
            onChange={(event) => update({ isSplit: event.currentTarget.checked })}
          />
          <span>A chart per optimizer and schedule</span>
        </label>
      )}
      <label class="lr-control">
        <span>Seed in the name</span>
        <input
          class="lr-input lr-seed-input"
          placeholder="seed[0-9]+"
          aria-label="Part of a run’s name that is its seed, a regular expression"
          value={state.seedPart}
          onInput={(event) => update({ seedPart: event.currentTarget.value })}
        />
      </label>
      <span class="lr-spring" />
      <ShowAllButton
        isAll={!state.rateWindow && !hasZooms(state.zooms, state.view)}
        onClick={() =>
          update({ rateWindow: null, zooms: clearZooms(state.zooms, state.view) })
        }
      />
    </div>
  );
}
