import assert from "node:assert/strict";
import { test } from "node:test";

import { PALETTE, assignColors, changeColor, timeColor } from "./colors.ts";

test("as many runs as there are colours have different ones", () => {
  const names = PALETTE.map((_, i) => `run${i}`);
  assert.equal(new Set(assignColors(names).values()).size, PALETTE.length);
});

test("a new run changes no other run's colour", () => {
  const names = Array.from({ length: 25 }, (_, i) => `trial_${i}`);
  const before = assignColors(names);
  const after = assignColors([...names, "one_more"]);
  for (const name of names) assert.equal(after.get(name), before.get(name));
});

test("any ten runs that follow each other have different colours", () => {
  const names = Array.from({ length: 40 }, (_, i) => `trial_${i}`);
  const places = [...assignColors(names).values()];
  for (let i = 0; i + 10 <= 40; i++) {
    assert.equal(new Set(places.slice(i, i + 10)).size, 10);
  }
});

test("a deleted run changes no colour of those that were known with it", () => {
  const names = Array.from({ length: 25 }, (_, i) => `trial_${i}`);
  const before = assignColors(names);
  const after = assignColors(names.slice(1), before);
  for (const name of names) assert.equal(after.get(name), before.get(name));
});

test("a run alone has the colour of its name", () => {
  assert.equal(assignColors(["a"]).get("a"), assignColors(["a"]).get("a"));
  const places = new Set(
    Array.from({ length: 50 }, (_, i) => assignColors([`run${i}`]).get(`run${i}`)),
  );
  assert.ok(places.size > 5, "names spread over the palette");
});

test("time goes from dark to light, as cividis does", () => {
  assert.equal(timeColor(0), "rgb(0,34,78)");
  assert.equal(timeColor(1), "rgb(254,232,56)");
  const light = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    lightness(parseRgb(timeColor(share))),
  );
  assert.deepEqual(
    light,
    [...light].sort((a, b) => a - b),
  );
});

// Machado, Oliveira & Fernandes, "A Physiologically-based Model for Simulation of Color
// Vision Deficiency", 2009, severity 1, for linear RGB.
const VISION: Record<string, number[][]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

for (const side of ["light", "dark"] as const) {
  const page = side === "light" ? "#ffffff" : "#3a3a3a";

  for (const [name, matrix] of Object.entries(VISION)) {
    test(`colours on a ${side} page can be told apart with ${name} vision`, () => {
      const seen = PALETTE.map((hue) => toLab(see(matrix, parseHex(hue[side]))));
      seen.forEach((a, i) =>
        seen.slice(i + 1).forEach((b, j) => {
          const distance = Math.hypot(...a.map((value, k) => value - b[k]));
          // About 2.3 is just noticeable where large areas touch; thin lines that are
          // apart need many times that.
          assert.ok(distance > 20, `${i} and ${i + 1 + j}: ${distance.toFixed(1)}`);
        }),
      );
    });
  }

  test(`colours stand out from a ${side} page`, () => {
    for (const hue of PALETTE) {
      const ratio = contrast(parseHex(hue[side]), parseHex(page));
      assert.ok(ratio >= 3, `${hue[side]}: ${ratio.toFixed(2)}`);
    }
  });
}

for (const side of ["light", "dark"] as const) {
  const page = side === "light" ? "#ffffff" : "#3a3a3a";

  test(`no change has the colour of a ${side} page`, () => {
    assert.equal(changeColor(0.5, side), page);
  });

  for (const [name, matrix] of Object.entries(VISION)) {
    test(`falls and rises on a ${side} page are told apart with ${name} vision`, () => {
      const labOf = (share: number) =>
        toLab(see(matrix, parseHex(changeColor(share, side))));
      const distance = (a: number[], b: number[]) =>
        Math.hypot(...a.map((value, k) => value - b[k]));
      for (const size of [0.1, 0.2, 0.3, 0.4, 0.5]) {
        const [fall, rise] = [labOf(0.5 - size), labOf(0.5 + size)];
        const apart = distance(fall, rise);
        assert.ok(apart > 15, `±${size}: ${apart.toFixed(1)}`);
        // The larger a change, the further from the page.
        for (const sign of [-1, 1]) {
          const [near, far] = [labOf(0.5 + sign * (size - 0.1)), labOf(0.5 + sign * size)];
          const step = distance(far, labOf(0.5)) - distance(near, labOf(0.5));
          assert.ok(step > 2.3, `${sign * size}: ${step.toFixed(1)}`);
        }
      }
    });
  }
}

type Rgb = number[];

function parseHex(text: string): Rgb {
  return [1, 3, 5].map((at) =>
    toLinearLight(parseInt(text.slice(at, at + 2), 16) / 255),
  );
}

function parseRgb(text: string): Rgb {
  return text.match(/\d+/g)!.map((value) => toLinearLight(Number(value) / 255));
}

function toLinearLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function see(matrix: number[][], color: Rgb): Rgb {
  return matrix.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, factor, i) => sum + factor * color[i], 0),
      ),
    ),
  );
}

function lightness([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [lightness(a), lightness(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** CIE L*a*b*, white D65. */
function toLab([r, g, b]: Rgb): number[] {
  const root = (value: number) =>
    value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
