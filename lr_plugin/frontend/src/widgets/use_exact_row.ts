// Asks the server for the iterations at the picked place, once the pointer rests there.

import { useEffect, useRef } from "preact/hooks";

import { readAnswer, stepsAround } from "../chart/exact_row.ts";
import type { HoverStore } from "../chart/hover.ts";
import type { Picked } from "../chart/pick.ts";
import type { ReadableRun } from "../chart/reading.ts";
import type { Scene } from "../chart/scene.ts";
import { fetchSeries, type SeriesRequest } from "../data/api.ts";

const REST_MILLISECS = 60;
// A pixel of a million iterations holds a thousand: all of them come.
const MAX_POINTS = 2000;

/** Adds to the place in a chart what its drawn points stand for. */
export function useExactRow(
  hover: HoverStore,
  chart: string,
  scene: Scene,
  runs: readonly ReadableRun[],
): void {
  const current = useRef({ scene, runs });
  current.current = { scene, runs };
  useEffect(() => {
    let asked: Picked | null = null;
    let asking = new AbortController();
    const ask = async (picked: Picked, request: SeriesRequest) => {
      const { signal } = asking;
      await new Promise((rest) => setTimeout(rest, REST_MILLISECS));
      if (signal.aborted) return;
      try {
        const answer = await fetchSeries(request, signal);
        // What was picked meanwhile has aborted this.
        if (signal.aborted) return;
        hover.set({ ...hover.value, exact: readAnswer(picked, answer) });
      } catch {
        // The drawn values stay on the screen, with the words for what they are; that
        // the server does not answer is said above the charts.
      }
    };
    const follow = () => {
      const { picked, pixel } = hover.value;
      const mine = hover.value.chart === chart ? picked : null;
      if (isSame(mine, asked)) return;
      asking.abort();
      asking = new AbortController();
      asked = mine;
      const request = mine && requestFor(mine, pixel, current.current);
      if (mine && request) void ask(mine, request);
    };
    const stop = hover.listen(follow);
    return () => {
      stop();
      asking.abort();
    };
  }, [hover, chart]);
}

function requestFor(
  picked: Picked,
  pixel: number,
  { scene, runs }: { scene: Scene; runs: readonly ReadableRun[] },
): SeriesRequest | null {
  const { series } = picked.curve;
  const run = series && runs.find((candidate) => candidate.series === series);
  if (!run) return null;
  const x = scene.xUnit === "value" ? null : scene.x;
  const steps = stepsAround(picked, x, pixel);
  return (
    steps && {
      run: run.summary.run,
      columns: Object.keys(run.series.columns),
      start: steps[0],
      stop: steps[1],
      maxPoints: MAX_POINTS,
      spacing: "linear",
    }
  );
}

function isSame(a: Picked | null, b: Picked | null): boolean {
  return a?.curve === b?.curve && a?.row === b?.row;
}
