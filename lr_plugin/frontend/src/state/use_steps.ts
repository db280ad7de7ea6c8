// The state of the tab, in the URL as well: each step can be taken back, and each view is
// a page of the browser's history.

import { useCallback, useEffect, useState } from "preact/hooks";

import { readState, watchState, writeState } from "./host.ts";
import type { State } from "./state.ts";
import { firstStep, jumpTo, stepBack, takeStep } from "./steps.ts";
import { updateHash } from "./url.ts";

// Browsers refuse more than a hundred changes of the URL in ten seconds, which a slider
// easily makes.
const MILLISECS_TO_URL = 150;

/** Keeps the state, and what it was before. */
export function useSteps() {
  const [steps, setSteps] = useState(() => firstStep(readState()));
  const update = useCallback(
    (changes: Partial<State>) =>
      setSteps((before) => takeStep(before, changes, performance.now())),
    [],
  );
  const back = useCallback(() => setSteps(stepBack), []);
  const { now, past } = steps;
  useEffect(
    () => watchState((state) => setSteps((before) => jumpTo(before, state, isSame))),
    [],
  );
  useEffect(() => {
    const timer = setTimeout(() => writeState(now), MILLISECS_TO_URL);
    return () => clearTimeout(timer);
  }, [now]);
  useEffect(() => watchUndo(back), [back]);
  return { state: now, update, back, canGoBack: past.length > 0 };
}

function isSame(a: State, b: State): boolean {
  return updateHash("", a) === updateHash("", b);
}

/** Calls back at Ctrl+Z, except where it takes back what was typed. */
function watchUndo(onUndo: () => void): () => void {
  const press = (event: KeyboardEvent) => {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (!isUndo || isText(event.target)) return;
    event.preventDefault();
    onUndo();
  };
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement && !["checkbox", "range"].includes(target.type)
  );
}
