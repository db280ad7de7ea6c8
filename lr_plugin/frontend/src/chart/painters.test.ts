import assert from "node:assert/strict";
import { test } from "node:test";

import { PLAIN_THEME } from "../base/plain_theme.ts";
import type { Series } from "../data/records.ts";
import { paintScene } from "./paint.ts";
import { SvgPainter, escapeXml } from "./painters.ts";
import type { Scene } from "./scene.ts";

function makeScene(ys: number[], label = "run1"): Scene {
  return {
    title: "Loss",
    xLabel: "Step",
    yLabel: "loss",
    xUnit: "step",
    x: { kind: "linear", min: 0, max: 2 },
    y: { kind: "linear", min: 0, max: 10 },
    bands: [],
    areas: [],
    curves: [
      {
        run: label,
        label,
        color: "#2c59a0",
        xs: [0, 1, 2],
        ys,
        weight: "normal",
        everyRow: false,
      },
    ],
    marks: [],
    spots: [],
  };
}

function draw(scene: Scene): string {
  const painter = new SvgPainter();
  // 10 is at its top, 0 at its bottom.
  paintScene(painter, scene, { left: 72, top: 40, width: 100, height: 50 }, PLAIN_THEME);
  const size = { width: 200, height: 100 };
  return painter.finish(size, PLAIN_THEME.background, size);
}

test("a curve goes through its points", () => {
  assert.ok(draw(makeScene([10, 5, 0])).includes('d="M72 40L122 65L172 90"'));
});

test("NaN leaves a gap", () => {
  const svg = draw(makeScene([10, NaN, 0]));
  assert.ok(svg.includes('d="M72 40M172 90"'));
  assert.ok(!svg.includes("NaN"));
});

test("a value without neighbours is a dot", () => {
  assert.ok(draw(makeScene([NaN, 5, NaN])).includes('<circle cx="122" cy="65"'));
});

test("texts cannot become markup", () => {
  const scene = makeScene([1, 2, 3]);
  const label = `<script>alert("1")</script>&'`;
  scene.bands = [{ from: 0, to: 2, color: "#00f", label }];
  const svg = draw(scene);
  assert.ok(!svg.includes("<script"));
  assert.ok(
    svg.includes("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&apos;"),
  );
});

test("characters that XML does not know are replaced", () => {
  assert.equal(escapeXml("a\u0000b"), "a\ufffdb");
});

test("a guide is a line at its value, with its text", () => {
  const scene = { ...makeScene([1, 2, 3]), guides: [{ y: 5, label: "rule" }] };
  const svg = draw(scene);
  assert.ok(svg.includes('d="M72 65L172 65"') && svg.includes(">rule<"));
  scene.guides = [{ y: 11, label: "rule" }];
  assert.ok(!draw(scene).includes("rule"));
});

test("what is faded is a group of its own", () => {
  const painter = new SvgPainter();
  painter.faded(0.25, () => painter.dot(1, 2, 3, "red"));
  const size = { width: 1, height: 1 };
  const [, group] = /<g opacity="0.25">\n(.*)\n<\/g>/.exec(
    painter.finish(size, "white", size),
  )!;
  assert.ok(group.startsWith("<circle"));
});

test("infinity of either sign is a gap, on a log axis, too", () => {
  const scene = makeScene([1, -Infinity, 1]);
  scene.y = { kind: "log", min: 0.1, max: 10 };
  assert.ok(draw(scene).includes('d="M72 65M172 65"'));
});

test("bands are named at their left edge, one name above the other", () => {
  const scene = makeScene([1, 2, 3]);
  const band = { from: 1, to: 2, color: "#00f" };
  scene.bands = [
    { ...band, label: "band of a" },
    { ...band, label: "" },
    { ...band, label: "band of b" },
  ];
  const svg = draw(scene);
  const places = [...svg.matchAll(/<text x="(\d+)" y="(\d+)"[^>]*>band of (.)/g)];
  // A step of 1 is at 122, the bottom at 90.
  assert.deepEqual(
    places.map(([, x, y, run]) => [run, Number(x), Number(y)]),
    [
      ["a", 128, 84],
      ["b", 128, 70],
    ],
  );
});

test("a band is filled from its lowest to its highest values", () => {
  const scene = makeScene([0, 10, 10]);
  const [curve] = scene.curves;
  const xs = Float64Array.of(0, 1, 1, 2);
  const lows = Float64Array.of(0, 0, 5, 5);
  const highs = Float64Array.of(10, 10, 5, 5);
  curve.series = { exact: "envelope" } as Series;
  curve.envelope = { xs, lows, highs, numStretches: 2 };
  const svg = draw(scene);
  // The plot is at 72, 40 and 100 x 50 large: from 10 at its top to 0 at its bottom.
  const corners = "72,40 122,40 122,65 172,65 172,65 122,65 122,90 72,90";
  assert.ok(svg.includes(`<polygon points="${corners}"`));
  // The edges, and no line from the one to the other.
  assert.ok(svg.includes('d="M72 40L122 40L122 65L172 65"'));
  assert.ok(svg.includes('d="M72 90L122 90L122 65L172 65"'));
  assert.ok(!svg.includes('d="M72 90L122 40'));
});

test("a band that stands at one place is a line from its lowest to its highest", () => {
  const scene = makeScene([0, 10, 10]);
  const [curve] = scene.curves;
  const xs = Float64Array.of(1.3, 1.3, 1.3, 1.3, 2, 2);
  const lows = Float64Array.of(0, 0, 2, 2, 5, 5);
  const highs = Float64Array.of(6, 6, 10, 10, 8, 8);
  curve.series = { exact: "envelope" } as Series;
  curve.envelope = { xs, lows, highs, numStretches: 3 };
  const svg = draw(scene);
  assert.ok(svg.includes('d="M137 40L137 90"'));
  // Stretches that touch each other are no such place.
  assert.ok(!svg.includes('d="M172 50L172 65"'));
});

test("a stretch from 0 on is drawn on a log axis as far as one sees", () => {
  const scene = makeScene([1, 1, 1]);
  scene.x = { kind: "log", min: 1, max: 100 };
  const [curve] = scene.curves;
  const xs = Float64Array.of(0, 10, 11, 100);
  const lows = Float64Array.of(1, 1, 1, 1);
  const highs = Float64Array.of(9, 9, 5, 5);
  curve.series = { exact: "envelope" } as Series;
  curve.envelope = { xs, lows, highs, numStretches: 2 };
  const [, points] = /<polygon points="([^"]+)"/.exec(draw(scene))!;
  // Step 10 is in the middle of the plot, which begins at 72 and is 100 wide.
  const [first, second] = points.split(" ").map((pair) => pair.split(",").map(Number));
  assert.ok(first[0] < 72);
  assert.deepEqual(second, [122, first[1]]);
});

test("a band is broken where no value is finite", () => {
  const scene = makeScene([1, 1, 1]);
  const [curve] = scene.curves;
  const xs = Float64Array.of(0, 0.5, 1, 1.5, 2);
  const lows = Float64Array.of(1, 1, NaN, 1, 1);
  const highs = Float64Array.of(9, 9, NaN, 9, 9);
  curve.series = { exact: "envelope" } as Series;
  curve.envelope = { xs, lows, highs, numStretches: 3 };
  assert.equal(draw(scene).split("<polygon").length - 1, 2);
});

test("the extremes of a sample are a line where they are close, else a band", () => {
  const scene = makeScene([1, 9, 1]);
  const [curve] = scene.curves;
  const xs = Float64Array.of(0, 2);
  const [lows, highs] = [Float64Array.of(1, 1), Float64Array.of(9, 9)];
  curve.series = { exact: "sampled" } as Series;
  // 100 pixels for 3 stretches are a band, for 50 they are a line.
  curve.envelope = { xs, lows, highs, numStretches: 3 };
  assert.ok(draw(scene).includes("<polygon"));
  curve.envelope = { xs, lows, highs, numStretches: 50 };
  assert.ok(!draw(scene).includes("<polygon"));
});
