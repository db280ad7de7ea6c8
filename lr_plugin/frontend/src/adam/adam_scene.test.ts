import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import type { DrawnRun } from "../chart/drawn_run.ts";
import type { Exactness, RunSummary } from "../data/records.ts";
import { buildColumn, buildUpdateRatios, type StepAxes } from "./adam_scene.ts";

const AXES: StepAxes = {
  window: null,
  xScale: "linear",
  kind: "log",
  ends: "most",
  theme: { error: "red" } as Theme,
};

function makeRun(norms: number[], exact: Exactness): DrawnRun {
  const columns = {
    step: Float64Array.from(norms, (_, i) => i),
    gradient_norm: Float64Array.from(norms),
  };
  const numRows = norms.length;
  return {
    summary: { run: "run1" } as RunSummary,
    series: { columns, numRows, rowsInWindow: numRows, exact },
    color: "blue",
  };
}

test("a gradient's norm that is not finite is marked at its step", () => {
  const spotsOf = (exact: Exactness) =>
    buildColumn([makeRun([1, Infinity, 2], exact)], "gradient_norm", "Norm", AXES)
      .spots;
  const [spot] = spotsOf("rows");
  assert.deepEqual([spot.x, spot.y, spot.text], [1, "top", "∞ at step 1."]);
  assert.equal(spotsOf("envelope")[0].text, "∞ near step 1.");
});

test("a layer whose update is NaN is marked", () => {
  const samples = {
    layers: ["conv", "head"],
    columns: ["update_ratio"],
    steps: [0, 50],
    values: {
      update_ratio: [
        [0.1, 0.1],
        [0.1, NaN],
      ],
    },
  };
  const { spots } = buildUpdateRatios(samples, null, AXES);
  assert.deepEqual(
    spots.map(({ run, x }) => [run, x]),
    [["head", 50]],
  );
});
