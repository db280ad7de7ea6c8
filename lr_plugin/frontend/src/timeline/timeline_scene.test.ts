import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { Exactness, RunSummary } from "../data/records.ts";
import type { EventfulRun } from "./event_place.ts";
import { buildTimeline, type TimelineOptions } from "./timeline_scene.ts";

const THEME = { error: "red", warning: "amber", muted: "grey", text: "black" } as Theme;
const OPTIONS: TimelineOptions = {
  x: "step",
  xScale: "linear",
  window: null,
  rateScale: "linear",
  lossScale: "linear",
  rateEnds: "most",
  lossEnds: "most",
  smoothing: 0,
  metric: "loss",
  metricScale: "linear",
  metricEnds: "most",
  drawnColumns: [],
  columnScale: "auto",
  columnEnds: "most",
  focus: null,
  theme: THEME,
};

function makeRun(
  name: string,
  columns: Record<string, number[]>,
  exact: Exactness = "rows",
): EventfulRun {
  const numRows = columns.step.length;
  const arrays = Object.fromEntries(
    Object.entries(columns).map(([key, values]) => [key, Float64Array.from(values)]),
  );
  return {
    summary: {
      run: name,
      epoch_marks: [],
      steps_per_epoch: 10,
      start_time: 100,
    } as unknown as RunSummary,
    series: { columns: arrays, numRows, rowsInWindow: numRows, exact },
    color: "blue",
    events: [],
  };
}

const RUN = makeRun("run1", {
  step: [0, 1, 2, 3],
  learning_rate: [0.1, 0.2, 0.3, 0.4],
  loss: [8, NaN, 2, 1],
  applied: [1, 0, 1, 1],
  wall_time: [101, 102, 103, 104],
});

test("both charts share their x axis", () => {
  const { rate, loss } = buildTimeline([RUN], OPTIONS);
  assert.equal(rate.x, loss.x);
  assert.deepEqual([rate.x.min, rate.x.max], [0, 3]);
});

test("the curves of all charts begin at the same place, whatever their numbers need", () => {
  const fine = { ...RUN.series.columns, learning_rate: [1.21541e-4, 1.21542e-4, 1.21543e-4, 1.21544e-4] };
  const columns = Object.fromEntries(
    Object.entries(fine).map(([key, values]) => [key, Array.from(values)]),
  );
  const { rate, loss } = buildTimeline([makeRun("fine", columns)], OPTIONS);
  assert.equal(rate.yRoom, loss.yRoom);
  assert.ok(rate.yRoom! > buildTimeline([RUN], OPTIONS).loss.yRoom!);
});

test("smoothing never touches the rate and leaves the raw loss visible", () => {
  const { rate, loss } = buildTimeline([RUN], { ...OPTIONS, smoothing: 100 });
  assert.equal(rate.curves.length, 1);
  assert.equal(rate.curves[0].ys, RUN.series.columns.learning_rate);
  assert.equal(loss.curves[0].ys, RUN.series.columns.loss);
  assert.equal(loss.curves[0].weight, "faint");
  assert.notEqual(loss.curves[1].ys, RUN.series.columns.loss);
});

test("a loss that is not finite is marked at its step", () => {
  const { loss } = buildTimeline([RUN], OPTIONS);
  assert.deepEqual(
    loss.spots.map(({ x, y, text }) => [x, y, text]),
    [[1, "top", "The loss of step 1 is NaN."]],
  );
});

test("an iteration that changed no weight is marked at the rate", () => {
  const { rate } = buildTimeline([RUN], OPTIONS);
  assert.deepEqual(
    rate.spots.map(({ x, y }) => [x, y]),
    [[1, "bottom"]],
  );
});

test("the y axis fits what the window shows", () => {
  const { rate } = buildTimeline([RUN], { ...OPTIONS, window: [2, 3] });
  // 0.3 to 0.4 and a twentieth of that on either side.
  assert.ok(Math.abs(rate.y.min - 0.295) < 1e-12);
  assert.ok(Math.abs(rate.y.max - 0.405) < 1e-12);
});

test("the axis of the loss ends where most runs do, and says so", () => {
  const steps = Array.from({ length: 50 }, (_, i) => i);
  const makeLoss = (name: string, loss: (step: number) => number) =>
    makeRun(name, { step: steps, learning_rate: steps, loss: steps.map(loss) });
  const runs = [
    makeLoss("a", (step) => 2 - step / 50),
    makeLoss("b", (step) => 2 - step / 60),
    makeLoss("diverged", (step) => 2 * 2 ** step),
  ];
  const cut = buildTimeline(runs, { ...OPTIONS, lossScale: "log" }).loss;
  assert.ok(cut.y.max > 2 && cut.y.max < 2.2);
  assert.deepEqual(
    cut.cuts?.map(({ side, numRuns, isApplied }) => [side, numRuns, isApplied]),
    [["top", 1, true]],
  );
  const all = { ...OPTIONS, lossScale: "log", lossEnds: "all" } as const;
  const full = buildTimeline(runs, all).loss;
  assert.ok(full.y.max > 2 ** 50);
  assert.equal(full.cuts?.[0].isApplied, false);
});

test("rates are on a log axis by themselves where their peaks are far apart", () => {
  const makeRate = (rate: number) => {
    const run = makeRun("run", { step: [0, 1], learning_rate: [rate, rate / 2] });
    return { ...run, summary: { ...run.summary, learning_rate: { max: rate } } };
  };
  const kindOf = (rates: number[], rateScale: TimelineOptions["rateScale"]) => {
    const runs = rates.map(makeRate) as EventfulRun[];
    return buildTimeline(runs, { ...OPTIONS, rateScale }).rate.y.kind;
  };
  // 1.5 decades are a factor of 31.6.
  assert.equal(kindOf([0.1, 0.1 / 30], "auto"), "linear");
  assert.equal(kindOf([0.1, 0.1 / 33], "auto"), "log");
  assert.equal(kindOf([0.1, 0.1 / 33], "linear"), "linear");
  assert.equal(kindOf([0.1], "log"), "log");
});

test("a window between two rows fits the line that crosses it", () => {
  const { rate } = buildTimeline([RUN], { ...OPTIONS, window: [1.2, 1.8] });
  assert.ok(rate.y.min <= 0.2 && rate.y.max >= 0.3);
});

test("events are where their step is on the axis", () => {
  const event = { kind: "plateau", step: 2, wall_time: 999, text: "Cut.", details: {} };
  const run = { ...RUN, events: [event] };
  const at = (x: TimelineOptions["x"]) =>
    buildTimeline([run], { ...OPTIONS, x }).rate.marks[0].x;
  assert.equal(at("step"), 2);
  assert.equal(at("epoch"), 0.2);
  // The row of step 2 was written at 103, three seconds after the start.
  assert.equal(at("relative"), 3);
  assert.equal(at("wall"), 103);
});

test("an event outside of the rows of a window has no place in time", () => {
  const events = [0, 2, 9].map((step) => {
    return { kind: "plateau", step, wall_time: 0, text: "Cut.", details: {} };
  });
  const { step, wall_time, learning_rate } = RUN.series.columns;
  const part = {
    step: [...step.slice(1)],
    wall_time: [...wall_time.slice(1)],
    learning_rate: [...learning_rate.slice(1)],
  };
  const run = { ...makeRun("run1", part), events };
  const { rate } = buildTimeline([run], { ...OPTIONS, x: "wall" });
  assert.deepEqual(
    rate.marks.map(({ x }) => x),
    [103],
  );
});

test("only the epochs of one run are marked", () => {
  const events = [
    { kind: "epoch_end", step: 2, wall_time: 0, text: "Epoch.", details: {} },
  ];
  const runs = ["run1", "run2"].map((run) => ({
    ...RUN,
    summary: { ...RUN.summary, run },
    events,
  }));
  const marksOf = (focus: string | null) =>
    buildTimeline(runs, { ...OPTIONS, focus }).rate.marks.map(({ run }) => run);
  assert.deepEqual(marksOf(null), ["run1"]);
  assert.deepEqual(marksOf("run2"), ["run2"]);
});

const EPOCHS = [1, 3].map((step, epoch) => ({
  kind: "epoch_end",
  step,
  wall_time: 0,
  text: "Epoch.",
  details: { epoch, val_loss: 4 - epoch, val_accuracy: epoch === 0 ? 0.5 : NaN },
}));

test("the loss of epochs is drawn over that of batches, which gives way", () => {
  const runs = [{ ...RUN, events: EPOCHS }];
  const { loss, metric } = buildTimeline(runs, OPTIONS);
  assert.equal(metric, null);
  assert.deepEqual(
    loss.curves.map(({ label, weight }) => [label, weight]),
    [
      ["run1", "thin"],
      ["run1: val_loss", "normal"],
    ],
  );
});

test("another metric has a chart of its own, where what is NaN is marked", () => {
  const runs = [{ ...RUN, events: EPOCHS }];
  const { loss, metric } = buildTimeline(runs, { ...OPTIONS, metric: "accuracy" });
  assert.equal(loss.curves.length, 1);
  assert.equal(metric?.title, "accuracy");
  assert.deepEqual(
    metric?.spots.map(({ x, text }) => [x, text]),
    [[3, "val_accuracy, end of epoch 2, step 3: NaN"]],
  );
  assert.equal(buildTimeline(runs, { ...OPTIONS, metric: "none" }).metric, null);
});

test("a run without a loss is drawn with its rate", () => {
  const run = makeRun("run1", { step: [0, 1], learning_rate: [1, 1] });
  const { rate, loss } = buildTimeline([run], OPTIONS);
  assert.equal(rate.curves.length, 1);
  assert.equal(loss.curves.length, 0);
});

test("of a stretch it is only said that a loss near its end is not finite", () => {
  const columns = { step: [0, 1023], learning_rate: [1, 1], loss: [1, NaN] };
  const { loss } = buildTimeline([makeRun("run1", columns, "envelope")], OPTIONS);
  assert.deepEqual(
    loss.spots.map(({ text }) => text),
    ["A loss near step 1,023 is NaN or infinite."],
  );
});

test("a single iteration is where it was, and the axis goes on to the next", () => {
  const columns = { step: [0], learning_rate: [1], loss: [1], wall_time: [1.76e9] };
  const axisOf = (x: TimelineOptions["x"]) => {
    const { rate } = buildTimeline([makeRun("run1", columns)], { ...OPTIONS, x });
    return [rate.x.min, rate.x.max];
  };
  assert.deepEqual(axisOf("step"), [0, 1]);
  assert.deepEqual(axisOf("wall"), [1.76e9, 1.76e9 + 1]);
});
