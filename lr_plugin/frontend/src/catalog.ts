// What there is to show, kept up to date: the runs, and the answers of all loaders.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";

import { fetchRuns } from "./api.ts";
import { createLoaders } from "./context.ts";
import { isVisible, watchVisibility } from "./host.ts";
import { Poller } from "./poller.ts";
import type { RunSummary } from "./records.ts";
import { describeChanges } from "./runs.ts";

const POLL_SECS = 3;

/** Loaders, and a number that changes when any of them has news. */
export function useLoaders() {
  const [revision, setRevision] = useState(0);
  const loaders = useMemo(() => {
    let isPlanned = false;
    return createLoaders(() => {
      // Twenty runs answer within a few milliseconds: one rendering is enough for all.
      if (isPlanned) return;
      isPlanned = true;
      setTimeout(() => {
        isPlanned = false;
        setRevision((number) => number + 1);
      }, 16);
    });
  }, []);
  return { loaders, revision };
}

export interface Catalog {
  /** Null until the first answer. */
  runs: readonly RunSummary[] | null;
  notices: readonly string[];
  changes: readonly string[];
  error: string | null;
}

/** The runs there are, asked again every few seconds while the tab is visible. */
export function useCatalog() {
  const [catalog, setCatalog] = useState<Catalog>({
    runs: null,
    notices: [],
    changes: [],
    error: null,
  });
  useEffect(() => {
    const poller = new Poller({
      ask: fetchRuns,
      everySecs: POLL_SECS,
      isVisible,
      onAnswer: ({ runs, notices }) =>
        setCatalog((before) => {
          const isSame =
            JSON.stringify([runs, notices]) ===
            JSON.stringify([before.runs, before.notices]);
          if (isSame && before.error === null) return before;
          const news = before.runs ? describeChanges(before.runs, runs) : [];
          const changes = [...new Set([...before.changes, ...news])].slice(-5);
          return { runs: isSame ? before.runs : runs, notices, changes, error: null };
        }),
      onError: (sentence) =>
        setCatalog((before) => ({
          ...before,
          error: `${sentence} The tab asks again every ${POLL_SECS} seconds.`,
        })),
    });
    void poller.askNow();
    const stopWatching = watchVisibility(() => void poller.askNow());
    return () => {
      stopWatching();
      poller.stop();
    };
  }, []);
  const dismissChanges = useCallback(
    () => setCatalog((before) => ({ ...before, changes: [] })),
    [],
  );
  return { ...catalog, dismissChanges };
}
