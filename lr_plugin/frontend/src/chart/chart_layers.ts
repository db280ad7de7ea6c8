// What a chart shows inside its axes, on three canvases over each other: all curves, the
// run that is brought out, and the dots at the cursor. Each is painted only when it
// changes: moving the cursor costs a few dots, not twenty runs.

import { toUnit } from "../base/scale.ts";
import type { Theme } from "../base/theme.ts";
import { paintScene, positionOnY } from "./paint.ts";
import type { Box } from "./painter.ts";
import { CanvasPainter } from "./painters.ts";
import type { Dot } from "./reading.ts";
import type { Scene } from "./scene.ts";

export class ChartLayers {
  readonly #curves = createCanvas();
  readonly #highlight = createCanvas();
  readonly #dots = createCanvas();
  #scene: Scene;
  #theme: Theme;
  #box: Box;
  #highlighted: string | null = null;

  constructor(scene: Scene, theme: Theme, box: Box) {
    this.#scene = scene;
    this.#theme = theme;
    this.#box = box;
  }

  /** Lists the canvases from the bottom to the top. */
  get elements(): HTMLCanvasElement[] {
    return [this.#curves, this.#highlight, this.#dots];
  }

  show(scene: Scene, theme: Theme, box: Box): void {
    this.#scene = scene;
    this.#theme = theme;
    this.#box = box;
    paintScene(this.#clear(this.#curves), scene, box, theme);
    this.#paintHighlight();
  }

  /** Brings one run out and fades the others; null shows all alike. */
  highlight(run: string | null): void {
    if (run === this.#highlighted) return;
    this.#highlighted = run;
    this.#paintHighlight();
  }

  /** Paints a dot at each row that is read. */
  showDots(dots: readonly Dot[]): void {
    const painter = this.#clear(this.#dots);
    // The first is that of the picked row: the others must not cover it.
    for (const dot of [...dots].reverse()) this.#paintDot(painter, dot);
  }

  #paintHighlight(): void {
    const run = this.#highlighted;
    const painter = this.#clear(this.#highlight);
    const isDrawn =
      run !== null && this.#scene.curves.some((curve) => curve.run === run);
    // A row of cells gets a frame: colours that have faded say nothing.
    this.#curves.classList.toggle("lr-faded", isDrawn && !this.#scene.cells);
    if (isDrawn) paintScene(painter, this.#scene, this.#box, this.#theme, run);
  }

  #paintDot(painter: CanvasPainter, dot: Dot): void {
    const { left, width } = this.#box;
    const x = left + width * toUnit(this.#scene.x, dot.x);
    const y = positionOnY(this.#scene, this.#box, dot.y);
    if (!Number.isFinite(x + y)) return;
    painter.dot(x, y, 5, this.#theme.background);
    painter.dot(x, y, 3.5, dot.color);
  }

  /** Makes a canvas as sharp as the screen, and empty. */
  #clear(canvas: HTMLCanvasElement): CanvasPainter {
    const { width, height } = this.#box;
    const ratio = devicePixelRatio;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== columns || canvas.height !== rows) {
      canvas.width = columns;
      canvas.height = rows;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return new CanvasPainter(context);
  }
}

function createCanvas(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.className = "lr-chart-layer";
  return canvas;
}
