import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary, TrainingEvent } from "../data/records.ts";
import type { PlacedRun } from "./event_place.ts";
import {
  describeMetrics,
  metricColumns,
  metricCurves,
  metricNames,
} from "./metric_curves.ts";

function epochEnd(step: number, details: Record<string, unknown>): TrainingEvent {
  return { kind: "epoch_end", step, wall_time: 0, text: "", details };
}

function makeRun(events: TrainingEvent[]): PlacedRun {
  const xs = Float64Array.of(0, 9, 19, 29);
  return {
    summary: { run: "a", best_epochs: {}, extra: {} } as unknown as RunSummary,
    series: { columns: { step: xs }, numRows: 4, rowsInWindow: 4, exact: "rows" },
    color: "blue",
    events,
    xs,
  };
}

const RUN = makeRun([
  epochEnd(9, { epoch: 0, loss: 2, val_loss: 3, higher_is_better: { loss: false } }),
  epochEnd(19, { epoch: 1, loss: 1, accuracy: 0.5 }),
  epochEnd(29, { epoch: 2, loss: 0.5, val_loss: NaN, f1: "high" }),
  { ...epochEnd(5, { loss: 99 }), kind: "plateau" },
]);

test("training and validation have dots at the ends of their epochs", () => {
  const [training, validation] = metricCurves(RUN, "loss", "step");
  assert.deepEqual([...training.xs as Float64Array], [9, 19, 29]);
  assert.deepEqual([...training.ys as Float64Array], [2, 1, 0.5]);
  assert.deepEqual([...validation.xs as Float64Array], [9, 29]);
  assert.deepEqual([...validation.ys as Float64Array], [3, NaN]);
  assert.deepEqual([training.dashed, validation.dashed], [true, false]);
  assert.equal(training.color, validation.color);
});

test("a dot says its epoch, from 1, and is read in a column of its own", () => {
  const [training] = metricCurves(RUN, "loss", "step");
  assert.equal(training.describe?.(1), "loss, end of epoch 2, step 19");
  const [column] = Object.keys(training.values!(1));
  assert.equal(metricColumns("loss")[column], "loss of the epoch");
  assert.deepEqual(training.values!(1), { "metric:loss": 1 });
});

test("a metric that a run does not have makes no curve", () => {
  assert.deepEqual(metricCurves(RUN, "auc", "step"), []);
  assert.deepEqual(metricCurves(RUN, "constructor", "step"), []);
  assert.equal(metricCurves(RUN, "accuracy", "step").length, 1);
});

test("all numbers at the ends of epochs are metrics, whatever they are called", () => {
  assert.deepEqual(metricNames([RUN], []), ["accuracy", "loss"]);
  const summary = { best_epochs: { val_auc: {} }, extra: {} } as unknown as RunSummary;
  assert.deepEqual(metricNames([], [summary]), ["auc"]);
});

test("it is said what the dots are, and how many runs have none", () => {
  const curves = metricCurves(RUN, "loss", "step");
  assert.equal(
    describeMetrics(curves, "loss", 1),
    "Dots are at the ends of epochs: val_loss (solid), loss of the training (dashed).",
  );
  assert.ok(
    describeMetrics(curves, "loss", 3).endsWith(
      " Of 2 of the drawn runs there is none.",
    ),
  );
  const patterned = curves.map((curve) => ({ ...curve, dash: [2, 2] }));
  assert.ok(
    describeMetrics(patterned, "loss", 1).includes(
      "val_loss (in the pattern of its run), ",
    ),
  );
  assert.equal(describeMetrics([], "loss", 3), "");
});
