import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary, TrainingEvent } from "../data/records.ts";
import {
  ALL_KINDS,
  describeLandmark,
  eventLandmarks,
  findingLandmarks,
  nextLandmark,
  spikeLandmarks,
  type Landmark,
} from "./landmarks.ts";

function makeRun(run: string, ...events: [string, number][]) {
  return {
    summary: { run },
    events: events.map(
      ([kind, step]) => ({ kind, step, text: `${kind}.` }) as TrainingEvent,
    ),
  };
}

const RUNS = [
  makeRun("b", ["epoch_end", 9], ["plateau", 30], ["epoch_end", 39]),
  makeRun("a", ["epoch_end", 9], ["restart", 20]),
];
const places = (found: readonly Landmark[]) => found.map(({ run, step }) => [run, step]);

test("events are in order of step, those that the charts flag by default", () => {
  assert.deepEqual(places(eventLandmarks(RUNS, ALL_KINDS)), [
    ["a", 20],
    ["b", 30],
  ]);
  assert.deepEqual(places(eventLandmarks(RUNS, "epoch_end")), [
    ["a", 9],
    ["b", 9],
    ["b", 39],
  ]);
});

test("where nothing is flagged, all events count", () => {
  const quiet = [makeRun("a", ["epoch_end", 9], ["validation", 10])];
  assert.equal(eventLandmarks(quiet, ALL_KINDS).length, 2);
});

test("a finding that is about no step is no place to go to", () => {
  const run = {
    run: "a",
    findings: [
      { text: "Ignored.", step: null },
      { text: "Spike.", step: 7 },
    ],
  } as unknown as RunSummary;
  assert.deepEqual(findingLandmarks([run]), [{ run: "a", step: 7, text: "Spike." }]);
});

test("the next one is after where one is, and behind the last is the first", () => {
  const found = eventLandmarks(RUNS, "epoch_end");
  assert.equal(nextLandmark(found, found[0], 1), 1);
  assert.equal(nextLandmark(found, found[1], -1), 0);
  assert.equal(nextLandmark(found, found[2], 1), 0);
  assert.equal(nextLandmark(found, found[0], -1), 2);
  assert.equal(nextLandmark([], 0, 1), -1);
});

test("from a step that has none, both directions lead away from it", () => {
  const found = eventLandmarks(RUNS, "epoch_end");
  assert.equal(nextLandmark(found, 20, 1), 2);
  assert.equal(nextLandmark(found, 20, -1), 1);
  assert.equal(nextLandmark(found, -1, 1), 0);
});

test("a landmark says which one it is and what is there", () => {
  const spike = { step: 177_777, loss: 93, around: 0.1812, start: 0, stop: 0 };
  const [landmark] = spikeLandmarks("long", [spike]);
  assert.equal(
    describeLandmark("spike", landmark, 0, 3),
    "Spike 1 of 3: long, step 177,777: The loss is 93; the highest losses around it " +
      "are about 0.18.",
  );
});
