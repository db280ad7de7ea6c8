import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { createRunsFetcher, decodeSeries, exportUrl, parseJson } from "./api.ts";

test("columns come one after the other, little-endian", () => {
  const view = new DataView(new ArrayBuffer(32));
  [0, 1, 0.5, NaN].forEach((value, i) => view.setFloat64(8 * i, value, true));
  const { columns, numRows } = decodeSeries(view.buffer, ["step", "loss"]);
  assert.equal(numRows, 2);
  assert.deepEqual([...columns.step], [0, 1]);
  assert.deepEqual([...columns.loss], [0.5, NaN]);
});

test("an answer that was cut is an error, not a shorter run", () => {
  assert.throws(
    () => decodeSeries(new ArrayBuffer(24), ["step", "loss"]),
    /equal length/,
  );
});

test("numbers that JSON does not know come back", () => {
  const text = '{"min": "NaN", "max": "Infinity", "low": "-Infinity", "name": "Nan"}';
  assert.deepEqual(parseJson(text), {
    min: NaN,
    max: Infinity,
    low: -Infinity,
    name: "Nan",
  });
});

test("a run may be called NaN", () => {
  assert.deepEqual(parseJson('{"run": "NaN", "min": "NaN"}'), { run: "NaN", min: NaN });
});

test("a list of runs that says nothing new is the same object", async () => {
  let text = '{"runs": [{"run": "a", "loss": {"final": "NaN"}}], "notices": []}';
  const asked: string[] = [];
  mock.method(globalThis, "fetch", async (address: string) => {
    asked.push(address);
    return new Response(text);
  });
  const fetchRuns = createRunsFetcher(5);
  const first = await fetchRuns();
  assert.equal(first.runs[0].loss!.final, NaN);
  assert.equal(await fetchRuns(), first);
  text = '{"runs": [], "notices": ["Run b is newer."]}';
  assert.deepEqual(await fetchRuns(), { runs: [], notices: ["Run b is newer."] });
  assert.deepEqual(new Set(asked), new Set(["./runs?max_secs=5"]));
  mock.restoreAll();
});

test("names of runs are encoded", () => {
  assert.equal(exportUrl("a&b=c d"), "./export.csv?run=a%26b%3Dc+d");
  assert.equal(exportUrl("a", 5, 9), "./export.csv?run=a&start=5&stop=9");
});
