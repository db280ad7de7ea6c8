// Sentences for screen readers.

import { useEffect } from "preact/hooks";

/** Tells a sentence to screen readers whenever it changes, unless it is empty. */
export function useAnnouncement(
  sentence: string,
  announce: (sentence: string) => void,
): void {
  useEffect(() => {
    if (sentence) announce(sentence);
  }, [sentence]);
}
