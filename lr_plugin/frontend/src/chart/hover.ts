// Where the pointer or the keyboard is. It is kept apart from the state because it changes
// with every frame: only what shows it listens, and nothing else is rendered again.

import type { ExactRow } from "./exact_row.ts";
import type { Picked } from "./pick.ts";

export interface Hover {
  /** Which chart the pointer is in; null if it is in none. */
  chart: string | null;
  x: number | null;
  /** Where it is, in pixels of the chart's element. */
  left: number;
  top: number;
  /** How much of the x axis one pixel is, as a share. */
  pixel: number;
  picked: Picked | null;
  /** What the server says of the picked row; null until it has answered. */
  exact: ExactRow | null;
  /** The run under the pointer, in a chart or in a list. */
  run: string | null;
  byKeyboard: boolean;
}

export const NOWHERE: Hover = {
  chart: null,
  x: null,
  left: 0,
  top: 0,
  pixel: 0,
  picked: null,
  exact: null,
  run: null,
  byKeyboard: false,
};

export class HoverStore {
  value: Hover = NOWHERE;
  readonly #listeners = new Set<() => void>();
  #frame = 0;

  /**
   * Keeps a new place; the listeners hear of it once a frame at most. What is known of
   * a row stays known as long as that row is picked.
   */
  set(value: Hover): void {
    const { exact } = this.value;
    const isSame =
      exact !== null &&
      exact.picked.curve === value.picked?.curve &&
      exact.picked.row === value.picked.row;
    this.value = isSame && value.exact === null ? { ...value, exact } : value;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      for (const listener of this.#listeners) listener();
    });
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
