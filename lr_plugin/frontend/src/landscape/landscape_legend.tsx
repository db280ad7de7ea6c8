// What the lines and dots on a landscape are.

import type { Scene } from "../chart/scene.ts";
import { CRITICAL_RATE } from "../data/words.ts";
import { BEST, CRITICAL, SUGGESTED, USED } from "./landscape_scene.ts";

const MEANINGS: Record<string, string> = {
  [USED]: "The rate of the update that was made",
  [CRITICAL]: CRITICAL_RATE,
  [BEST]: "The tried rate that would have lowered the loss most",
  [SUGGESTED]: "What the range test of this run suggests; the band is its interval",
};
const DASHES: Record<string, string> = { [CRITICAL]: "6 4", [SUGGESTED]: "1 3" };

export function LandscapeLegend({ scene }: { scene: Scene }) {
  const drawn = new Set(scene.curves.map(({ label }) => label));
  return (
    <ul class="lr-color-legend lr-landscape-legend" aria-label="Lines of the landscape">
      {Object.entries(MEANINGS)
        .filter(([label]) => drawn.has(label))
        .map(([label, meaning]) => (
          <li key={label} title={meaning}>
            <svg width="24" height="10" aria-hidden="true">
              {label === BEST ? (
                <circle cx="12" cy="5" r="3" fill="currentColor" />
              ) : (
                <line
                  x2="24"
                  y1="5"
                  y2="5"
                  stroke="currentColor"
                  stroke-width="2"
                  stroke-dasharray={DASHES[label]}
                />
              )}
            </svg>
            {label}
          </li>
        ))}
    </ul>
  );
}
