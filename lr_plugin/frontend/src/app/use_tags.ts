// The scalars of other programs, asked for where they are to be chosen from.

import { useEffect, useState } from "preact/hooks";

import { fetchTags } from "../data/api.ts";
import type { ScalarTag } from "../data/records.ts";

const NO_TAGS: readonly ScalarTag[] = [];
const ASK_AGAIN_SECS = 5;

/**
 * Asks for the scalars, and again every few seconds: TensorBoard may not have loaded
 * them yet.
 *
 * @param isWanted Whether they are needed now.
 */
export function useTags(isWanted: boolean): readonly ScalarTag[] {
  const [tags, setTags] = useState(NO_TAGS);
  useEffect(() => {
    if (!isWanted) return;
    const controller = new AbortController();
    const ask = () =>
      fetchTags(controller.signal).then(
        (found) =>
          setTags((before) =>
            JSON.stringify(found) === JSON.stringify(before) ? before : found,
          ),
        // The list of runs says that TensorBoard does not answer.
        () => {},
      );
    void ask();
    const timer = setInterval(ask, 1000 * ASK_AGAIN_SECS);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, [isWanted]);
  return tags;
}
