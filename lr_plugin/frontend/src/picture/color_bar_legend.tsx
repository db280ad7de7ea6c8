// What the colours of cells say.

import { timeColor } from "../base/colors.ts";
import { barTicks } from "../chart/paint_cells.ts";
import type { ColorBar } from "../chart/scene.ts";

// As many as the colours of changes have stops, and more.
const STOPS = Array.from({ length: 9 }, (_, i) => i / 8);

export function ColorBarLegend(props: {
  bar: ColorBar;
  /** What cells of no colour are. */
  blank: string;
}) {
  const { bar, blank } = props;
  const gradient = STOPS.map(bar.colorOf ?? timeColor).join(", ");
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
      <span>{blank}</span>
    </div>
  );
}
