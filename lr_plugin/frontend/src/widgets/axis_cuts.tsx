// Says where an axis ends before its values do, and shows all of them with one click.

import { cutSentence } from "../base/axis_cut.ts";
import { formatNumber } from "../base/format.ts";
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

/** Says which part of the y axis was chosen. */
export function AxisPart(props: { scene: Scene; onFit: () => void }) {
  const { title, y, yNames } = props.scene;
  // Enough digits to tell a hundredth of the part.
  const size = Math.max(Math.abs(y.min), Math.abs(y.max));
  const digits = Math.max(3, Math.ceil(Math.log10(size / (y.max - y.min))) + 2);
  const [low, high] = [y.min, y.max].map((end) => formatNumber(end, digits));
  return (
    <p class="lr-axis-cuts" data-part={title}>
      {yNames ? "Only some of the rows are shown." : `Only ${low} to ${high} is shown.`}{" "}
      <button
        class="lr-quiet-button"
        aria-label={`Fit the axis: ${title}`}
        onClick={props.onFit}
      >
        Fit the axis
      </button>
    </p>
  );
}
