// How much a loss changed, as a place on a scale that is logarithmic to both sides: one
// update gains a thousandth of the loss, and the wrong rate multiplies it.

import type { BarTick } from "../chart/scene.ts";

// In shares of the loss: smaller ones are as good as none, and larger ones as bad.
const LEAST = 1e-3;
const MOST = 1;
const MARKS = [0.01, 0.1, 1];

/**
 * Divides a change of the loss by what the loss was; NaN where nothing is known.
 *
 * @param loss Without the update; of a loss below 0, its size counts.
 */
export function relativeChange(change: number, loss: number): number {
  if (change === 0) return Number.isFinite(loss) ? 0 : NaN;
  return change / Math.abs(loss);
}

/** Finds the place of a relative change, from -1, all of the loss gone, to 1. */
export function placeOfChange(relative: number): number {
  const size = Math.min(Math.abs(relative), MOST);
  const place = Math.log10(1 + size / LEAST) / Math.log10(1 + MOST / LEAST);
  return Math.sign(relative) * place;
}

/** Lists what stands at the bar of the colours. */
export function changeTicks(): BarTick[] {
  const tick = (relative: number, label: string): BarTick => ({
    share: (1 + placeOfChange(relative)) / 2,
    label,
    isGuide: false,
  });
  return [
    ...[...MARKS].reverse().map((size) => tick(-size, `−${100 * size} %`)),
    tick(0, "0"),
    ...MARKS.map((size) =>
      tick(size, size < MOST ? `+${100 * size} %` : `≥ +${100 * size} %`),
    ),
  ];
}
