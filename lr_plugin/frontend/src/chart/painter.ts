// What scenes are painted on: a canvas, or SVG.

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Stroke {
  color: string;
  width: number;
  alpha?: number;
  dash?: readonly number[];
}

export interface TextStyle {
  color: string;
  size: number;
  align?: "left" | "center" | "right";
  bold?: boolean;
}

/** Points are x, y, x, y, ...; NaN breaks the line. */
export interface Painter {
  polyline(points: readonly number[], stroke: Stroke): void;
  polygon(points: readonly number[], color: string, alpha: number): void;
  dot(x: number, y: number, radius: number, color: string): void;
  text(x: number, y: number, text: string, style: TextStyle): void;
  clipped(box: Box, draw: () => void): void;
  /** Paints what `draw` paints, but lets only this share of it be seen. */
  faded(share: number, draw: () => void): void;
}
