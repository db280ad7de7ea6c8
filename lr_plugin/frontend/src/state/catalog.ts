// What there is to show, kept up to date: the runs, and the answers of the loaders.

import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";

import { createRunsFetcher, requestTags } from "../data/api.ts";
import { createLoaders } from "../data/loaders.ts";
import { Poller } from "../data/poller.ts";
import type { RunsAnswer } from "../data/records.ts";
import { formatTagChoices, type TagChoices } from "../data/tag_choices.ts";
import { isVisible, watchVisibility } from "./host.ts";
import { updateChanges, type RunChange } from "./run_changes.ts";

const POLL_SECS = 3;
// Hundreds of runs are drawn before all is known of them; the next answer reads on.
const FIRST_MAX_SECS = 1;
const MAX_SECS = 5;
const MILLISECS_OF_FRAME = 17;

/** Makes the loaders, and a number that changes when any of them has news. */
export function useLoaders() {
  const [revision, setRevision] = useState(0);
  const rendering = useRef({ since: 0, millisecs: 0 });
  const loaders = useMemo(() => {
    let isPlanned = false;
    const made = createLoaders(() => {
      // Twenty runs answer within a few milliseconds: one rendering is enough for all.
      // Hundreds take longer, and the page must have time for their answers.
      if (isPlanned) return;
      isPlanned = true;
      const isLast = !Object.values(made).some(({ isWaiting }) => isWaiting);
      const pause = isLast ? 0 : Math.max(16, 2 * rendering.current.millisecs);
      setTimeout(() => {
        isPlanned = false;
        rendering.current.since = performance.now();
        setRevision((number) => number + 1);
      }, pause);
    });
    return made;
  }, []);
  useLayoutEffect(() => {
    if (revision === 0) return;
    // What was rendered is on the screen two frames later.
    const measure = () => {
      const took = performance.now() - rendering.current.since;
      rendering.current.millisecs = Math.max(0, took - 2 * MILLISECS_OF_FRAME);
    };
    requestAnimationFrame(() => requestAnimationFrame(measure));
  }, [revision]);
  return { loaders, revision };
}

interface Catalog {
  /** Null until the first answer. */
  list: RunsAnswer | null;
  changes: readonly RunChange[];
  error: string | null;
}

/** Asks for the runs of the page that is about to be made. */
export function askForRuns(tags: TagChoices): Promise<RunsAnswer> {
  requestTags(tags);
  return createRunsFetcher(FIRST_MAX_SECS)();
}

/**
 * Asks for the runs every few seconds while the tab is visible.
 *
 * @param first The first answer, which is under way.
 * @param tags Those that the user has chosen of runs of other programs.
 */
export function useCatalog(first: Promise<RunsAnswer>, tags: TagChoices) {
  const expected = useRef<Promise<RunsAnswer> | null>(first);
  const [catalog, setCatalog] = useState<Catalog>({
    list: null,
    changes: [],
    error: null,
  });
  const tagsText = formatTagChoices(tags);
  useEffect(() => {
    requestTags(tags);
    const fetchRuns = createRunsFetcher(MAX_SECS);
    const poller = new Poller({
      ask: (signal) => {
        const asked = expected.current ?? fetchRuns(signal);
        expected.current = null;
        return asked;
      },
      everySecs: POLL_SECS,
      isVisible,
      onAnswer: (list) =>
        setCatalog((before) => {
          if (list === before.list && before.error === null) return before;
          const runs = before.list?.runs ?? [];
          const changes = updateChanges(before.changes, runs, list.runs);
          return { list, changes, error: null };
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
  }, [tagsText]);
  const dismissChanges = useCallback(
    () => setCatalog((before) => ({ ...before, changes: [] })),
    [],
  );
  const { list, changes, error } = catalog;
  const seen = useRef(new Set<string>());
  for (const { run } of list?.runs ?? []) seen.current.add(run);
  return {
    /** Null until the first answer. */
    runs: list?.runs ?? null,
    notices: list?.notices ?? [],
    /** All runs that were there since the tab was opened. */
    seen: seen.current as ReadonlySet<string>,
    changes: changes.map(({ sentence }) => sentence),
    error,
    dismissChanges,
  };
}
