import assert from "node:assert/strict";
import { test } from "node:test";

import { cutOutliers, cutSentence, describeBeyond, floorOfRates } from "./axis_cut.ts";

/** A loss that falls from 2 to a fiftieth of that. */
const SOUND = Array.from({ length: 100 }, (_, i) => 2 * 50 ** (-i / 99));
/** One that rises from 2 to 2e33. */
const DIVERGED = Array.from({ length: 100 }, (_, i) => 2 * 10 ** (i / 3));

test("one run that diverged does not flatten the others", () => {
  const runs = [SOUND, SOUND, SOUND, DIVERGED];
  for (const kind of ["log", "linear"] as const) {
    const { low, high } = cutOutliers(kind, runs);
    assert.equal(low, null);
    assert.ok(Math.abs(high! - 2) < 1e-9, kind);
  }
});

test("of two runs, the one that diverged is cut", () => {
  assert.ok(cutOutliers("log", [SOUND, DIVERGED]).high! < 2.1);
});

test("a run alone is shown in full", () => {
  assert.deepEqual(cutOutliers("log", [DIVERGED]), { low: null, high: null });
});

test("where many runs go far, the axis shows them", () => {
  const runs = [SOUND, SOUND, SOUND, DIVERGED, DIVERGED];
  assert.equal(cutOutliers("log", runs).high, null);
});

test("two of eight may be cut", () => {
  const runs = [...new Array(6).fill(SOUND), DIVERGED, DIVERGED];
  assert.ok(cutOutliers("log", runs).high! < 2.1);
});

test("a spike is shown: it flattens the others, but is a single iteration", () => {
  const spiked = SOUND.map((loss, i) => (i === 50 ? 1e6 : loss));
  assert.equal(cutOutliers("linear", [SOUND, SOUND, spiked]).high, null);
});

test("runs of somewhat different losses are all shown", () => {
  const higher = SOUND.map((loss) => 3 * loss);
  assert.deepEqual(cutOutliers("linear", [SOUND, SOUND, SOUND, higher]), {
    low: null,
    high: null,
  });
});

test("of few runs, none disappears as a whole", () => {
  const far = SOUND.map((loss) => 1e6 * loss);
  assert.equal(cutOutliers("linear", [SOUND, far]).high, null);
  assert.ok(cutOutliers("linear", [SOUND, SOUND, SOUND, far]).high! < 2.1);
});

test("a run far below the others is cut in the same way", () => {
  const overfitted = Array.from({ length: 100 }, (_, i) => 2 * 10 ** (-i / 5));
  const flat = SOUND.map((_, i) => 2 - i / 100);
  const { low, high } = cutOutliers("log", [flat, flat, flat, overfitted]);
  assert.equal(high, null);
  assert.ok(Math.abs(low! - 1.01) < 1e-9);
});

test("values that are not finite decide nothing", () => {
  const broken = DIVERGED.map((loss) => (loss > 1e30 ? NaN : loss));
  assert.ok(cutOutliers("log", [SOUND, SOUND, broken]).high! < 2.1);
});

test("the end of a cosine does not own the axis of the rate", () => {
  const cosine = Array.from(
    { length: 1000 },
    (_, i) => 0.5 * (1 + Math.cos((Math.PI * i) / 1000)),
  );
  // A twentieth before the end, (1 + cos(0.95 pi)) / 2.
  const expected = 0.5 * (1 + Math.cos(0.95 * Math.PI));
  const floor = floorOfRates([cosine])!;
  assert.ok(Math.abs(floor / expected - 1) < 0.1);
});

test("a rate that falls by decades all along is shown in full", () => {
  const decay = Array.from({ length: 1000 }, (_, i) => 10 ** (-i / 250));
  assert.equal(floorOfRates([decay]), null);
  assert.equal(floorOfRates([new Array(10).fill(0)]), null);
});

test("a rate that never stops falling does not own the axis, nor does a range test", () => {
  const endless = Array.from({ length: 1000 }, (_, i) => 0.01 * 10 ** (-i / 40));
  // Eight decades below its highest; it ends at 1e-27.
  assert.ok(Math.abs(floorOfRates([endless, [0.1, 0.2]])! / 1e-10 - 1) < 1e-9);
  const rangeTest = Array.from({ length: 100 }, (_, i) => 1e-7 * 10 ** ((8 * i) / 99));
  assert.equal(floorOfRates([rangeTest]), null);
  // What counts is a run's own highest rate.
  assert.equal(floorOfRates([[1e-12, 1e-12], [0.1]]), null);
});

test("the sentence says where the axis ends and who goes beyond", () => {
  const cut = describeBeyond("top", 4.2, [SOUND, DIVERGED], true)!;
  assert.equal(cutSentence(cut), "The axis ends at 4.2; 1 run goes beyond, to 2e33.");
  const floor = describeBeyond("bottom", 0.1, [SOUND, SOUND, [0]], true)!;
  assert.equal(cutSentence(floor), "The axis begins at 0.1; 2 runs go below, to 0.04.");
  assert.equal(
    cutSentence({ ...cut, isApplied: false }),
    "The axis goes on to 2e33 for 1 run; it could end at 4.2.",
  );
  assert.equal(describeBeyond("top", 4.2, [SOUND], true), null);
});
