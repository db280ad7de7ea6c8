// The rows that a view draws: those of the window as soon as they are there, and until
// then the rows from before, so that nothing flickers.

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";

import { plural } from "../base/format.ts";
import type { Range, ScaleKind } from "../base/scale.ts";
import type { SeriesRequest } from "../data/api.ts";
import { stepsInWindow, type XAxis } from "../data/axis.ts";
import type { Loaders } from "../data/loaders.ts";
import { pointsPerRun, rowsInWindow } from "../data/point_budget.ts";
import { joinSeries, lengthOf, stretchesAtRates } from "../data/rate_stretches.ts";
import type { RunSummary, Series } from "../data/records.ts";

/** What is shown of the runs, see `State`. */
interface SeriesAxis {
  x: XAxis;
  xScale: ScaleKind;
  window: Range | null;
  /** Only iterations with such a rate are needed. */
  rateWindow?: Range | null;
}

export interface SeriesResult {
  /** The rows by the name of their run; runs that have none yet are missing. */
  series: ReadonlyMap<string, Series>;
  isLoading: boolean;
  /** Whether some of the rows are those of another window than the one asked for. */
  isStale: boolean;
  errors: readonly string[];
}

/**
 * The columns of both views of the loss. They are the same so that rows that one view
 * has loaded are there for the other.
 */
export const LOSS_COLUMNS = ["step", "learning_rate", "loss", "applied", "wall_time"];

// Each look narrows a run to the stretches that matter, and asks for as many points of
// them: some hundred times as close. Two looks are enough for a million iterations.
const MAX_LOOKS = 4;
const WORTH_ANOTHER_LOOK = 0.9;
const POINTS_PER_STRETCH = 250;

/**
 * Loads the rows of the runs for what is shown, and returns the best that are there.
 */
export function useSeries(
  loaders: Loaders,
  revision: number,
  runs: readonly RunSummary[],
  columns: readonly string[],
  { x: axis, xScale, window, rateWindow = null }: SeriesAxis,
): SeriesResult {
  // What was last drawn of each run, with the set of columns it was asked for.
  const shown = useRef(new Map<string, { series: Series; rateWindow: Range | null }>());
  const maxPoints = pointsPerRun(runs.map((run) => rowsInWindow(run, axis, window)));
  const spacing = axis === "wall" ? "linear" : xScale;
  const plans = useMemo(
    () =>
      runs.map((run) => {
        const known = columns.filter((name) => run.columns.includes(name));
        const request = { columns: known, maxPoints, spacing };
        const plan = planWindow(loaders, run, request, axis, window);
        return rateWindow ? planRates(loaders, plan, rateWindow) : plan;
      }),
    [loaders, revision, runs, columns, axis, window, rateWindow, maxPoints, spacing],
  );
  const wanted = useMemo(
    () =>
      plans.flatMap(({ run, parts, looks }) =>
        [...parts, ...looks].map((query) => ({ query, version: run.version })),
      ),
    [plans],
  );
  // Before the browser paints: what it paints first is without them in any case.
  useLayoutEffect(() => loaders.series.want(wanted), [loaders, wanted]);

  return useMemo(() => {
    const series = new Map<string, Series>();
    const failures: [string, string][] = [];
    let isStale = false;
    for (const { run, names, parts, nearest } of plans) {
      const key = `${run.run}\n${names.join()}`;
      const exact = rowsOf(loaders, names, parts);
      const last = shown.current.get(key);
      // Rows of another window of rates may all lie outside of this one.
      const isUsable = last && last.rateWindow === rateWindow;
      const found = exact ?? (isUsable ? last.series : nearest);
      // While a run grows, its rows at the same rates stay until there are more.
      isStale ||= exact === null && !(rateWindow && isUsable);
      if (found && (exact || !rateWindow)) {
        shown.current.set(key, { series: found, rateWindow });
      }
      if (found) series.set(run.run, found);
      const error = parts.map((part) => loaders.series.error(part)).find(Boolean);
      if (error) failures.push([run.run, error]);
    }
    const isLoading = wanted.some((one) => !loaders.series.isSettled(one));
    return { series, errors: describeFailures(failures), isLoading, isStale };
  }, [loaders, plans, wanted, rateWindow, revision]);
}

/** Says which runs could not be loaded, once for all that have the same reason. */
export function describeFailures(
  failures: readonly (readonly [run: string, reason: string])[],
): string[] {
  const runs = new Map<string, string[]>();
  for (const [run, reason] of failures) {
    runs.set(reason, [...(runs.get(reason) ?? []), run]);
  }
  return [...runs].map(([reason, [first, ...others]]) => {
    const more = others.length > 0 ? ` and ${plural(others.length, "more run")}` : "";
    return `${first}${more}: ${reason}`;
  });
}

/** What is asked for to draw a run. */
interface Plan {
  run: RunSummary;
  names: readonly string[];
  /** The requests whose rows are drawn. */
  parts: readonly SeriesRequest[];
  /** Coarser rows, asked for only to find out which parts these are. */
  looks: readonly SeriesRequest[];
  /** What can be drawn until the parts are there. */
  nearest: Series | null;
}

/** Plans what to ask for to draw the window of a run. */
function planWindow(
  loaders: Loaders,
  run: RunSummary,
  request: Pick<SeriesRequest, "columns" | "maxPoints" | "spacing">,
  axis: XAxis,
  window: Range | null,
): Plan {
  const whole = { run: run.run, start: null, stop: null, ...request };
  const plan = {
    run,
    names: request.columns,
    parts: [whole],
    looks: [],
    nearest: null,
  };
  if (!window) return plan;
  // A window of time becomes steps by the times of the whole run's rows.
  const isTimed = axis === "relative" || axis === "wall";
  const rows = isTimed ? loaders.series.get(whole) : null;
  const { start, stop } = stepsInWindow(axis, run, window, rows?.columns ?? null);
  // A run may lie outside of the window as a whole, and then still needs a valid request.
  const end = stop === null ? null : Math.max(stop, (start ?? 0) + 1);
  const parts = [{ ...whole, start, stop: end }];
  return { ...plan, parts, looks: isTimed ? [whole] : [], nearest: rows };
}

/** Narrows a plan to the stretches with such rates, as far as they are known. */
function planRates(loaders: Loaders, plan: Plan, rateWindow: Range): Plan {
  const [request] = plan.parts;
  const most = Math.max(1, Math.floor(request.maxPoints / POINTS_PER_STRETCH));
  const looks = [...plan.looks];
  let { parts, nearest } = plan;
  for (let look = 0; look < MAX_LOOKS; look++) {
    const rows = rowsOf(loaders, plan.names, parts);
    if (!rows || rows.exact === "rows" || !rows.columns.learning_rate) break;
    const stretches = stretchesAtRates(rows.columns, rateWindow, most);
    if (lengthOf(stretches) > WORTH_ANOTHER_LOOK * rows.rowsInWindow) break;
    looks.push(...parts);
    nearest = rows;
    const maxPoints = Math.floor(request.maxPoints / Math.max(1, stretches.length));
    parts = stretches.map(([start, stop]) => ({ ...request, start, stop, maxPoints }));
  }
  return { ...plan, parts, looks, nearest };
}

/** Joins the rows that were asked for; null until all are there. */
function rowsOf(
  loaders: Loaders,
  names: readonly string[],
  requests: readonly SeriesRequest[],
): Series | null {
  const parts = requests.flatMap((request) => loaders.series.get(request) ?? []);
  return parts.length === requests.length ? joinSeries(names, parts) : null;
}
