// A loader for each route that answers for a single run.

import {
  fetchEvents,
  fetchLandscape,
  fetchLayers,
  fetchRangeTests,
  fetchSeriesOfRuns,
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

// Each request takes some milliseconds of the server and of the browser. Charts fill with
// every answer, so that not all runs are asked for at once.
const MOST_TOGETHER = 25;
// Larger answers are sent to few clients at a time (lr_plugin/http_api.md).
const LARGE_BYTES = 1 << 18;
// So many names of this length fit into an address, whatever they are written in.
const LONGEST_NAME = 150;

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
  ) =>
    new Loader<string, Answer>({
      load: async ([run], signal) => [await load(run, signal)],
      keyOf: (run) => run,
      groupOf: (run) => run,
      mostTogether: () => 1,
      onChange,
      spare: 400,
    });
  return {
    series: new Loader({
      load: fetchSeriesOfRuns,
      keyOf: ({ run, columns, start, stop, maxPoints, spacing }) =>
        JSON.stringify([run, columns, start, stop, maxPoints, spacing]),
      groupOf: ({ columns, start, stop, maxPoints, spacing }) =>
        JSON.stringify([columns, start, stop, maxPoints, spacing]),
      mostTogether: ({ run, columns, maxPoints }) =>
        run.length > LONGEST_NAME
          ? 1
          : Math.min(
              MOST_TOGETHER,
              Math.floor(LARGE_BYTES / (8 * columns.length * maxPoints)),
            ),
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
