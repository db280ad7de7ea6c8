import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import { PALETTE, colorsInOrder, otherSide, timeColor } from "../base/colors.ts";
import { PLAIN_THEME } from "../base/plain_theme.ts";
import type { Theme } from "../base/theme.ts";
import { SvgPainter } from "../chart/painters.ts";
import type { Curve, Mark, Scene } from "../chart/scene.ts";
import { placeLabels } from "./event_labels.ts";
import { layoutFigure, type FigureOptions, type Size } from "./figure.ts";
import {
  DEFAULT_SETTINGS,
  dotsPerUnit,
  keepSettings,
  loadSettings,
  millimetresOf,
  problemOf,
  unitsOf,
} from "./figure_settings.ts";
import { withDensity } from "./png_density.ts";
import { RecoloredPainter } from "./recolored.ts";

const WANTED = { width: 700, height: 300 };
const ROOM = { xOf: (x: number) => x, left: 0, right: 1000, hasRuns: false };
const PLAIN: FigureOptions = { hasTitle: true, focus: null };

function makeScene(runs: readonly string[], marks: Mark[] = []): Scene {
  return {
    title: "Loss",
    xLabel: "Step",
    yLabel: "loss",
    xUnit: "step",
    x: { kind: "linear", min: 0, max: 100 },
    y: { kind: "linear", min: 0, max: 10 },
    bands: [],
    areas: [],
    curves: runs.map(
      (run): Curve => ({
        ...{ run, label: run, color: "#2c59a0", weight: "thin", everyRow: false },
        ...{ xs: [0, 100], ys: [10, 0] },
      }),
    ),
    marks,
    spots: [],
  };
}

function makeMark(x: number, label: string, run = "run1", quiet = false): Mark {
  return { run, x, text: `Step ${x}: ${label}.`, label, color: "#000", quiet };
}

function draw(scene: Scene, wanted: Size = WANTED, options = PLAIN) {
  const figure = layoutFigure(scene, PLAIN_THEME, wanted, options);
  const painter = new SvgPainter();
  figure.paint(painter);
  const svg = painter.finish(figure, "white", figure);
  const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)/g)].map(
    ([, x, y, text]) => ({ x: Number(x), y: Number(y), text }),
  );
  return { figure, svg, texts, names: texts.map(({ text }) => text) };
}

test("a figure has the wanted size, its title, its axes and its legend", () => {
  const { figure, names } = draw(makeScene(["run1"]));
  assert.deepEqual([figure.width, figure.height], [700, 300]);
  for (const text of ["Loss", "loss", "Step", "run1", "0", "100"]) {
    assert.equal(names.filter((name) => name === text).length >= 1, true, text);
  }
  const untitled = draw(makeScene(["run1"]), WANTED, { ...PLAIN, hasTitle: false });
  assert.ok(!untitled.names.includes("Loss"));
  assert.equal(untitled.figure.height, 300);
});

test("all runs are in the legend, inside of the figure, for which it grows", () => {
  const runs = Array.from({ length: 60 }, (_, i) => `a run of a sweep, number ${i}`);
  const { figure, texts } = draw(makeScene(runs), { width: 340, height: 200 });
  assert.ok(figure.height > 200);
  const legend = texts.filter(({ text }) => text.startsWith("a run of"));
  assert.equal(new Set(legend.map(({ text }) => text)).size, 60);
  const places = new Set(legend.map(({ x, y }) => `${x} ${y}`));
  assert.equal(places.size, 60);
  for (const { x, y } of legend) assert.ok(x < 340 && y < figure.height);
});

test("events are labelled above the curves, each beside its line", () => {
  const marks = [makeMark(20, "Plateau"), makeMark(60, "Restart")];
  const { texts, svg } = draw(makeScene(["run1"], marks));
  const [plateau, restart] = ["Plateau", "Restart"].map(
    (name) => texts.find(({ text }) => text === name)!,
  );
  assert.equal(plateau.y, restart.y);
  // 40 of 100 steps lie between the two; the space of the curves is 616 wide.
  assert.ok(Math.abs(restart.x - plateau.x - 0.4 * 616) < 1);
  // Both lines begin three units before their letters.
  for (const { x } of [plateau, restart]) {
    assert.ok(svg.includes(`M${Math.round((x - 3) * 100) / 100} `), String(x));
  }
});

test("labels that would cover each other are in rows, and too many are counted", () => {
  const place = (xs: readonly number[]) => {
    const marks = xs.map((x) => makeMark(x, `Event at ${x}`));
    return placeLabels(marks, ROOM);
  };
  assert.deepEqual(
    place([0, 10, 500]).labels.map(({ row }) => row),
    [0, 1, 0],
  );
  // The line of the last event must not go through the label of the second.
  assert.deepEqual(
    place([0, 40, 105]).labels.map(({ row }) => row),
    [0, 1, 2],
  );
  const crowded = place([0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual([crowded.numRows, crowded.numLeftOut], [5, 2]);
  const { names } = draw(makeScene(["run1"], [0, 1, 2, 3, 4, 5, 6].map((x) => makeMark(x, `Event ${x} of a run`))));
  assert.ok(names.includes("2 events have no room for a label."));
});

test("the label of an event at the right end stands to the left of its line", () => {
  const { labels } = placeLabels([makeMark(990, "Restart")], ROOM);
  assert.deepEqual([labels[0].align, labels[0].x], ["right", 987]);
});

test("an event says its run where several are drawn, and once at one place", () => {
  const marks = [makeMark(5, "Plateau", "a"), makeMark(5, "Plateau", "a")];
  const namesOf = (runs: readonly string[]) =>
    draw(makeScene(runs, marks)).names.filter((name) => name.startsWith("Plateau"));
  assert.deepEqual(namesOf(["a"]), ["Plateau"]);
  assert.deepEqual(namesOf(["a", "b"]), ["Plateau, a"]);
});

test("the ends of epochs are named in the legend where they are drawn", () => {
  const ends = (count: number) =>
    Array.from({ length: count }, (_, i) => makeMark(i / 10, "Epoch end", "run1", true));
  assert.ok(draw(makeScene(["run1"], ends(5))).names.includes("Epoch end"));
  assert.ok(!draw(makeScene(["run1"], ends(900))).names.includes("Epoch end"));
});

test("the run that is brought out stands before the others, which fade", () => {
  const { svg } = draw(makeScene(["a", "b"]), WANTED, { ...PLAIN, focus: "b" });
  assert.equal(svg.split('<g opacity="0.25">').length, 2);
  // As on the page: thin and somewhat transparent among others, in full alone.
  assert.equal(svg.match(/stroke-width="1" [^>]*stroke-opacity="0.7"/g)?.length, 2);
  assert.equal(svg.match(/stroke-width="1.5" [^>]*stroke-opacity="1"/g)?.length, 1);
  const all = draw(makeScene(["a", "b"]), WANTED, { ...PLAIN, focus: "c" });
  assert.ok(!all.svg.includes("opacity=\"0.25\""));
});

test("a width in millimetres and letters in points give the units", () => {
  // 8 points are 8 * 96 / 72 pixels, in which 11 units go; an inch is 25.4 mm.
  const settings = { ...DEFAULT_SETTINGS, widthMm: 25.4, heightMm: 50.8, fontPt: 8 };
  const { width, height } = unitsOf(settings);
  assert.ok(Math.abs(width - (72 * 11) / 8) < 1e-9 && Math.abs(height - 2 * width) < 1e-9);
  assert.ok(Math.abs(millimetresOf({ width, height }, settings).height - 50.8) < 1e-9);
  // 300 dots an inch.
  assert.ok(Math.abs(width * dotsPerUnit(settings) - 300) < 1e-9);
});

test("settings that cannot be used are refused with the reason", () => {
  assert.equal(problemOf(DEFAULT_SETTINGS), null);
  assert.equal(
    problemOf({ ...DEFAULT_SETTINGS, widthMm: 4 }),
    "The width is from 40 to 1000 mm. Received: 4 mm.",
  );
  assert.equal(
    problemOf({ ...DEFAULT_SETTINGS, fontPt: NaN }),
    "The letters are from 4 to 30 pt. Received: nothing.",
  );
});

test("settings are kept, and nonsense in their place is the default", () => {
  const kept = new Map<string, string>();
  const store = () => ({
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  });
  assert.deepEqual(loadSettings(store), DEFAULT_SETTINGS);
  const chosen = { ...DEFAULT_SETTINGS, widthMm: 89, hasTitle: false };
  keepSettings(chosen, store);
  assert.deepEqual(loadSettings(store), chosen);
  for (const nonsense of ["{", "null", '{"widthMm": "x"}', '{"colors": "red"}', "7"]) {
    kept.set([...kept.keys()][0], nonsense);
    assert.deepEqual(loadSettings(store), DEFAULT_SETTINGS, nonsense);
  }
  const refusing = () => {
    throw new Error("refused");
  };
  assert.deepEqual(loadSettings(refusing), DEFAULT_SETTINGS);
  keepSettings(chosen, refusing);
});

test("a dark page's colours are the light ones in a figure", () => {
  const dark: Theme = { ...PLAIN_THEME, text: "#f1f1f1", background: "#3a3a3a", isDark: true };
  const painter = new SvgPainter();
  const recolored = new RecoloredPainter(painter, dark, PLAIN_THEME);
  recolored.text(0, 0, "a", { color: dark.text, size: 11 });
  for (const { dark: color } of PALETTE) recolored.dot(0, 0, 1, color);
  recolored.dot(0, 0, 1, timeColor(1));
  const svg = painter.finish(WANTED, "white", WANTED);
  const fills = [...svg.matchAll(/<(?:text|circle)[^>]* fill="([^"]*)"/g)].map(
    ([, fill]) => fill,
  );
  // Colours that say a value stay what they are.
  const light = PALETTE.map((hue) => hue.light);
  assert.deepEqual(fills, [PLAIN_THEME.text, ...light, timeColor(1)]);
});

test("each colour of a mode has one other side", () => {
  for (const side of ["light", "dark"] as const) {
    const colors = otherSide(side).map(([color]) => color);
    assert.equal(new Set(colors).size, colors.length);
  }
  const [darks, lights] = (["dark", "light"] as const).map((side) => colorsInOrder(20, side));
  const other = new Map(otherSide("dark"));
  assert.deepEqual(
    darks.map((color) => other.get(color)),
    lights,
  );
});

test("a PNG says how large it is on paper", () => {
  // A header of 33 bytes, and what comes behind it.
  const png = Uint8Array.from({ length: 40 }, (_, i) => i);
  const sized = withDensity(png, 11811);
  assert.deepEqual([...sized.subarray(0, 33)], [...png.subarray(0, 33)]);
  assert.deepEqual([...sized.subarray(54)], [...png.subarray(33)]);
  const chunk = Buffer.from(sized.subarray(33, 54));
  assert.equal(chunk.readUInt32BE(0), 9);
  assert.equal(chunk.toString("latin1", 4, 8), "pHYs");
  assert.deepEqual([chunk.readUInt32BE(8), chunk.readUInt32BE(12), chunk[16]], [11811, 11811, 1]);
  assert.equal(chunk.readUInt32BE(17), crc32(chunk.subarray(4, 17)));
});
