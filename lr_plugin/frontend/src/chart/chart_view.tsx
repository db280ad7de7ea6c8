// A chart with its title, its downloads and its keys.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { fromUnit, panBy, toUnit, zoomAround, type Range } from "../base/scale.ts";
import { nearestIndex } from "../base/sorted.ts";
import type { Theme } from "../base/theme.ts";
import { Chart, type Pointer } from "./chart.ts";
import { figureSize, paintFigure } from "./figure.ts";
import { NOWHERE, type HoverStore } from "./hover.ts";
import { positionOnY } from "./paint.ts";
import type { Picked } from "./pick.ts";
import { PictureCard } from "./picture_card.tsx";
import type { Picture } from "./save_picture.ts";
import type { Curve, Scene } from "./scene.ts";

export interface ChartViewProps {
  name: string;
  scene: Scene;
  theme: Theme;
  hover: HoverStore;
  focus: string | null;
  onZoom: (range: Range | null) => void;
  onFocus: (run: string | null) => void;
  children?: ComponentChildren;
}

const KEYS_HELP =
  "Arrow keys left and right move from row to row, with Shift by ten; up and down change " +
  "the run; Enter brings it out; plus and minus zoom; Page Up and Page Down pan; Escape " +
  "shows everything.";

// What a person sees who points at the chart, or has come to it with the Tab key.
const MOUSE_HINT = "Drag to zoom, double-click to show all, click to bring out a run";
const KEYS_HINT =
  "← → rows, with Shift ten · ↑ ↓ runs · Enter bring out · + − zoom · Page Up, Down pan · " +
  "Esc all";

export function ChartView(props: ChartViewProps) {
  const { name, scene, theme, hover, focus } = props;
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  // The chart lives longer than one render, and its listeners must not see an old one.
  const current = useRef(props);
  current.current = props;

  useLayoutEffect(() => {
    const made = new Chart(element.current!, scene, theme, {
      onPoint: (pointer) => point(made, pointer, name, hover),
      onZoom: (range) => current.current.onZoom(range),
      onClick: (picked) => current.current.onFocus(picked?.curve.run ?? null),
    });
    chart.current = made;
    return () => made.destroy();
  }, []);
  useLayoutEffect(() => chart.current?.show(scene, theme), [scene, theme]);
  useEffect(() => {
    const follow = () => {
      const { value } = hover;
      const isMine = value.chart === name;
      // Charts of one view share their x axis, except for those against the rate.
      const isShared = current.current.scene.xUnit !== "rate" || isMine;
      chart.current?.setCursor(isShared ? value.x : null, isMine ? value.picked : null);
      chart.current?.highlight(value.run ?? current.current.focus);
    };
    follow();
    return hover.listen(follow);
  }, [hover, focus, scene, theme]);

  const press = (event: KeyboardEvent) => {
    if (
      chart.current &&
      pressKey(event.key, event.shiftKey, chart.current, current.current)
    ) {
      event.preventDefault();
    }
  };
  return (
    <PictureCard
      title={scene.title}
      beside={
        <span class="lr-spring lr-hints" aria-hidden="true">
          <span class="lr-mouse-hint">{MOUSE_HINT}</span>
          <span class="lr-keys-hint">{KEYS_HINT}</span>
        </span>
      }
      picture={() => pictureOf(scene, theme)}
      theme={theme}
    >
      <div
        ref={element}
        class="lr-chart"
        data-chart={name}
        role="application"
        aria-roledescription="chart"
        aria-label={`${scene.title}. ${KEYS_HELP}`}
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => hover.set(NOWHERE)}
      />
      {props.children}
    </PictureCard>
  );
}

function point(chart: Chart, pointer: Pointer | null, name: string, hover: HoverStore) {
  if (!pointer) return hover.set(NOWHERE);
  const { offset } = chart;
  hover.set({
    chart: name,
    x: pointer.x,
    left: pointer.left + offset.left,
    top: pointer.top + offset.top,
    picked: pointer.picked,
    run: pointer.picked?.curve.run ?? null,
    byKeyboard: false,
  });
}

/**
 * Does what a key means in a chart.
 *
 * @returns Whether it means anything.
 */
function pressKey(
  key: string,
  isFar: boolean,
  chart: Chart,
  { name, scene, hover, focus, onZoom, onFocus }: ChartViewProps,
): boolean {
  const curves = scene.curves.filter(({ weight }) => weight !== "faint");
  const at = hover.value.x ?? fromUnit(scene.x, 0.5);
  const run = hover.value.run ?? focus;
  // One run may have several curves, as a range test has; after an update of the scene
  // they are other objects, and the first of the run has to do.
  const same = curves.findIndex((curve) => curve === hover.value.picked?.curve);
  const index =
    same < 0 ? Math.max(0, curves.findIndex((curve) => curve.run === run)) : same;
  const moveTo = (curve: Curve, row: number) => {
    const picked: Picked = { curve, row };
    const left = chart.offset.left + chart.box.width * toUnit(scene.x, curve.xs[row]);
    const top = chart.offset.top + positionOnY(scene, chart.box, curve.ys[row]);
    const place = { left, top: Number.isFinite(top) ? top : 0 };
    const x = curve.xs[row];
    hover.set({ chart: name, x, ...place, picked, run: curve.run, byKeyboard: true });
  };
  const move = (rows: number) => {
    const curve = curves[index];
    if (!curve) return;
    const picked = hover.value.picked;
    const from =
      picked && hover.value.chart === name && picked.curve.label === curve.label
        ? picked.row
        : nearestIndex(curve.xs, at);
    moveTo(curve, Math.min(curve.xs.length - 1, Math.max(0, from + rows)));
  };
  const change = (by: number) => {
    const curve = curves[(index + by + curves.length) % Math.max(1, curves.length)];
    if (curve) moveTo(curve, Math.max(0, nearestIndex(curve.xs, at)));
  };
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
    PageUp: () => onZoom(panBy(scene.x, -0.5)),
    PageDown: () => onZoom(panBy(scene.x, 0.5)),
    Enter: () => onFocus(run),
    Escape: () => (onZoom(null), onFocus(null)),
    "0": () => onZoom(null),
  };
  actions[key]?.();
  return key in actions;
}

const EXPORTED_PLOT = { width: 960, height: 360 };

function pictureOf(scene: Scene, theme: Theme): Picture {
  return {
    title: scene.title,
    ...figureSize(scene, EXPORTED_PLOT),
    paint: (painter) => paintFigure(painter, scene, EXPORTED_PLOT, theme),
  };
}
