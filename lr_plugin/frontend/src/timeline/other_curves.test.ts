import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary, Series } from "../data/records.ts";
import { LOSS_COLUMNS } from "../state/use_series.ts";
import {
  OTHER_RATES,
  describeOthers,
  otherColumns,
  otherCurves,
  timelineColumns,
} from "./other_curves.ts";

function run(name: string, ...columns: string[]): RunSummary {
  const tags = { learning_rate: "lr/pg0", loss: "g_loss" };
  return { run: name, columns: ["step", ...columns], tags } as unknown as RunSummary;
}

test("the other rates and losses of a few runs are drawn", () => {
  const others = otherColumns([
    run("a", "learning_rate", "learning_rate:lr/pg1", "loss:d_loss"),
    run("b", "learning_rate:lr/pg1"),
  ]);
  assert.deepEqual(others, { "learning_rate:lr/pg1": "lr/pg1", "loss:d_loss": "d_loss" });
  assert.deepEqual(timelineColumns(others).slice(LOSS_COLUMNS.length), [
    "learning_rate:lr/pg1",
    "loss:d_loss",
  ]);
  assert.equal(
    describeOthers([run("a")], others),
    "Solid: lr/pg0, g_loss. Dashed: lr/pg1, d_loss.",
  );
});

test("of many runs only the first rate and loss are drawn", () => {
  const runs = ["a", "b", "c", "d"].map((name) => run(name, "learning_rate:x"));
  assert.deepEqual(otherColumns(runs), {});
  assert.equal(timelineColumns({}), LOSS_COLUMNS);
  assert.equal(describeOthers(runs, {}), "");
});

test("each is a dashed curve with its name", () => {
  const xs = Float64Array.of(0, 1);
  const columns = { step: xs, "learning_rate:pg1": Float64Array.of(0.1, 0.2) };
  const series: Series = { columns, numRows: 2, rowsInWindow: 2, exact: "rows" };
  const curves = otherCurves({ summary: run("a"), series, color: "red", xs }, OTHER_RATES);
  assert.equal(curves.length, 1);
  assert.equal(curves[0].label, "a: pg1");
  assert.equal(curves[0].dashed, true);
  assert.equal(curves[0].ys, columns["learning_rate:pg1"]);
});
