import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULT_STATE, type State } from "./state.ts";
import { parseHash, updateHash } from "./url.ts";

test("the default state adds nothing to the URL", () => {
  assert.equal(updateHash("#learning_rate", DEFAULT_STATE), "#learning_rate");
});

test("a hash without our part is the default state", () => {
  assert.deepEqual(parseHash("#learning_rate"), DEFAULT_STATE);
  assert.deepEqual(parseHash(""), DEFAULT_STATE);
});

test("every part of the state survives the URL", () => {
  const state: State = {
    view: "loss-rate",
    choice: ["run1", "a,b", "ü & 50% = ~"],
    filter: "^run(1|2)$",
    sort: "loss",
    group: "schedule",
    x: "wall",
    xScale: "log",
    rateScale: "log",
    lossScale: "linear",
    rateEnds: "all",
    lossEnds: "all",
    metricEnds: "all",
    columnEnds: "all",
    window: [1760000000.25, 1760000100.5],
    rateWindow: [1e-5, 0.1],
    zooms: { "timeline loss": [0.5, 2], "which-rate a,b:c": [-1e-9, 1e30] },
    rateAxisScale: "linear",
    metricScale: "log",
    layerScale: "linear",
    showBest: false,
    against: "--units",
    colorBy: "seed",
    isSplit: false,
    seedPart: "s[0-9]+$",
    metric: "accuracy",
    drawnColumns: ["gradient_norm", "a,b"],
    columnScale: "log",
    eventKind: "epoch_end",
    smoothing: 20,
    isRecolored: true,
    listWidth: 420,
    isListShown: false,
    chartHeight: 1.75,
    focus: "a,b",
    layer: "dense/kernel",
    tableColumns: ["final_loss", "hparam:a,b"],
    tableSort: "hparam:x:y:descending",
    tagChoices: { "*": { loss: "a=b&c" }, "ü,1": { learning_rate: "", loss: "x/y" } },
  };
  assert.deepEqual(parseHash(updateHash("#learning_rate", state)), state);
});

test("no run and all runs are choices of their own", () => {
  for (const choice of [[], "all"] as const) {
    const hash = updateHash("#learning_rate", { ...DEFAULT_STATE, choice });
    assert.deepEqual(parseHash(hash).choice, choice);
  }
});

test("what belongs to others stays", () => {
  const hash = updateHash("#learning_rate&p.other.key=1&runSelectionState=abc", {
    ...DEFAULT_STATE,
    view: "runs",
  });
  assert.equal(
    hash,
    "#learning_rate&p.other.key=1&runSelectionState=abc&p.learning_rate.view=runs",
  );
});

test("a link to the layers works under the view's former name", () => {
  assert.equal(parseHash("#learning_rate&p.learning_rate.view=adam").view, "layers");
});

test("what was ours is replaced", () => {
  const hash = updateHash("#learning_rate&p.learning_rate.view=runs", DEFAULT_STATE);
  assert.equal(hash, "#learning_rate");
});

test("every part has exactly one equals sign, as TensorBoard's parser needs", () => {
  const state: State = { ...DEFAULT_STATE, filter: "a=b&c", choice: ["x=1&y=2"] };
  const parts = updateHash("#learning_rate", state).split("&").slice(1);
  assert.equal(parts.length, 2);
  for (const part of parts) assert.equal(part.split("=").length, 2);
});

test("nonsense is the default", () => {
  const hash =
    "#learning_rate&p.learning_rate.view=constructor&p.learning_rate.window=9~1" +
    "&p.learning_rate.smoothing=-5&p.learning_rate.listwidth=1e9&p.learning_rate.x=%E0%A4%A";
  assert.deepEqual(parseHash(hash), DEFAULT_STATE);
});
