import assert from "node:assert/strict";
import { test } from "node:test";

import type { Exactness, RunSummary } from "../data/records.ts";
import type { ExactRow } from "./exact_row.ts";
import type { Picked } from "./pick.ts";
import { readRows, type ReadableRun } from "./reading.ts";
import type { Curve, Scene } from "./scene.ts";

function makeRun(
  run: string,
  steps: number[],
  losses: number[],
  exact: Exactness = "rows",
): ReadableRun {
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
    series: { columns, numRows, rowsInWindow: numRows, exact },
    color: "blue",
    xs: columns.step,
  };
}

const LONG = makeRun("long", [0, 10, 20], [3, 2, 1]);
const SHORT = makeRun("short", [0, 1], [9, 8]);

function makeScene(runs: readonly ReadableRun[]): Scene {
  const curves = runs.map(
    ({ summary, series, xs }) =>
      ({ run: summary.run, xs, ys: series.columns.loss, series }) as unknown as Curve,
  );
  // Of 0 to 250, five are as near as is still read.
  const x = { kind: "linear", min: 0, max: 250 };
  return { xUnit: "step", x, curves } as unknown as Scene;
}

interface At {
  x?: number;
  picked?: Picked;
  exact?: ExactRow;
  focus?: string;
}

function read(runs: readonly ReadableRun[], scene: Scene, at: At) {
  const { x = null, picked = null, exact = null, focus = null } = at;
  const options = { axis: "step" as const, focus, columns: ["learning_rate", "loss"] };
  return readRows(runs, scene, { x, picked, exact }, options);
}

test("each run is read at its nearest row, from the top of the picture down", () => {
  const runs = [LONG, SHORT];
  const rows = read(runs, makeScene(runs), { x: 2 });
  assert.deepEqual(
    rows.map(({ run, step, values }) => [run, step, values.loss]),
    [
      ["short", 1, 8],
      ["long", 0, 3],
    ],
  );
});

test("the run that is brought out comes first", () => {
  const runs = [LONG, SHORT];
  const rows = read(runs, makeScene(runs), { x: 2, focus: "long" });
  assert.equal(rows[0].run, "long");
});

test("a run that has ended is not read", () => {
  const runs = [LONG, SHORT];
  const rows = read(runs, makeScene(runs), { x: 19 });
  assert.deepEqual(
    rows.map(({ run }) => run),
    ["long"],
  );
});

test("what is read is what is highlighted: the picked row, and those beside it", () => {
  const runs = [LONG, SHORT];
  const scene = makeScene(runs);
  // The pointer is nearer to other rows in x, but this is the one it picked.
  const rows = read(runs, scene, { x: 7, picked: { curve: scene.curves[0], row: 0 } });
  assert.deepEqual(
    rows.map(({ run, step }) => [run, step]),
    [
      ["long", 0],
      ["short", 0],
    ],
  );
  for (const { step, values, dots } of rows) {
    assert.deepEqual(
      dots.map(({ x, y }) => [x, y]),
      [[step, values.loss]],
    );
  }
});

test("a dot that is no row is read before the rows at its place", () => {
  const scene = makeScene([LONG]);
  const dots = {
    run: "long",
    label: "long: val_loss",
    xs: [9],
    ys: [7],
    describe: () => "epoch 1",
    values: () => ({ "metric:val_loss": 7 }),
  } as unknown as Curve;
  const picked = { curve: dots, row: 0 };
  const rows = read([LONG], { ...scene, curves: [...scene.curves, dots] }, { x: 7, picked });
  assert.deepEqual(
    rows.map(({ run, step, values, text }) => [run, step, Object.values(values)[0], text]),
    [
      ["long: val_loss", NaN, 7, "epoch 1"],
      ["long", 10, 10, null],
    ],
  );
  // The chart beside it has no such dot, and a value of its own axis.
  const beside = read([LONG], scene, { x: 9, picked });
  assert.deepEqual(
    beside.map(({ run }) => run),
    ["long"],
  );
});

test("a chart beside it reads the same row", () => {
  const { curves } = makeScene([LONG]);
  const other = makeScene([LONG]);
  const [row] = read([LONG], other, { x: 7, picked: { curve: curves[0], row: 2 } });
  assert.equal(row.step, 20);
});

test("a row of an envelope stands for its stretch until the server has answered", () => {
  const run = makeRun("envelope", [0, 99, 100, 199], [1, 5, 2, 4], "envelope");
  const scene = makeScene([run]);
  const picked = { curve: scene.curves[0], row: 1 };
  const [drawn] = read([run], scene, { x: 99, picked });
  assert.equal(drawn.isExact, false);
  assert.deepEqual(
    [drawn.around?.firstStep, drawn.around?.lastStep, drawn.around?.count],
    [0, 99, 100],
  );
  assert.deepEqual([drawn.around?.lows.loss, drawn.around?.highs.loss], [1, 5]);
  const values = { step: 42, loss: 5, wall_time: 1042 };
  const exact = { picked, values, around: drawn.around! };
  const [found] = read([run], scene, { x: 99, picked, exact });
  assert.equal(found.isExact, true);
  assert.deepEqual([found.step, found.values.loss], [42, 5]);
  assert.deepEqual(
    found.dots.map(({ x, y }) => [x, y]),
    [[42, 5]],
  );
});

test("on a smoothed curve the dot and the smoothed value are the same", () => {
  const scene = makeScene([LONG]);
  const ys = Float64Array.of(2.5, 2.25, 2);
  const smooth = { ...scene.curves[0], ys, isSmoothed: true };
  scene.curves = [{ ...scene.curves[0], weight: "faint" }, smooth];
  const [row] = read([LONG], scene, { x: 0, picked: { curve: smooth, row: 1 } });
  assert.deepEqual([row.values.loss, row.smoothed], [2, 2.25]);
  assert.deepEqual(
    row.dots.map(({ y }) => y),
    [2.25],
  );
});

test("against the rate, only what is picked is read", () => {
  const scene = { ...makeScene([LONG]), xUnit: "value" } as Scene;
  assert.deepEqual(read([LONG], scene, { x: 3 }), []);
  const [row] = read([LONG], scene, { picked: { curve: scene.curves[0], row: 1 } });
  assert.equal(row.step, 10);
});

test("of a curve of no run's rows, x and y are read", () => {
  const curve = { label: "t", color: "red", xs: [1e-3], ys: [0.5] } as unknown as Curve;
  const scene = { ...makeScene([]), xUnit: "value", curves: [curve] } as Scene;
  const [row] = read([LONG], scene, { picked: { curve, row: 0 } });
  assert.deepEqual([row.run, row.values], ["t", { learning_rate: 1e-3, loss: 0.5 }]);
});
