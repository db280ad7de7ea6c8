import assert from "node:assert/strict";
import { test } from "node:test";

import { tickWidth, ticksWithRoom } from "./axis_ticks.ts";

test("long texts have fewer ticks, so that none is written over another", () => {
  // Twelve microseconds of 2025: 05.123451, 05.123452, ...
  const scale = { kind: "linear", min: 1.76e9, max: 1.76e9 + 0.01 } as const;
  for (const length of [240, 480, 960]) {
    const { ticks, labels } = ticksWithRoom(scale, "wall", length, 90);
    const spacing = ((ticks[1] - ticks[0]) / 0.01) * length;
    assert.ok(spacing > Math.max(...labels.map(tickWidth)), `${length}: ${labels}`);
  }
});

test("short texts have the room that they are given", () => {
  const scale = { kind: "linear", min: 0, max: 10 } as const;
  const { labels } = ticksWithRoom(scale, "step", 900, 90);
  assert.deepEqual(labels.slice(0, 3), ["0", "1", "2"]);
});

test("a narrow axis has two numbers, which tell its scale", () => {
  const narrow = (kind: "linear" | "log", min: number, max: number) =>
    ticksWithRoom({ kind, min, max }, kind === "log" ? "value" : "step", 185, 90).labels;
  assert.deepEqual(narrow("linear", 0, 4999), ["0", "2,000", "4,000"]);
  assert.deepEqual(narrow("linear", 0, 999), ["0", "500"]);
  assert.deepEqual(narrow("log", 2.1e-6, 0.4), ["0.0001", "0.01"]);
  for (const max of [1.5, 7, 19, 49.9, 999, 1001, 4999, 19_999, 999_999, 2e6, 9.9e8]) {
    assert.ok(narrow("linear", 0, max).length >= 2, String(max));
  }
});

test("shares of a run are percents", () => {
  const scale = { kind: "linear", min: 0, max: 100 } as const;
  const { labels } = ticksWithRoom(scale, "share", 540, 90);
  assert.deepEqual(labels, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]);
});
