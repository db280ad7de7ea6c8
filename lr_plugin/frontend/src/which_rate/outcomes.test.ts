import assert from "node:assert/strict";
import { test } from "node:test";

import { findOutcomes, titleOfX } from "./outcomes.ts";
import { makeRun } from "./test_runs.test.ts";

const METRIC = "val_accuracy";
const alone = (...runs: ReturnType<typeof makeRun>[]) => runs.map((run) => [run]);

test("a run is at its rate, with its best value", () => {
  const groups = alone(makeRun("b", 0.2, 0.8), makeRun("a", 0.1, 0.9));
  const { all } = findOutcomes(groups, "peak", METRIC, true);
  assert.deepEqual(
    all.map(({ x, value }) => [x, value]),
    [
      [0.1, 0.9],
      [0.2, 0.8],
    ],
  );
  assert.equal(findOutcomes(groups, "first", METRIC, true).all[0].x, 0.01);
});

test("seeds are at their mean, from the lowest to the highest", () => {
  const group = [makeRun("a", 0.1, 0.5), makeRun("b", 0.1, 0.75)];
  const [{ x, value, low, high }] = findOutcomes([group], "peak", METRIC, true).all;
  assert.deepEqual([x, value, low, high], [0.1, 0.625, 0.5, 0.75]);
});

test("what diverged is never dropped, nor mixed with what did not", () => {
  const at = { step: 3, epoch: 0, learning_rate: 1, loss: 1 };
  const group = [makeRun("a", 1, 0.5), makeRun("b", 1, 0.9, { diverged_at: at })];
  const infinite = makeRun("c", 2, -Infinity);
  const nan = makeRun("d", 3, null, { loss: { final: NaN } as never });
  const { all, numWithoutValue } = findOutcomes(
    [group, [infinite], [nan]],
    "peak",
    METRIC,
    true,
  );
  assert.deepEqual(
    all.map(({ x, value, hasDiverged }) => [x, value, hasDiverged]),
    [
      [1, 0.5, false],
      [1, NaN, true],
      [2, NaN, true],
      [3, NaN, true],
    ],
  );
  assert.equal(numWithoutValue, 0);
});

test("runs that have no place are counted", () => {
  const groups = alone(
    makeRun("a", 0.1, null),
    makeRun("b", 0.1, 0.9),
    makeRun("c", 0.1, 0.9, { learning_rate: null }),
  );
  const found = findOutcomes(groups, "peak", METRIC, true);
  assert.deepEqual([found.numWithoutX, found.numWithoutValue], [1, 1]);
  // The last rate of all is 0.
  assert.equal(findOutcomes(groups, "last", METRIC, true).numWithoutX, 3);
  assert.equal(findOutcomes(groups, "last", METRIC, false).numWithoutX, 1);
});

test("without a metric it is the final loss", () => {
  assert.equal(findOutcomes(alone(makeRun("a", 1, 0.9)), "peak", null, true).all[0].value, 1);
});

test("settings that are words have places by name", () => {
  const run = (name: string, act: unknown) =>
    makeRun(name, 1, 0.5, { extra: { hparams: { "--act": act } } });
  const groups = alone(run("a", "tanh"), run("b", "relu"), run("c", true));
  const { all, xNames } = findOutcomes(groups, "--act", METRIC, false);
  assert.deepEqual(xNames, ["relu", "tanh", "true"]);
  assert.deepEqual(
    all.map(({ runs, x }) => [runs[0].run, x]),
    [
      ["b", 0],
      ["a", 1],
      ["c", 2],
    ],
  );
  assert.equal(titleOfX("--act"), "act");
  assert.equal(titleOfX("constructor"), "constructor");
});
