// What every view is given.

import {
  fetchEvents,
  fetchLayers,
  fetchRangeTests,
  fetchSeries,
  type SeriesRequest,
} from "./api.ts";
import type { HoverStore } from "./hover.ts";
import { Loader } from "./loader.ts";
import type {
  LayerSamples,
  RangeTest,
  RunSummary,
  Series,
  TrainingEvent,
} from "./records.ts";
import type { Theme } from "./scene.ts";
import type { State } from "./state.ts";

export interface Loaders {
  series: Loader<SeriesRequest, Series>;
  events: Loader<string, TrainingEvent[]>;
  rangeTests: Loader<string, RangeTest[]>;
  layers: Loader<string, LayerSamples>;
}

export interface ViewProps {
  state: State;
  update: (changes: Partial<State>) => void;
  /** All that the filter leaves, in the order of the list. */
  listed: readonly RunSummary[];
  /** Those of them that are drawn. */
  chosen: readonly RunSummary[];
  colorOf: (run: string) => string;
  loaders: Loaders;
  /** Changes with every answer of a loader. */
  revision: number;
  theme: Theme;
  hover: HoverStore;
  announce: (sentence: string) => void;
}

export function createLoaders(onChange: () => void): Loaders {
  const perRun = <Answer>(
    load: (run: string, signal: AbortSignal) => Promise<Answer>,
  ) => new Loader<string, Answer>({ load, keyOf: (run) => run, onChange, spare: 400 });
  return {
    series: new Loader({
      load: fetchSeries,
      keyOf: ({ run, columns, start, stop, maxPoints, spacing }) =>
        JSON.stringify([run, columns, start, stop, maxPoints, spacing]),
      onChange,
      // Going back to the window before should not have to wait.
      spare: 60,
    }),
    events: perRun(fetchEvents),
    rangeTests: perRun(fetchRangeTests),
    layers: perRun(fetchLayers),
  };
}

/** Fewer points for each run where there are many: the screen has no room for more. */
export function pointsPerRun(numRuns: number): number {
  return Math.max(100, Math.min(2000, Math.floor(40_000 / Math.max(1, numRuns))));
}
