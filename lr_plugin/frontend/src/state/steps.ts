// The states that the person came by, so that every step can be taken back.

import type { State } from "./state.ts";

/** The state of now, and those before it, the last one last. */
export interface Steps {
  readonly now: State;
  readonly past: readonly State[];
  /** When the last change was made, in milliseconds, and of what. */
  readonly changedAt: number;
  readonly changed: string;
}

// A slider and a typed word are many changes of the same, and one step.
const PAUSE_MILLISECS = 400;
// A box zooms one axis after the other.
const AT_ONCE_MILLISECS = 50;
const MOST_STEPS = 100;

export function firstStep(state: State): Steps {
  return { now: state, past: [], changedAt: -Infinity, changed: "" };
}

/** Changes the state. Changes of the same that follow each other closely are one step. */
export function takeStep(steps: Steps, changes: Partial<State>, time: number): Steps {
  const { now, past, changedAt } = steps;
  const isNew = (key: keyof State) => !Object.is(changes[key], now[key]);
  if (!(Object.keys(changes) as (keyof State)[]).some(isNew)) return steps;
  const changed = Object.keys(changes).sort().join();
  const pause = changed === steps.changed ? PAUSE_MILLISECS : AT_ONCE_MILLISECS;
  const isSameStep = past.length > 0 && time - changedAt < pause;
  return {
    now: { ...now, ...changes },
    past: isSameStep ? past : [...past, now].slice(-MOST_STEPS),
    changedAt: time,
    changed,
  };
}

/** Takes the last step back; the first state has none before it. */
export function stepBack({ now, past }: Steps): Steps {
  const before = past[past.length - 1] ?? now;
  // What is changed next is a step of its own, however soon.
  return { ...firstStep(before), past: past.slice(0, -1) };
}

/**
 * Goes to a state that came from outside, as when the browser goes back or a link is
 * opened: if it was one of those before, to that one.
 *
 * @param isSame Tells whether two states are the same.
 */
export function jumpTo(
  steps: Steps,
  state: State,
  isSame: (a: State, b: State) => boolean,
): Steps {
  const { now, past } = steps;
  if (isSame(now, state)) return steps;
  const at = past.map((before) => isSame(before, state)).lastIndexOf(true);
  return { ...firstStep(state), past: past.slice(0, Math.max(0, at)) };
}
