// Which colour is which layer; a click brings a layer out alone.

import { PALETTE } from "../base/colors.ts";
import { NOWHERE, type HoverStore } from "../chart/hover.ts";
import type { ReadableRun } from "../chart/reading.ts";

export function LayerLegend(props: {
  layers: readonly ReadableRun[];
  /** The layer that is drawn alone; null where all are. */
  only: string | null;
  onChoose: (layer: string | null) => void;
  hover: HoverStore;
}) {
  const { layers, only, onChoose, hover } = props;
  const point = (run: string | null) => hover.set({ ...NOWHERE, run });
  return (
    <ul class="lr-layer-legend" aria-label="Colours of the layers" tabIndex={0}>
      {layers.length > PALETTE.length && (
        <li class="lr-muted">The colours go from the first layer to the last:</li>
      )}
      {layers.map(({ summary: { run }, color }) => (
        <li key={run}>
          <button
            class="lr-legend-button"
            aria-pressed={run === only}
            title={run === only ? "Draw all layers" : "Draw this layer alone"}
            onClick={() => onChoose(run === only ? null : run)}
            onMouseEnter={() => point(run)}
            onMouseLeave={() => point(null)}
            onFocus={() => point(run)}
            onBlur={() => point(null)}
          >
            <span class="lr-dot" style={{ background: color }} />
            {run}
          </button>
        </li>
      ))}
    </ul>
  );
}
