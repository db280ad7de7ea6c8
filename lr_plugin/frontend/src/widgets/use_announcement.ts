// What screen readers are told.

import { useEffect } from "preact/hooks";

/** Announces a sentence whenever it is another one than before, unless it is empty. */
export function useAnnouncement(
  sentence: string,
  announce: (sentence: string) => void,
): void {
  useEffect(() => {
    if (sentence) announce(sentence);
  }, [sentence]);
}
