// Which part of their y axes the charts show: the others fit what they draw.

import type { Range } from "../base/scale.ts";
import type { View, Zooms } from "./state.ts";

const BETWEEN = " ";

/** Names the y axis of a chart: charts of one view with the same values share it. */
export function zoomKey(view: View, yLabel: string): string {
  return view + BETWEEN + yLabel;
}

/** Chooses the part of an axis; null leaves it to what is drawn. */
export function setZoom(zooms: Zooms, key: string, range: Range | null): Zooms {
  const { [key]: _, ...others } = zooms;
  return range ? { ...others, [key]: range } : others;
}

/** Leaves the axes of a view to what is drawn. */
export function clearZooms(zooms: Zooms, view: View): Zooms {
  return Object.fromEntries(
    Object.entries(zooms).filter(([key]) => !isOf(view, key)),
  );
}

/** Tells whether any axis of a view shows a part of what is drawn. */
export function hasZooms(zooms: Zooms, view: View): boolean {
  return Object.keys(zooms).some((key) => isOf(view, key));
}

function isOf(view: View, key: string): boolean {
  return key.startsWith(view + BETWEEN);
}
