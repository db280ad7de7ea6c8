// A loader for each route that answers for a single run.

import {
  fetchEvents,
  fetchLandscape,
  fetchLayers,
  fetchRangeTests,
  fetchSeries,
  type SeriesRequest,
} from "./api.ts";
import { Loader } from "./loader.ts";
import type {
  Landscape,
  LayerSamples,
  RangeTest,
  Series,
  TrainingEvent,
} from "./records.ts";

export interface Loaders {
  series: Loader<SeriesRequest, Series>;
  events: Loader<string, TrainingEvent[]>;
  rangeTests: Loader<string, RangeTest[]>;
  layers: Loader<string, LayerSamples>;
  landscapes: Loader<string, Landscape>;
}

/** Makes the loaders; each calls `onChange` when it has news. */
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
      // Enough to go back to earlier windows without waiting.
      spare: 60,
    }),
    events: perRun(fetchEvents),
    rangeTests: perRun(fetchRangeTests),
    layers: perRun(fetchLayers),
    landscapes: perRun(fetchLandscape),
  };
}
