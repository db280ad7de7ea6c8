// The buttons that go to the next event, spike or finding, and where one has got to.

import { formatCount } from "../base/format.ts";
import type { LandmarkKind } from "./landmarks.ts";
import type { Jumps } from "./use_jumps.ts";

const KINDS: readonly (readonly [LandmarkKind, string])[] = [
  ["event", "Events"],
  ["spike", "Spikes"],
  ["finding", "Findings"],
];
/** What the keys are for screen readers. */
export const JUMP_KEYS =
  "E goes to the next event, S to the next spike, F to the next finding, each with " +
  "Shift to the one before.";

export function JumpBar({ counts, jump, said }: Jumps) {
  return (
    <div class="lr-controls lr-jumps" role="group" aria-label="Go to">
      {KINDS.map(([kind, title]) => {
        const count = counts[kind];
        const button = (by: 1 | -1, text: string, sign: string) => (
          <button
            class="lr-segment"
            aria-label={`${text} ${kind}`}
            title={`${text} ${kind} (in a chart: ${keyOf(kind, by)})`}
            disabled={count === 0}
            onClick={() => jump(kind, by)}
          >
            {sign}
          </button>
        );
        return (
          <div class="lr-control" key={kind}>
            <span>{count === null ? title : `${title} ${formatCount(count)}`}</span>
            <span class="lr-segments">
              {button(-1, "Previous", "‹")}
              {button(1, "Next", "›")}
            </span>
          </div>
        );
      })}
      <span class="lr-muted lr-landmark" role="status">
        {said}
      </span>
    </div>
  );
}

/** Finds what a key asks for; null where it is none of these. */
export function jumpOf(
  key: string,
  isShift: boolean,
): readonly [LandmarkKind, 1 | -1] | null {
  const found = KINDS.find(([kind]) => kind.charAt(0) === key.toLowerCase());
  return found ? [found[0], isShift ? -1 : 1] : null;
}

function keyOf(kind: LandmarkKind, by: 1 | -1): string {
  return by > 0 ? kind.charAt(0) : kind.charAt(0).toUpperCase();
}
