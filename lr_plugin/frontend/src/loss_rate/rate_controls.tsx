// The switches of Loss against rate, whatever it has on its y axis.

import type { ComponentChildren } from "preact";

import { scoreOf } from "../data/trial_scores.ts";
import { describeWindow } from "../data/window.ts";
import type { Measure } from "../state/state.ts";
import { ScaleSwitch, Select, ShowAllButton } from "../widgets/controls.tsx";
import type { ViewProps } from "../widgets/view_props.ts";

const MEASURES: Record<Measure, string> = { loss: "Loss", score: "Score" };

export function RateControls(
  props: ViewProps & { isBestShown: boolean; children?: ComponentChildren },
) {
  const { state, update, chosen, isBestShown } = props;
  const hasScores = chosen.some((run) => scoreOf(run) !== null);
  const window = state.measure === "loss" ? state.window : null;
  return (
    <div class="lr-controls" role="group" aria-label="Axes">
      {(hasScores || state.measure === "score") && (
        <label class="lr-control">
          <span>Show</span>
          <Select
            label="What is drawn against the rate"
            options={MEASURES}
            value={state.measure}
            onChange={(measure) => update({ measure })}
          />
        </label>
      )}
      <ScaleSwitch
        label="Rate"
        value={state.rateAxisScale}
        onChange={(rateAxisScale) => update({ rateAxisScale })}
      />
      {props.children}
      <label class="lr-control">
        <input
          type="checkbox"
          checked={isBestShown}
          onChange={(event) => update({ showBest: event.currentTarget.checked })}
        />
        <span>Best {state.measure} per rate</span>
      </label>
      <span class="lr-spring" />
      {window && <span class="lr-muted">{describeWindow(state.x, window)} only</span>}
      <ShowAllButton
        isAll={!state.rateWindow && !window}
        onClick={() => update({ rateWindow: null, ...(window && { window: null }) })}
      />
    </div>
  );
}
