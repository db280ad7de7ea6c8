// What the colours of a map say.

import { timeColor } from "../base/colors.ts";
import { barTicks } from "../chart/paint_cells.ts";
import type { ColorBar } from "../chart/scene.ts";

const STOPS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export function ColorBarLegend({ bar }: { bar: ColorBar }) {
  const gradient = STOPS.map(timeColor).join(", ");
  return (
    <div class="lr-color-bar" role="group" aria-label={`Colours of ${bar.label}`}>
      <span>{bar.label}</span>
      <div class="lr-color-scale">
        <div
          class="lr-color-ramp"
          style={{ background: `linear-gradient(90deg, ${gradient})` }}
        />
        {barTicks(bar).map(({ share, label, isGuide }) => (
          <span
            key={label}
            class={isGuide ? "lr-color-tick lr-color-guide" : "lr-color-tick"}
            style={{ left: `${100 * share}%` }}
          >
            {label}
          </span>
        ))}
      </div>
      <span>Blank: no value above 0</span>
    </div>
  );
}
