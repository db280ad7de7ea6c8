// The colour and the pattern of every run.

import { useMemo, useRef } from "preact/hooks";

import { PALETTE, assignColors } from "../base/colors.ts";
import { assignDashes, spreadColors, type Dash } from "../base/line_looks.ts";
import type { RunSummary } from "../data/records.ts";

interface Looks {
  colorOf: (run: string) => string;
  dashOf: (run: string) => Dash | undefined;
}

/**
 * Gives each run a colour that stays as it is, and the drawn ones patterns.
 *
 * @param isRecolored Whether the drawn runs get colours as different as can be instead.
 */
export function useLooks(
  runs: readonly RunSummary[],
  chosen: readonly RunSummary[],
  isRecolored: boolean,
  isDark: boolean,
): Looks {
  const known = useRef<ReadonlyMap<string, number>>(new Map());
  const byName = useMemo(() => {
    known.current = assignColors(namesByStart(runs), known.current);
    return known.current;
  }, [runs]);
  const drawn = useMemo(() => namesByStart(chosen), [chosen]);
  const spread = useMemo(
    () => (isRecolored ? spreadColors(drawn) : null),
    [drawn, isRecolored],
  );
  return useMemo(() => {
    const placeOf = (run: string) => spread?.get(run) ?? byName.get(run) ?? 0;
    const dashes = assignDashes(drawn, placeOf);
    return {
      colorOf: (run) => PALETTE[placeOf(run)][isDark ? "dark" : "light"],
      dashOf: (run) => dashes.get(run),
    };
  }, [byName, spread, drawn, isDark]);
}

function namesByStart(runs: readonly RunSummary[]): string[] {
  return [...runs]
    .sort(
      (a, b) => (a.start_time ?? 0) - (b.start_time ?? 0) || (a.run < b.run ? -1 : 1),
    )
    .map(({ run }) => run);
}
