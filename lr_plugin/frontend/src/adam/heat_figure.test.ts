import assert from "node:assert/strict";
import { test } from "node:test";

import type { Theme } from "../base/theme.ts";
import { SvgPainter } from "../chart/painters.ts";
import { heatColor, heatPicture } from "./heat_figure.ts";

const SAMPLES = {
  layers: ["dense/kernel", "<b>"],
  columns: ["update_ratio"],
  steps: [0, 1500],
  values: {},
};
const THEME = { text: "black", muted: "grey" } as Theme;

test("the lowest value is dark, the highest light, nothing in between", () => {
  assert.equal(heatColor(1e-3, [1e-3, 1]), "rgb(0,34,78)");
  assert.equal(heatColor(1, [1e-3, 1]), "rgb(254,232,56)");
  assert.equal(heatColor(0, [1e-3, 1]), null);
  assert.equal(heatColor(NaN, [1e-3, 1]), null);
});

test("the picture has a cell for each value and names the layers", () => {
  const painter = new SvgPainter();
  const values = [
    [1e-3, 1],
    [0.1, NaN],
  ];
  const picture = heatPicture("Ratio", SAMPLES, values, [1e-3, 1], THEME);
  picture.paint(painter);
  const svg = painter.finish(picture.width, picture.height, "white");
  assert.equal(svg.match(/<polygon/g)?.length, 3);
  for (const text of ["Ratio", "dense/kernel", "&lt;b&gt;", "step 0", "1,500"]) {
    assert.ok(svg.includes(`>${text}</text>`), text);
  }
});
