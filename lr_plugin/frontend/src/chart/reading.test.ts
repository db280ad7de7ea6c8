import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "../data/records.ts";
import { describePlace, readAt, readPicked, type ReadableRun } from "./reading.ts";
import type { Curve } from "./scene.ts";

function makeRun(run: string, steps: number[], losses: number[]): ReadableRun {
  const columns = {
    step: Float64Array.from(steps),
    loss: Float64Array.from(losses),
    wall_time: Float64Array.from(steps, (step) => 1000 + step),
  };
  const numRows = steps.length;
  return {
    summary: {
      run,
      start_time: 1000,
      epoch_marks: [],
      steps_per_epoch: 4,
    } as unknown as RunSummary,
    series: { columns, numRows, rowsInWindow: numRows, exact: "rows" },
    color: "blue",
    xs: columns.step,
  };
}

const LONG = makeRun("long", [0, 10, 20], [3, 2, 1]);
const SHORT = makeRun("short", [0, 1], [9, 8]);

// Of 0 to 250, five are as near as is still read.
const SCALE = { kind: "linear", min: 0, max: 250 } as const;

test("each run is read at its nearest row", () => {
  const rows = readAt([LONG, SHORT], 2, SCALE);
  assert.deepEqual(
    rows.map(({ run, step, values }) => [run, step, values.loss]),
    [
      ["long", 0, 3],
      ["short", 1, 8],
    ],
  );
});

test("a run that has ended is not read", () => {
  assert.deepEqual(
    readAt([LONG, SHORT], 19, SCALE).map(({ run }) => run),
    ["long"],
  );
});

test("a place is said in step, epoch and time, the axis first", () => {
  const [row] = readAt([LONG], 10, SCALE);
  const said = describePlace(LONG.summary, row, "epoch");
  assert.match(said, /^epoch 2\.5, step 10, 10 s after the start, \d{4}-/);
  assert.match(describePlace(LONG.summary, row, "step"), /^step 10, epoch 2\.5, /);
});

test("what a run does not know is left out", () => {
  const [row] = readAt([LONG], 10, SCALE);
  delete row.values.wall_time;
  const summary = { ...LONG.summary, steps_per_epoch: null };
  assert.equal(describePlace(summary, row, "step"), "step 10");
});

test("of a curve of no run's rows, x and y are read", () => {
  const curve = { label: "t", color: "red", xs: [1e-3], ys: [0.5] } as unknown as Curve;
  const values = ["learning_rate", "loss"];
  const row = readPicked([LONG], { curve, row: 0 }, values);
  assert.deepEqual([row.run, row.values], ["t", { learning_rate: 1e-3, loss: 0.5 }]);
  const own = { ...curve, xs: LONG.xs };
  assert.equal(readPicked([LONG], { curve: own, row: 1 }, values).step, 10);
});
