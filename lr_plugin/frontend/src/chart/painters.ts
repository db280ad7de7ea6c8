// The two surfaces on which scenes are painted.

import type { Box, Painter, Stroke, TextStyle } from "./painter.ts";

type Size = Pick<Box, "width" | "height">;

export const FONT_FAMILY = "Roboto, 'Helvetica Neue', Arial, sans-serif";

export class CanvasPainter implements Painter {
  readonly #context: CanvasRenderingContext2D;
  /** How much is seen of what is painted. */
  #share = 1;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  polyline(points: readonly number[], stroke: Stroke): void {
    const context = this.#context;
    context.beginPath();
    let isDrawing = false;
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [points[i], points[i + 1]];
      if (Number.isNaN(x) || Number.isNaN(y)) {
        isDrawing = false;
      } else if (isDrawing) {
        context.lineTo(x, y);
      } else {
        context.moveTo(x, y);
        isDrawing = true;
      }
    }
    context.strokeStyle = stroke.color;
    context.lineWidth = stroke.width;
    context.globalAlpha = this.#share * (stroke.alpha ?? 1);
    context.lineJoin = "round";
    context.setLineDash([...(stroke.dash ?? [])]);
    context.stroke();
    context.globalAlpha = 1;
  }

  polygon(points: readonly number[], color: string, alpha: number): void {
    const context = this.#context;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) {
      if (Number.isFinite(points[i]) && Number.isFinite(points[i + 1])) {
        context.lineTo(points[i], points[i + 1]);
      }
    }
    context.closePath();
    context.globalAlpha = this.#share * alpha;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }

  dot(x: number, y: number, radius: number, color: string): void {
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.globalAlpha = this.#share;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    const context = this.#context;
    context.font = `${style.bold ? "500 " : ""}${style.size}px ${FONT_FAMILY}`;
    context.textAlign = style.align ?? "left";
    context.globalAlpha = this.#share;
    context.fillStyle = style.color;
    context.fillText(text, x, y);
    context.globalAlpha = 1;
  }

  clipped(box: Box, draw: () => void): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    draw();
    context.restore();
  }

  faded(share: number, draw: () => void): void {
    const before = this.#share;
    this.#share = before * share;
    draw();
    this.#share = before;
  }
}

export class SvgPainter implements Painter {
  readonly #parts: string[] = [];
  #numClips = 0;

  polyline(points: readonly number[], stroke: Stroke): void {
    const path = pathOf(points);
    if (!path) return;
    const attributes = {
      d: path,
      fill: "none",
      stroke: stroke.color,
      "stroke-width": stroke.width,
      "stroke-linejoin": "round",
      "stroke-opacity": stroke.alpha ?? 1,
      ...(stroke.dash ? { "stroke-dasharray": stroke.dash.join(" ") } : {}),
    };
    this.#parts.push(element("path", attributes));
  }

  polygon(points: readonly number[], color: string, alpha: number): void {
    const pairs: string[] = [];
    for (let i = 0; i < points.length; i += 2) {
      if (Number.isFinite(points[i]) && Number.isFinite(points[i + 1])) {
        pairs.push(`${short(points[i])},${short(points[i + 1])}`);
      }
    }
    const attributes = { points: pairs.join(" "), fill: color, "fill-opacity": alpha };
    this.#parts.push(element("polygon", attributes));
  }

  dot(x: number, y: number, radius: number, color: string): void {
    const attributes = { cx: short(x), cy: short(y), r: radius, fill: color };
    this.#parts.push(element("circle", attributes));
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    const anchors = { left: "start", center: "middle", right: "end" };
    const attributes = {
      x: short(x),
      y: short(y),
      fill: style.color,
      "font-size": style.size,
      "font-weight": style.bold ? 500 : 400,
      "text-anchor": anchors[style.align ?? "left"],
    };
    this.#parts.push(element("text", attributes, text));
  }

  clipped(box: Box, draw: () => void): void {
    const id = `clip${this.#numClips++}`;
    const { left, top, width, height } = box;
    const rect = element("rect", { x: left, y: top, width, height });
    this.#parts.push(
      `<clipPath id="${id}">${rect}</clipPath><g clip-path="url(#${id})">`,
    );
    draw();
    this.#parts.push("</g>");
  }

  faded(share: number, draw: () => void): void {
    this.#parts.push(`<g opacity="${share}">`);
    draw();
    this.#parts.push("</g>");
  }

  /**
   * Closes the document; nothing may be painted afterwards.
   *
   * @param paper How large it is on paper, in mm.
   */
  finish(size: Size, background: string, paper: Size): string {
    const [width, height] = [short(size.width), short(size.height)];
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${short(paper.width)}mm" ` +
      `height="${short(paper.height)}mm" viewBox="0 0 ${width} ${height}" ` +
      `font-family="${escapeXml(FONT_FAMILY)}">\n` +
      `${element("rect", { width, height, fill: background })}\n` +
      `${this.#parts.join("\n")}\n</svg>\n`
    );
  }
}

/** Makes a text, for instance the name of a run, safe inside XML. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&apos;");
}

function element(
  name: string,
  attributes: Record<string, string | number>,
  text = "",
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join("");
  return text
    ? `<${name}${written}>${escapeXml(text)}</${name}>`
    : `<${name}${written}/>`;
}

function pathOf(points: readonly number[]): string {
  const parts: string[] = [];
  let command = "M";
  for (let i = 0; i < points.length; i += 2) {
    if (Number.isFinite(points[i]) && Number.isFinite(points[i + 1])) {
      parts.push(`${command}${short(points[i])} ${short(points[i + 1])}`);
      command = "L";
    } else {
      command = "M";
    }
  }
  return parts.join("");
}

// A hundredth of a pixel is more than anyone sees, and halves the file.
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
