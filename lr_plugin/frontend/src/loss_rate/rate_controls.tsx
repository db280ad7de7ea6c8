// The switches of Loss against rate.

import type { ComponentChildren } from "preact";

import { describeWindow } from "../data/window.ts";
import { clearZooms, hasZooms } from "../state/zooms.ts";
import { ScaleSwitch, ShowAllButton } from "../widgets/controls.tsx";
import type { ViewProps } from "../widgets/view_props.ts";

export function RateControls(
  props: ViewProps & { isBestShown: boolean; children?: ComponentChildren },
) {
  const { state, update, isBestShown } = props;
  const { window } = state;
  return (
    <div class="lr-controls" role="group" aria-label="Axes">
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
        <span>Best loss per rate</span>
      </label>
      <span class="lr-spring" />
      {window && <span class="lr-muted">{describeWindow(state.x, window)} only</span>}
      <ShowAllButton
        isAll={!state.rateWindow && !window && !hasZooms(state.zooms, state.view)}
        onClick={() =>
          update({
            rateWindow: null,
            window: null,
            zooms: clearZooms(state.zooms, state.view),
          })
        }
      />
    </div>
  );
}
