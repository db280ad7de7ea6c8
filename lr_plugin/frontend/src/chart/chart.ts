// One chart on the screen. uPlot makes the axes, the grid, the cursor and the selection.
// The curves are painted on layers of our own: each run has its own x, while uPlot wants
// one x column for all of them.

import uPlot from "uplot";

import { fromUnit, toLinear, toUnit, type Scale } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { isDrag, watchGestures } from "../gestures/watch_gestures.ts";
import {
  draggedZoom,
  selectedZoom,
  wheelZoom,
  zoomScale,
  type Zoom,
} from "../gestures/zoom.ts";
import { ChartLayers } from "./chart_layers.ts";
import type { Box } from "./painter.ts";
import { pickRow, type Picked } from "./pick.ts";
import { createAxis, rightPadding } from "./plot_axis.ts";
import type { Dot } from "./reading.ts";
import type { Scene } from "./scene.ts";

// How near to a curve, in pixels, the pointer picks it.
const REACH = 14;
// In pixels; a shorter drag is the click of an unsteady hand.
const SHORTEST_DRAG = 5;
// A drag that is longer in both directions chooses a box.
const SHORTEST_BOX = 30;

export interface Pointer {
  x: number;
  left: number;
  top: number;
  picked: Picked | null;
}

interface ChartListeners {
  onPoint: (pointer: Pointer | null) => void;
  /** Parts of the axes were chosen. */
  onZoom: (zoom: Zoom) => void;
  onClick: (picked: Picked | null) => void;
}

export class Chart {
  readonly #root: HTMLElement;
  readonly #listeners: ChartListeners;
  readonly #layers: ChartLayers;
  readonly #resizes: ResizeObserver;
  #plot: uPlot | null = null;
  #stopGestures = () => {};
  #fitted: Scene;
  /** Where a gesture has moved the axes, until it ends. */
  #moved: Zoom = {};
  #theme: Theme;
  #preferred: string | null = null;
  #isPressed = false;

  constructor(
    root: HTMLElement,
    scene: Scene,
    theme: Theme,
    listeners: ChartListeners,
  ) {
    this.#root = root;
    this.#fitted = scene;
    this.#theme = theme;
    this.#listeners = listeners;
    this.#layers = new ChartLayers(scene, theme, this.box);
    this.#resizes = new ResizeObserver(() => this.#fit());
    this.#resizes.observe(root);
    this.#fit();
  }

  show(scene: Scene, theme: Theme): void {
    if (scene === this.#fitted && theme === this.#theme) return;
    this.#fitted = scene;
    this.#theme = theme;
    this.#plot?.setData(this.#limits());
    // The axes may need other room than before.
    this.#plot?.redraw(false, true);
  }

  /** Brings one run out and fades the others; null shows all alike. */
  highlight(run: string | null): void {
    this.#layers.highlight(run);
  }

  /** Says which run the pointer picks also where another is somewhat nearer. */
  prefer(run: string | null): void {
    this.#preferred = run;
  }

  /** Moves the cursor to an x, which may come from another chart; null hides it. */
  setCursor(x: number | null, dots: readonly Dot[]): void {
    const left = x === null ? -10 : this.box.width * toUnit(this.#scene.x, x);
    const isInside = left >= 0 && left <= this.box.width;
    const place = isInside ? { left, top: 0 } : { left: -10, top: -10 };
    // While the button is down, uPlot's cursor is a corner of what is chosen.
    if (!this.#isPressed) this.#plot?.setCursor(place, false);
    this.#layers.showDots(dots);
  }

  /** Tells the size of the space inside the axes, in pixels. */
  get box(): Box {
    const over = this.#plot?.over;
    return {
      left: 0,
      top: 0,
      width: over?.clientWidth ?? 0,
      height: over?.clientHeight ?? 0,
    };
  }

  /** Tells where that space begins inside the chart's element. */
  get offset(): { left: number; top: number } {
    const over = this.#plot?.over;
    return { left: over?.offsetLeft ?? 0, top: over?.offsetTop ?? 0 };
  }

  destroy(): void {
    this.#resizes.disconnect();
    this.#stopGestures();
    this.#plot?.destroy();
    this.#plot = null;
  }

  get #scene(): Scene {
    const { x, y } = this.#moved;
    if (!x && !y) return this.#fitted;
    const scene = this.#fitted;
    return { ...scene, x: zoomScale(scene.x, x), y: zoomScale(scene.y, y) };
  }

  #fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#root;
    // In a hidden tab there is nothing to fit; the observer calls again when it is shown.
    if (width === 0 || height === 0) return;
    const plot = this.#plot;
    if (!plot) this.#plot = this.#build(width, height);
    // The observer calls at first, too.
    else if (plot.width !== width || plot.height !== height) {
      plot.setSize({ width, height });
    }
  }

  #build(width: number, height: number): uPlot {
    const plot = new uPlot(
      {
        width,
        height,
        padding: [8, ({ width: all }) => rightPadding(this.#scene, all), 0, 0],
        legend: { show: false },
        scales: {
          x: { time: false, range: () => ends(this.#scene.x) },
          y: { range: () => ends(this.#scene.y) },
        },
        // A series without points: uPlot insists on one, and draws nothing of it.
        series: [{}, { points: { show: false } }],
        axes: [
          createAxis(
            "x",
            () => this.#scene,
            () => this.#theme,
          ),
          createAxis(
            "y",
            () => this.#scene,
            () => this.#theme,
          ),
        ],
        cursor: {
          y: false,
          points: { show: false },
          drag: {
            x: true,
            y: true,
            uni: SHORTEST_BOX,
            setScale: false,
            dist: SHORTEST_DRAG,
          },
          bind: {
            mousedown: (_, __, select) => (event) =>
              isDrag(event) ? null : select(event),
            dblclick: () => () => (this.#listeners.onZoom({ x: null, y: null }), null),
          },
        },
        hooks: {
          setSelect: [(self) => this.#selected(self)],
          draw: [() => this.#paint()],
        },
      },
      this.#limits(),
      this.#root,
    );
    // uPlot draws, and its hook paints, when this task has ended.
    plot.over.append(...this.#layers.elements);
    this.#listen(plot.over);
    return plot;
  }

  // Of the data uPlot knows the ends of the x axis only.
  #limits(): uPlot.AlignedData {
    return [ends(this.#scene.x), [null, null]];
  }

  #listen(over: HTMLElement): void {
    let pressed = { x: 0, y: 0 };
    const place = (event: MouseEvent): Pointer => {
      const bounds = over.getBoundingClientRect();
      const left = event.clientX - bounds.left;
      const top = event.clientY - bounds.top;
      const x = fromUnit(this.#scene.x, left / bounds.width);
      const pointer = { left, top, reach: REACH, preferred: this.#preferred };
      return { x, left, top, picked: pickRow(this.#scene, this.box, pointer) };
    };
    over.addEventListener("mousemove", (event) => {
      this.#isPressed = event.buttons % 2 === 1;
      this.#listeners.onPoint(place(event));
    });
    over.addEventListener("mouseleave", () => this.#listeners.onPoint(null));
    over.addEventListener("mousedown", (event) => {
      pressed = { x: event.clientX, y: event.clientY };
      // Here already: what the pointer did before the press is followed in the next frame.
      this.#isPressed = event.button === 0;
      const release = () => (this.#isPressed = false);
      // The button may be released anywhere.
      document.addEventListener("mouseup", release, { once: true });
    });
    over.addEventListener("click", (event) => {
      const distance = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
      if (distance >= SHORTEST_DRAG) return;
      this.#listeners.onClick(place(event).picked);
    });
    this.#stopGestures = watchGestures(over, {
      onDrag: (across, down) => {
        this.#move(draggedZoom(this.#fitted, this.box, across, down));
      },
      onWheel: (factor, side, event) => {
        const { left, top, width, height } = over.getBoundingClientRect();
        const across = (event.clientX - left) / width;
        const up = 1 - (event.clientY - top) / height;
        const value = fromUnit(this.#scene[side], side === "x" ? across : up);
        this.#move({ ...this.#moved, ...wheelZoom(this.#scene, side, value, factor) });
      },
      onEnd: () => {
        const moved = this.#moved;
        this.#listeners.onZoom(moved);
        this.#move({});
      },
    });
  }

  /** Shows another part of the axes than the one that was asked for. */
  #move(zoom: Zoom): void {
    this.#moved = zoom;
    this.#plot?.setData(this.#limits());
  }

  #selected(plot: uPlot): void {
    const { width, height } = plot.select;
    if (Math.min(width, height) < SHORTEST_DRAG) return;
    const zoom = selectedZoom(this.#scene, this.box, plot.select);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#listeners.onZoom(zoom);
  }

  #paint(): void {
    this.#layers.show(this.#scene, this.#theme, this.box);
  }
}

function ends(scale: Scale): [number, number] {
  return [toLinear(scale, scale.min), toLinear(scale, scale.max)];
}
