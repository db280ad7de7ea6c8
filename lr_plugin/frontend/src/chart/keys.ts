// What the keys mean in a chart.

import { fromUnit, panBy, toUnit, zoomAround, type Range } from "../base/scale.ts";
import { nearestIndex } from "../base/sorted.ts";
import type { Chart } from "./chart.ts";
import type { HoverStore } from "./hover.ts";
import { positionOnY } from "./paint.ts";
import type { Picked } from "./pick.ts";
import type { Curve, Scene } from "./scene.ts";

interface KeyedChart {
  name: string;
  scene: Scene;
  hover: HoverStore;
  focus: string | null;
  onZoom: (range: Range | null) => void;
  onZoomY: (range: Range | null) => void;
  onFocus: (run: string | null) => void;
}

/**
 * Does what a key means in a chart.
 *
 * @returns Whether it means anything.
 */
export function pressKey(
  key: string,
  isFar: boolean,
  chart: Chart,
  { name, scene, hover, focus, onZoom, onZoomY, onFocus }: KeyedChart,
): boolean {
  // The raw losses beneath smoothed ones are read where they were picked.
  const curves = scene.curves.filter(
    (curve) => curve.weight !== "faint" || curve === hover.value.picked?.curve,
  );
  const at = hover.value.x ?? fromUnit(scene.x, 0.5);
  const run = hover.value.run ?? focus;
  // One run may have several curves, as a range test has; after an update of the scene
  // they are other objects, and the first of the run has to do.
  const same = curves.findIndex((curve) => curve === hover.value.picked?.curve);
  const index =
    same < 0
      ? Math.max(
          0,
          curves.findIndex((curve) => curve.run === run),
        )
      : same;
  const moveTo = (curve: Curve, row: number) => {
    const picked: Picked = { curve, row };
    const left = chart.offset.left + chart.box.width * toUnit(scene.x, curve.xs[row]);
    const top = chart.offset.top + positionOnY(scene, chart.box, curve.ys[row]);
    const place = { left, top: Number.isFinite(top) ? top : 0 };
    hover.set({
      chart: name,
      x: curve.xs[row],
      ...place,
      pixel: 1 / chart.box.width,
      picked,
      exact: null,
      run: curve.run,
      byKeyboard: true,
    });
  };
  const move = (rows: number) => {
    const curve = curves[index];
    if (!curve) return;
    if (curve.xs.length === 1) return moveAmongDots(rows);
    const picked = hover.value.picked;
    const from =
      picked && hover.value.chart === name && picked.curve.label === curve.label
        ? picked.row
        : nearestIndex(curve.xs, at);
    moveTo(curve, Math.min(curve.xs.length - 1, Math.max(0, from + rows)));
  };
  // A dot alone has no other row: its neighbours are other runs.
  const moveAmongDots = (by: number) => {
    if (by === -Infinity) moveTo(curves[0], 0);
    else if (by === Infinity) moveTo(curves[curves.length - 1], 0);
    else if (hover.value.chart !== name || !run) moveTo(curves[index], 0);
    else change(Math.sign(by));
  };
  const change = (by: number) => {
    const curve = curves[(index + by + curves.length) % Math.max(1, curves.length)];
    if (curve) moveTo(curve, Math.max(0, nearestIndex(curve.xs, at)));
  };
  const zoomY = (factor: number) => {
    const { picked } = hover.value;
    const value = picked?.curve.ys[picked.row] ?? NaN;
    const unit = toUnit(scene.y, value);
    const isShown = unit >= 0 && unit <= 1;
    const middle = isShown ? value : fromUnit(scene.y, 0.5);
    onZoomY(zoomAround(scene.y, middle, factor));
  };
  const page = (by: number) =>
    isFar ? onZoomY(panBy(scene.y, -by)) : onZoom(panBy(scene.x, by));
  const step = isFar ? 10 : 1;
  const actions: Record<string, () => void> = {
    ArrowLeft: () => move(-step),
    ArrowRight: () => move(step),
    Home: () => move(-Infinity),
    End: () => move(Infinity),
    ArrowUp: () => change(-1),
    ArrowDown: () => change(1),
    "+": () => onZoom(zoomAround(scene.x, at, 0.5)),
    "=": () => onZoom(zoomAround(scene.x, at, 0.5)),
    "-": () => onZoom(zoomAround(scene.x, at, 2)),
    y: () => zoomY(isFar ? 2 : 0.5),
    PageUp: () => page(-0.5),
    PageDown: () => page(0.5),
    Enter: () => onFocus(run),
    Escape: () => (onZoom(null), onZoomY(null), onFocus(null)),
    "0": () => (onZoom(null), onZoomY(null)),
  };
  // Letters mean the same where the keyboard is set to capitals.
  const plain = key.length === 1 ? key.toLowerCase() : key;
  actions[plain]?.();
  return plain in actions;
}
