// What a chart shows inside its axes, on three canvases over each other: all curves, the
// run that is brought out, and the dots at the cursor. Each is painted only when it
// changes: moving the cursor costs a few dots, not twenty runs.

import { areNear, toUnit } from "../base/scale.ts";
import { nearestIndex } from "../base/sorted.ts";
import type { Theme } from "../base/theme.ts";
import { paintScene, positionOnY, type Box } from "./paint.ts";
import { CanvasPainter } from "./painters.ts";
import type { Picked } from "./pick.ts";
import { READ_REACH, type Scene } from "./scene.ts";

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

  /** Paints dots on all curves at `x`, and on one picked row. */
  showDots(x: number | null, picked: Picked | null): void {
    const painter = this.#clear(this.#dots);
    if (picked) this.#paintDot(painter, picked);
    // At one rate, a run may have many rows or none.
    if (x === null || this.#scene.xUnit === "rate") return;
    for (const curve of this.#scene.curves) {
      if (curve.weight === "faint") continue;
      const row = nearestIndex(curve.xs, x);
      if (row < 0 || !areNear(this.#scene.x, curve.xs[row], x, READ_REACH)) continue;
      this.#paintDot(painter, { curve, row });
    }
  }

  #paintHighlight(): void {
    const run = this.#highlighted;
    const painter = this.#clear(this.#highlight);
    const isDrawn =
      run !== null && this.#scene.curves.some((curve) => curve.run === run);
    this.#curves.classList.toggle("lr-faded", isDrawn);
    if (isDrawn) paintScene(painter, this.#scene, this.#box, this.#theme, run);
  }

  #paintDot(painter: CanvasPainter, { curve, row }: Picked): void {
    const { left, width } = this.#box;
    const x = left + width * toUnit(this.#scene.x, curve.xs[row]);
    const y = positionOnY(this.#scene, this.#box, curve.ys[row]);
    if (!Number.isFinite(x + y)) return;
    painter.dot(x, y, 5, this.#theme.background);
    painter.dot(x, y, 3.5, curve.color);
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
