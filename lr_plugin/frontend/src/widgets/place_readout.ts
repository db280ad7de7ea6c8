// Where the table beside the cursor goes: next to the pointer, or, where it would cover
// the curves that it reads, below the chart.

import type { Hover } from "../chart/hover.ts";

// In pixels.
const EDGE = 4;
const BESIDE_POINTER = 16;
const BELOW_POINTER = 8;
// A table that covers more of the plot's width or height is docked.
const MOST_WIDTH = 0.6;
const MOST_HEIGHT = 0.9;

/** Moves the table to its place beside a chart, inside the browser window. */
export function placeReadout(element: HTMLElement, pointer: Hover): void {
  const parent = element.parentElement!;
  const card = parent.getBoundingClientRect();
  const chart = parent.querySelector(".lr-chart")!.getBoundingClientRect();
  const plot = parent.querySelector(".u-over")?.getBoundingClientRect() ?? chart;
  const { offsetWidth: width, offsetHeight: height } = element;
  let x = chart.left + pointer.left + BESIDE_POINTER;
  let y = chart.top + pointer.top + BELOW_POINTER;
  if (width > MOST_WIDTH * plot.width || height > MOST_HEIGHT * plot.height) {
    const hasRoom = card.bottom + EDGE + height + EDGE <= innerHeight;
    x = card.left;
    y = hasRoom ? card.bottom + EDGE : card.top - EDGE - height;
  } else if (x + width > plot.right) {
    x -= width + 2 * BESIDE_POINTER;
  }
  x = Math.max(EDGE, Math.min(x, innerWidth - EDGE - width));
  y = Math.max(EDGE, Math.min(y, innerHeight - EDGE - height));
  element.style.translate = `${x - card.left}px ${y - card.top}px`;
}
