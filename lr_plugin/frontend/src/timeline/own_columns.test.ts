import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { RunSummary } from "../data/records.ts";
import type { PlacedRun } from "./event_place.ts";
import { buildColumn, columnKind, ownColumns } from "./own_columns.ts";

const THEME = { error: "red" } as Theme;
const BASE = {
  x: { kind: "linear", min: 0, max: 3 },
  xUnit: "step",
  xLabel: "Step",
  bands: [],
  areas: [],
  marks: [],
} as const;

function makeRun(run: string, columns: Record<string, number[]>): PlacedRun {
  const arrays = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const numRows = arrays.step.length;
  return {
    summary: { run, columns: Object.keys(columns) } as unknown as RunSummary,
    series: { columns: arrays, numRows, rowsInWindow: numRows, exact: "rows" },
    color: "blue",
    events: [],
    xs: arrays.step,
  };
}

const STEPS = [0, 1, 2, 3];
const ACCURATE = makeRun("a", { step: STEPS, loss: STEPS, accuracy: [0.1, NaN, 0.8, 1] });
const OTHER = makeRun("b", { step: STEPS, "loss:aux": STEPS, gradient_norm: STEPS });
const OPTIONS = { columnScale: "auto", columnEnds: "most", theme: THEME } as const;

function build(runs: PlacedRun[], column: string, ends: "most" | "all" = "most") {
  // As in a picture that is not zoomed.
  const base = { ...BASE, bands: [], areas: [], marks: [] };
  return buildColumn(runs, column, "normal", base, { ...OPTIONS, columnEnds: ends });
}

test("all columns can be drawn that are not drawn anyway", () => {
  assert.deepEqual(ownColumns([ACCURATE.summary, OTHER.summary]), [
    "accuracy",
    "gradient_norm",
  ]);
});

test("a column is drawn of the runs that have it", () => {
  const scene = build([ACCURATE, OTHER], "accuracy");
  assert.deepEqual(scene?.curves.map(({ run, ys }) => [run, [...(ys as Float64Array)]]), [
    ["a", [0.1, NaN, 0.8, 1]],
  ]);
  assert.equal(scene?.title, "accuracy");
  assert.equal(build([ACCURATE, OTHER], "gradient_norm")?.title, "Gradient norm");
  assert.equal(build([ACCURATE], "missing"), null);
});

test("a value that is not finite is marked at its step", () => {
  assert.deepEqual(
    build([ACCURATE], "accuracy")?.spots.map(({ x, text }) => [x, text]),
    [[1, "accuracy is NaN at step 1."]],
  );
});

test("values over decades are on a log axis by themselves", () => {
  assert.equal(columnKind("auto", [[0.001, 1]]), "log");
  assert.equal(columnKind("auto", [[0.5, 1]]), "linear");
  assert.equal(columnKind("auto", [[-1, 1000]]), "linear");
  assert.equal(columnKind("log", [[0.5, 1]]), "log");
});

test("one run does not flatten the others", () => {
  const far = makeRun("far", { step: STEPS, accuracy: [1, 1e9, 1e12, 1e15] });
  const close = ["b", "c", "d"].map((run) => ({ ...ACCURATE, summary: { ...ACCURATE.summary, run } }));
  const cut = build([...close, far], "accuracy");
  assert.ok(cut!.y.max < 10);
  assert.equal(cut!.cuts?.[0].isApplied, true);
  assert.ok(build([...close, far], "accuracy", "all")!.y.max > 1e14);
});
