// Paints in the colours of the other mode: figures are light by default, whatever the
// page is.

import { otherSide } from "../base/colors.ts";
import type { Theme } from "../base/theme.ts";
import type { Box, Painter, Stroke, TextStyle } from "../chart/painter.ts";

/** Passes on all that is painted, each colour of one theme as that of the other. */
export class RecoloredPainter implements Painter {
  readonly #painter: Painter;
  readonly #colors: ReadonlyMap<string, string>;

  constructor(painter: Painter, from: Theme, to: Theme) {
    this.#painter = painter;
    this.#colors = new Map([
      ...otherSide(from.isDark ? "dark" : "light"),
      ...(Object.keys(from) as (keyof Theme)[]).flatMap((name) =>
        name === "isDark" ? [] : [[from[name], to[name]] as const],
      ),
    ]);
  }

  polyline(points: readonly number[], stroke: Stroke): void {
    this.#painter.polyline(points, { ...stroke, color: this.#of(stroke.color) });
  }

  polygon(points: readonly number[], color: string, alpha: number): void {
    this.#painter.polygon(points, this.#of(color), alpha);
  }

  dot(x: number, y: number, radius: number, color: string): void {
    this.#painter.dot(x, y, radius, this.#of(color));
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    this.#painter.text(x, y, text, { ...style, color: this.#of(style.color) });
  }

  clipped(box: Box, draw: () => void): void {
    this.#painter.clipped(box, draw);
  }

  faded(share: number, draw: () => void): void {
    this.#painter.faded(share, draw);
  }

  #of(color: string): string {
    return this.#colors.get(color) ?? color;
  }
}
