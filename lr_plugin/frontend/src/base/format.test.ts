import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatCount,
  formatDuration,
  formatDurations,
  formatNumber,
  formatTicks,
  formatWallTime,
  formatWallTimeTicks,
  formatWallTimes,
  plural,
} from "./format.ts";

test("small rates keep their digits", () => {
  assert.equal(formatNumber(1e-4), "1e-4");
  assert.equal(formatNumber(0.0025), "0.0025");
  assert.equal(formatNumber(0.003 / 1.4), "0.002143");
});

test("large values are readable", () => {
  assert.equal(formatNumber(93), "93");
  assert.equal(formatNumber(12345.6), "12,346");
  assert.equal(formatNumber(2.5e7), "2.5e7");
});

test("what is not finite is said", () => {
  assert.equal(formatNumber(NaN), "NaN");
  assert.equal(formatNumber(Infinity), "∞");
  assert.equal(formatNumber(-Infinity), "−∞");
  assert.equal(formatNumber(null), "");
});

test("ticks below one thousandth are never 0", () => {
  assert.deepEqual(formatTicks([0, 1e-4, 2e-4]), ["0", "1e-4", "2e-4"]);
});

test("ticks that are near each other can be told apart", () => {
  const ticks = [1000.001, 1000.002, 1000.003];
  assert.equal(new Set(formatTicks(ticks)).size, 3);
});

test("an axis has one notation", () => {
  assert.deepEqual(formatTicks([1e-5, 1e-3, 0.1, 1, 10]), [
    "1e-5",
    "1e-3",
    "1e-1",
    "1e0",
    "1e1",
  ]);
  assert.deepEqual(formatTicks([0.01, 0.1, 1]), ["0.01", "0.1", "1"]);
  assert.deepEqual(formatTicks([5000, 10000]), ["5,000", "10,000"]);
});

test("counts are grouped", () => {
  assert.equal(formatCount(777777), "777,777");
  assert.equal(plural(1, "run"), "1 run");
  assert.equal(plural(1000, "loss", "losses"), "1,000 losses");
});

test("durations have two units", () => {
  assert.equal(formatDuration(0.25), "0.25 s");
  assert.equal(formatDuration(59.6), "1 min");
  assert.equal(formatDuration(61), "1 min 1 s");
  assert.equal(formatDuration(3600), "1 h");
  assert.equal(formatDuration(90061), "1 d 1 h");
  assert.equal(formatDuration(-61), "−1 min 1 s");
});

test("wall times are local", () => {
  const noon = new Date(2026, 0, 31, 12, 5, 9).getTime() / 1000;
  assert.equal(formatWallTime(noon), "2026-01-31 12:05:09");
});

test("ticks of wall time say where a day begins", () => {
  const evening = new Date(2026, 0, 31, 22, 0, 0).getTime() / 1000;
  const ticks = [0, 1, 2, 3].map((hour) => evening + 3600 * hour);
  assert.deepEqual(formatWallTimeTicks(ticks), [
    "01-31 22:00",
    "23:00",
    "02-01 00:00",
    "01:00",
  ]);
});

test("lengths of time that would read alike are told apart", () => {
  assert.deepEqual(formatDurations([60, 120]), ["1 min", "2 min"]);
  // 7777.65 s are 2 h, 9 min and 37.65 s.
  assert.deepEqual(formatDurations([7777.65, 7777.7]), ["2:09:37.65", "2:09:37.70"]);
  assert.deepEqual(formatDurations([3599.9, 3600]), ["59:59.9", "1:00:00.0"]);
  assert.deepEqual(formatDurations([9.05, 9.1, 9.15]), ["9.05 s", "9.10 s", "9.15 s"]);
});

test("moments within a second are told apart", () => {
  const noon = new Date(2026, 0, 31, 12, 5, 9).getTime() / 1000;
  assert.deepEqual(formatWallTimes([noon + 0.25, noon + 0.5]), [
    "2026-01-31 12:05:09.3",
    "2026-01-31 12:05:09.5",
  ]);
  assert.deepEqual(formatWallTimeTicks([noon + 0.95, noon + 1]), [
    "01-31 12:05:09.95",
    "12:05:10.00",
  ]);
});
