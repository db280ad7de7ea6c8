// A chart with its title, its downloads and its keys.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { Range } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { Chart, type Pointer } from "../chart/chart.ts";
import { NOWHERE, type Hover, type HoverStore } from "../chart/hover.ts";
import { pressKey } from "../chart/keys.ts";
import type { ReadRow } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { layoutFigure } from "./figure.ts";
import { PictureCard } from "./picture_card.tsx";
import type { Picture } from "./save_picture.ts";

export interface ChartViewProps {
  name: string;
  scene: Scene;
  theme: Theme;
  /** Of the chart in pixels, where the style sheet does not say it. */
  height?: number;
  hover: HoverStore;
  focus: string | null;
  /** Reads the rows at a place, those that are highlighted. */
  read: (place: Hover) => ReadRow[];
  /** A part of the x axis was chosen; null asks for all of it. */
  onZoom: (range: Range | null) => void;
  /** The same of the y axis. */
  onZoomY: (range: Range | null) => void;
  onFocus: (run: string | null) => void;
  /** Further keys: does what one means, and tells whether it means anything. */
  onKey?: (key: string, isShift: boolean) => boolean;
  /** What these are, for screen readers. */
  keysHelp?: string;
  /** What stands between the title and the downloads. */
  buttons?: ComponentChildren;
  children?: ComponentChildren;
}

const KEYS_HELP =
  "Arrow keys left and right move from row to row, with Shift by ten; up and down change " +
  "the run; Enter brings it out; plus and minus zoom across, Y and Shift Y " +
  "upright; Page Up and Page Down pan, with Shift up and down; Escape shows " +
  "everything.";

// What a person sees who points at the chart, or has come to it with the Tab key.
const MOUSE_HINT =
  "Drag across, up or over a box to zoom · Shift-drag pans · Ctrl-wheel zooms, with Shift " +
  "upright · double-click shows all · click brings out a run";
const KEYS_HINT =
  "← → rows, with Shift ten · ↑ ↓ runs · Enter bring out · + − zoom, y Y upright · Page " +
  "Up, Down pan · Esc all";

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
      onZoom: ({ x, y }) => {
        if (x !== undefined) current.current.onZoom(x);
        if (y !== undefined) current.current.onZoomY(y);
      },
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
      const isShared = current.current.scene.xUnit !== "value" || isMine;
      const rows = value.chart && isShared ? current.current.read(value) : [];
      // Dots in every row would cover the cells of a map.
      const dotted = current.current.scene.cells ? rows.slice(0, isMine ? 1 : 0) : rows;
      const dots = dotted.flatMap((row) => row.dots);
      chart.current?.setCursor(isShared ? value.x : null, dots);
      chart.current?.highlight(value.run ?? focus);
      chart.current?.prefer(focus);
    };
    follow();
    return hover.listen(follow);
  }, [hover, focus, scene, theme, props.read]);

  const press = (event: KeyboardEvent) => {
    // Those are the browser's.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!chart.current) return;
    const isUsed =
      pressKey(event.key, event.shiftKey, chart.current, current.current) ||
      current.current.onKey?.(event.key, event.shiftKey);
    if (isUsed) event.preventDefault();
  };
  return (
    <PictureCard
      title={scene.title}
      beside={
        <>
          <span class="lr-spring lr-hints" aria-hidden="true">
            <span class="lr-mouse-hint">{MOUSE_HINT}</span>
            <span class="lr-keys-hint">{KEYS_HINT}</span>
          </span>
          {props.buttons}
        </>
      }
      picture={() => pictureOf(props)}
    >
      <div
        ref={element}
        class="lr-chart"
        data-chart={name}
        style={heightOf(props.height)}
        role="application"
        aria-roledescription="chart"
        aria-label={[`${scene.title}.`, KEYS_HELP, props.keysHelp].filter(Boolean).join(" ")}
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
    pixel: 1 / chart.box.width,
    picked: pointer.picked,
    exact: null,
    run: pointer.picked?.curve.run ?? null,
    byKeyboard: false,
  });
}

function pictureOf({ scene, theme, focus }: ChartViewProps): Picture {
  return {
    title: scene.title,
    theme,
    layout: (wanted, hasTitle) => layoutFigure(scene, theme, wanted, { hasTitle, focus }),
  };
}

/** Gives a chart its own height, as far as charts are not made higher by hand. */
function heightOf(pixels: number | undefined): { height: string } | undefined {
  if (pixels === undefined) return undefined;
  return { height: `calc(var(--lr-chart-height) * ${pixels}px)` };
}
