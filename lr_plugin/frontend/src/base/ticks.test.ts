import assert from "node:assert/strict";
import { test } from "node:test";

import { durationTicks, linearTicks, logTicks, stepTicks } from "./ticks.ts";

test("linear ticks are free of rounding noise", () => {
  assert.deepEqual(linearTicks(0, 0.5, 5), [0, 0.1, 0.2, 0.3, 0.4, 0.5]);
});

test("linear ticks lie inside the axis", () => {
  assert.deepEqual(linearTicks(0.0024, 0.0031, 4), [0.0024, 0.0026, 0.0028, 0.003]);
});

test("many decades have one tick each", () => {
  assert.deepEqual(logTicks(1e-5, 1, 8), [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]);
});

test("more decades than room leave out decades", () => {
  assert.deepEqual(logTicks(1e-8, 1, 4), [1e-8, 1e-6, 1e-4, 1e-2, 1]);
});

test("few decades have ticks in between", () => {
  assert.deepEqual(
    logTicks(1e-3, 1e-1, 10),
    [1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 1e-1],
  );
});

test("a log axis of less than a decade has the ticks of a linear one", () => {
  assert.deepEqual(logTicks(0.0024, 0.0031, 4), [0.0024, 0.0026, 0.0028, 0.003]);
});

test("a log axis never has fewer than two ticks", () => {
  for (let low = 1e-7; low < 1e3; low *= 1.7) {
    for (const ratio of [1.01, 1.3, 2, 4, 8, 20, 90, 1000, 1e7]) {
      const ticks = logTicks(low, low * ratio, 6);
      assert.ok(ticks.length >= 2, `${low} to ${low * ratio}: ${ticks}`);
      assert.ok(ticks.length <= 14, `${low} to ${low * ratio}: ${ticks}`);
    }
  }
});

test("steps are whole", () => {
  assert.deepEqual(stepTicks(100, 103, 10), [100, 101, 102, 103]);
});

test("durations are in units of clocks", () => {
  assert.deepEqual(durationTicks(0, 240, 4), [0, 60, 120, 180, 240]);
  assert.deepEqual(durationTicks(0, 7 * 3600, 4), [0, 7200, 14400, 21600]);
});
