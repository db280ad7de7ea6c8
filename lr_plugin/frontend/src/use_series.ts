// The rows that a view draws: those of the window as soon as they are there, and until
// then what is known already, so that nothing flickers.

import { useEffect, useMemo, useRef } from "preact/hooks";

import type { SeriesRequest } from "./api.ts";
import { stepsInWindow, type Range, type XAxis } from "./axis.ts";
import { pointsPerRun, type Loaders } from "./context.ts";
import type { RunSummary, Series } from "./records.ts";
import type { ScaleKind } from "./scale.ts";

/** What is shown of the runs, see `State`. */
export interface SeriesAxis {
  x: XAxis;
  xScale: ScaleKind;
  window: Range | null;
}

export interface SeriesResult {
  /** By the run's name; runs without any rows yet are absent. */
  series: ReadonlyMap<string, Series>;
  isLoading: boolean;
  /** Whether some of the rows are those of another window than the one asked for. */
  isStale: boolean;
  errors: readonly string[];
}

export function useSeries(
  loaders: Loaders,
  revision: number,
  runs: readonly RunSummary[],
  columns: readonly string[],
  { x: axis, xScale, window }: SeriesAxis,
): SeriesResult {
  // What was last drawn of each run, with the set of columns it was asked for.
  const shown = useRef(new Map<string, Series>());
  const maxPoints = pointsPerRun(runs.length);
  const spacing = axis === "wall" ? "linear" : xScale;
  const requests = useMemo(
    () =>
      runs.map((run) =>
        planRequests(loaders, run, { columns, maxPoints, spacing }, axis, window),
      ),
    [loaders, revision, runs, columns, axis, window, maxPoints, spacing],
  );
  const wanted = useMemo(
    () =>
      requests.flatMap(({ run, whole, part }) =>
        [part, ...(whole ? [whole] : [])].map((query) => ({
          query,
          version: run.version,
        })),
      ),
    [requests],
  );
  useEffect(() => loaders.series.want(wanted), [loaders, wanted]);

  return useMemo(() => {
    const series = new Map<string, Series>();
    const errors: string[] = [];
    let isStale = false;
    for (const { run, whole, part } of requests) {
      const key = `${run.run}\n${part.columns.join()}`;
      const exact = loaders.series.get(part);
      const found =
        exact ?? shown.current.get(key) ?? (whole && loaders.series.get(whole));
      isStale ||= exact === null;
      if (found) {
        shown.current.set(key, found);
        series.set(run.run, found);
      }
      const error = loaders.series.error(part);
      if (error) errors.push(`${run.run}: ${error}`);
    }
    const isLoading = wanted.some((one) => !loaders.series.isSettled(one));
    return { series, errors, isLoading, isStale };
  }, [loaders, requests, wanted, revision]);
}

function planRequests(
  loaders: Loaders,
  run: RunSummary,
  { columns, ...points }: Pick<SeriesRequest, "columns" | "maxPoints" | "spacing">,
  axis: XAxis,
  window: Range | null,
): { run: RunSummary; part: SeriesRequest; whole: SeriesRequest | null } {
  const known = columns.filter((name) => run.columns.includes(name));
  const whole = { run: run.run, columns: known, start: null, stop: null, ...points };
  if (!window) return { run, part: whole, whole: null };
  // A window of time becomes steps by the times of the whole run's rows.
  const isTimed = axis === "relative" || axis === "wall";
  const rows = isTimed ? loaders.series.get(whole) : null;
  const { start, stop } = stepsInWindow(axis, run, window, rows?.columns ?? null);
  const first = start === null ? null : Math.max(0, start);
  // A run may lie outside of the window as a whole, and then still needs a valid request.
  const end = stop === null ? null : Math.max(stop, (first ?? 0) + 1);
  const part = { ...whole, start: first, stop: end };
  return { run, part, whole: isTimed ? whole : null };
}
