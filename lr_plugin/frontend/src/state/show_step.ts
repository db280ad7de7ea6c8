// What is chosen to look at one iteration of a run.

import type { RunSummary } from "../data/records.ts";
import { toggleRun } from "./runs.ts";
import type { State } from "./state.ts";

// Near enough to see single iterations.
const REACH = 50;

/** Chooses the timeline around a step of a run, which is drawn if it was not. */
export function showStep(
  step: number,
  run: string,
  chosen: readonly RunSummary[],
): Partial<State> {
  const isChosen = chosen.some((summary) => summary.run === run);
  return {
    view: "timeline",
    x: "step",
    window: [Math.max(0, step - REACH), step + REACH],
    focus: run,
    ...(!isChosen && { choice: toggleRun(chosen, run) }),
  };
}
