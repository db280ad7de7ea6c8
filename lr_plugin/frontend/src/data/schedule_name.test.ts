import assert from "node:assert/strict";
import { test } from "node:test";

import type { RunSummary } from "./records.ts";
import { describeSchedule, nameSchedule } from "./schedule_name.ts";

const made = (class_name: string, config: Record<string, unknown> = {}) => ({
  class_name,
  config,
});
const cosine = made("CosineDecay", { initial_learning_rate: 0.1, warmup_steps: 0 });
const rise = made("PolynomialDecay", {
  initial_learning_rate: 0.001,
  end_learning_rate: 0.1,
  power: 1,
});
const joined = (...schedules: unknown[]) => made("Joined", { schedules, boundaries: [50] });

test("what is joined of parts is named by them", () => {
  const cases: [RunSummary["schedule"], string][] = [
    [cosine, "cosine"],
    [joined(rise, cosine), "warmup + cosine"],
    [made("Multiplied", { schedule: joined(rise, cosine) }), "warmup + cosine × plateau"],
    [joined(0.1, made("PolynomialDecay", { power: 1 })), "constant + linear"],
    [joined(rise, 0.1), "warmup + constant"],
    [made("Staircase", { schedule: cosine }), "cosine by epochs"],
    [made("Clock", { schedule: made("Triangular") }), "triangular"],
    [made("CosineDecay", { warmup_steps: 10 }), "warmup + cosine"],
    [made("constant"), "constant"],
  ];
  for (const [schedule, name] of cases) assert.equal(nameSchedule(schedule), name);
});

test("a schedule of another program has its class's name", () => {
  assert.equal(nameSchedule(made("MyNoam", { schedules: 3 })), "MyNoam");
  assert.equal(nameSchedule(made("constructor")), "constructor");
  assert.equal(nameSchedule({}), null);
});

test("what is odd in a log is named as far as it goes", () => {
  assert.equal(nameSchedule(made("Joined")), "Joined");
  assert.equal(nameSchedule(made("Multiplied", { schedule: null })), "unknown × plateau");
  const loop = made("Clock", {});
  loop.config.schedule = loop;
  assert.equal(nameSchedule(loop), "Clock");
});

test("a warmup is said as a part of the run, where its length is known", () => {
  const run = { schedule: joined(rise, cosine), steps_per_epoch: 100, epochs: 6 };
  assert.equal(describeSchedule(run as RunSummary), "warmup 8.3 % + cosine");
  const endless = { ...run, epochs: null } as RunSummary;
  assert.equal(describeSchedule(endless), "warmup + cosine");
});
