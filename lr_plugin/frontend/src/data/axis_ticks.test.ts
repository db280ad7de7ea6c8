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
