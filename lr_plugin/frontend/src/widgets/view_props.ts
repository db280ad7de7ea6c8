// What every view is given.

import type { Dash } from "../base/line_looks.ts";
import type { ShortNames } from "../base/names.ts";
import type { Theme } from "../base/theme.ts";
import type { HoverStore } from "../chart/hover.ts";
import type { Loaders } from "../data/loaders.ts";
import type { RunSummary } from "../data/records.ts";
import type { State } from "../state/state.ts";

export interface ViewProps {
  state: State;
  update: (changes: Partial<State>) => void;
  /** All that the filter leaves, in the order of the list. */
  listed: readonly RunSummary[];
  /** Those of them that are drawn. */
  chosen: readonly RunSummary[];
  colorOf: (run: string) => string;
  /** The pattern of a drawn run's lines. */
  dashOf: (run: string) => Dash | undefined;
  /** The metric that is drawn, without regard to training or validation. */
  metric: string;
  /** The metric by which runs are judged; null if none of them has it. */
  judged: string | null;
  /** The names of the listed runs, for places with little room. */
  names: ShortNames;
  loaders: Loaders;
  /** Changes with every answer of a loader. */
  revision: number;
  theme: Theme;
  hover: HoverStore;
  announce: (sentence: string) => void;
}
