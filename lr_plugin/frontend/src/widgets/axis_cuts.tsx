// Says where an axis was cut, and shows all of it with one click.

import { cutSentence } from "../base/axis_cut.ts";
import type { Scene } from "../chart/scene.ts";
import type { AxisEnds } from "../state/state.ts";

export function AxisCuts(props: { scene: Scene; onEnds: (ends: AxisEnds) => void }) {
  const { title, cuts = [] } = props.scene;
  if (cuts.length === 0) return null;
  const { isApplied } = cuts[0];
  const text = isApplied ? "Show all" : "Cut the axis";
  return (
    <p class="lr-axis-cuts" data-cut={title}>
      {cuts.map(cutSentence).join(" ")}{" "}
      <button
        class="lr-quiet-button"
        aria-label={`${text}: ${title}`}
        onClick={() => props.onEnds(isApplied ? "all" : "most")}
      >
        {text}
      </button>
    </p>
  );
}
