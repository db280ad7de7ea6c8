import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULT_STATE, type State } from "./state.ts";
import { firstStep, jumpTo, stepBack, takeStep, type Steps } from "./steps.ts";

const FIRST = firstStep(DEFAULT_STATE);
const isSame = (a: State, b: State) => a.view === b.view && a.smoothing === b.smoothing;

function take(steps: Steps, ...changes: [Partial<State>, number][]): Steps {
  return changes.reduce((before, [change, at]) => takeStep(before, change, at), steps);
}

test("a step back shows what was there before", () => {
  const steps = take(FIRST, [{ window: [0, 5] }, 0], [{ window: [1, 2] }, 1000]);
  const back = stepBack(steps);
  assert.deepEqual(back.now.window, [0, 5]);
  assert.equal(stepBack(back).now, DEFAULT_STATE);
  assert.equal(stepBack(stepBack(back)).now, DEFAULT_STATE);
});

test("changes of the same that follow each other closely are one step", () => {
  const slides: [Partial<State>, number][] = [10, 20, 30, 40].map((smoothing, i) => [
    { smoothing },
    300 * i,
  ]);
  const steps = take(FIRST, ...slides);
  assert.equal(steps.now.smoothing, 40);
  assert.equal(stepBack(steps).now, DEFAULT_STATE);
  // Two axes of one box.
  const box = take(steps, [{ window: [1, 2] }, 5000], [{ zooms: { a: [1, 2] } }, 5000]);
  assert.equal(stepBack(box).now, steps.now);
  const other = takeStep(box, { filter: "a" }, 5100);
  assert.equal(stepBack(other).now, box.now);
});

test("what changes nothing is no step", () => {
  assert.equal(takeStep(FIRST, { window: null, view: "timeline" }, 0), FIRST);
});

test("a step after one that was taken back is a step of its own", () => {
  const steps = take(FIRST, [{ smoothing: 1 }, 0], [{ smoothing: 2 }, 1000]);
  const again = takeStep(stepBack(steps), { smoothing: 3 }, 1001);
  assert.equal(stepBack(again).now.smoothing, 1);
});

test("no more steps are kept than anybody takes back", () => {
  let steps = FIRST;
  for (let i = 1; i <= 500; i++) steps = takeStep(steps, { smoothing: i }, 1000 * i);
  assert.equal(steps.past.length, 100);
  assert.equal(steps.past[0].smoothing, 400);
});

test("where the browser goes back, the steps go back as well", () => {
  const steps = take(
    FIRST,
    [{ smoothing: 1 }, 0],
    [{ view: "runs" }, 1000],
    [{ view: "layers" }, 2000],
  );
  const gone = jumpTo(steps, { ...DEFAULT_STATE, smoothing: 1, view: "runs" }, isSame);
  assert.equal(gone.now.view, "runs");
  assert.deepEqual(gone.past.map(({ smoothing }) => smoothing), [0, 1]);
  assert.equal(stepBack(gone).now.view, "timeline");
});

test("a link to elsewhere has no steps before it", () => {
  const steps = takeStep(FIRST, { smoothing: 1 }, 0);
  const other: State = { ...DEFAULT_STATE, view: "loss-rate", smoothing: 7 };
  assert.deepEqual(jumpTo(steps, other, isSame).past, []);
});

test("a link to what is shown already changes nothing", () => {
  const steps = takeStep(FIRST, { smoothing: 1 }, 0);
  assert.equal(jumpTo(steps, { ...DEFAULT_STATE, smoothing: 1 }, isSame), steps);
});
