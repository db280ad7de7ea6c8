// Whether the window is too narrow for two columns.

import { useLayoutEffect, useState } from "preact/hooks";

/** As wide as the narrow style sheet has it. */
const NARROW = "(max-width: 720px)";

/** Tells whether the window is narrow now. */
export function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => window.matchMedia(NARROW).matches);
  useLayoutEffect(() => {
    const query = window.matchMedia(NARROW);
    const follow = () => setNarrow(query.matches);
    follow();
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return isNarrow;
}
