// The latest range test of each chosen run that had one.

import { useEffect, useMemo } from "preact/hooks";

import type { ViewProps } from "../widgets/view_props.ts";
import type { TestedRun } from "./range_test_scene.ts";

/** Loads the range tests of the chosen runs, and returns the latest of each run. */
export function useRangeTests({
  chosen,
  loaders,
  revision,
  colorOf,
}: ViewProps): TestedRun[] {
  useEffect(() => {
    const tested = chosen.filter(({ has }) => has.range_test);
    loaders.rangeTests.want(
      tested.map(({ run, version }) => ({ query: run, version })),
    );
  }, [loaders, chosen]);
  return useMemo(
    () =>
      chosen.flatMap(({ run }) => {
        const test = loaders.rangeTests.get(run)?.[0];
        return test ? [{ run, color: colorOf(run), test }] : [];
      }),
    [chosen, loaders, revision, colorOf],
  );
}
