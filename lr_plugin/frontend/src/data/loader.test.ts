import assert from "node:assert/strict";
import { test } from "node:test";

import { Loader } from "./loader.ts";

interface Asked {
  queries: readonly string[];
  signal: AbortSignal;
  answer: (...texts: (string | Error)[]) => Promise<void>;
  fail: (message: string) => Promise<void>;
}

/**
 * A loader whose requests wait until the test answers them. Queries with the same first
 * letter can be asked together.
 */
function makeLoader(spare = 10, mostTogether = 1) {
  const asked: Asked[] = [];
  let changes = 0;
  const loader = new Loader<string, string>({
    load: (queries, signal) =>
      new Promise((resolve, reject) => {
        const settle = async (act: () => void) => {
          act();
          await new Promise((done) => setTimeout(done));
        };
        asked.push({
          queries,
          signal,
          answer: (...texts) => settle(() => resolve(texts)),
          fail: (message) => settle(() => reject(new Error(message))),
        });
      }),
    keyOf: (query) => query,
    groupOf: (query) => query[0],
    mostTogether: () => mostTogether,
    onChange: () => changes++,
    spare,
  });
  const want = (...queries: string[]) =>
    loader.want(queries.map((query) => ({ query, version: "1" })));
  return { loader, asked, want, changes: () => changes };
}

test("an answer is kept and not asked for again", async () => {
  const { loader, asked, want, changes } = makeLoader();
  want("a");
  await asked[0].answer("rows of a");
  want("a");
  assert.equal(loader.get("a"), "rows of a");
  assert.equal(asked.length, 1);
  assert.equal(changes(), 1);
});

test("a new version asks again and shows the old answer until then", async () => {
  const { loader, asked, want } = makeLoader();
  want("a");
  await asked[0].answer("old");
  loader.want([{ query: "a", version: "2" }]);
  assert.equal(loader.get("a"), "old");
  assert.equal(loader.isSettled({ query: "a", version: "2" }), false);
  await asked[1].answer("new");
  assert.equal(loader.get("a"), "new");
  assert.equal(loader.isSettled({ query: "a", version: "2" }), true);
});

test("what is not wanted any more is given up, and a late answer ignored", async () => {
  const { loader, asked, want, changes } = makeLoader();
  want("a");
  want("b");
  assert.equal(asked[0].signal.aborted, true);
  await asked[0].answer("too late");
  assert.equal(loader.get("a"), null);
  assert.equal(changes(), 0);
});

test("few requests run at a time, and all are answered in the end", async () => {
  const { loader, asked, want } = makeLoader();
  const queries = Array.from({ length: 20 }, (_, i) => `run${i}`);
  want(...queries);
  assert.equal(asked.length, 6);
  for (let i = 0; i < 20; i++) await asked[i].answer(`rows ${i}`);
  assert.deepEqual(
    queries.map((query) => loader.get(query)),
    queries.map((_, i) => `rows ${i}`),
  );
});

test("a failure is said once, and asked again on request only", async () => {
  const { loader, asked, want } = makeLoader();
  want("a");
  await asked[0].fail("The run is unknown.");
  want("a");
  assert.equal(asked.length, 1);
  assert.equal(loader.error("a"), "The run is unknown.");
  loader.retry();
  await asked[1].answer("rows");
  assert.equal(loader.error("a"), null);
  assert.equal(loader.get("a"), "rows");
});

test("answers that nobody wants are forgotten, the oldest first", async () => {
  const { loader, asked, want } = makeLoader(1);
  for (const [i, query] of ["a", "b", "c"].entries()) {
    want(query);
    await asked[i].answer(`rows of ${query}`);
  }
  want("c");
  assert.equal(loader.get("a"), null);
  assert.equal(loader.get("b"), "rows of b");
});

test("it waits for answers as long as any is under way", async () => {
  const { loader, asked, want } = makeLoader();
  assert.equal(loader.isWaiting, false);
  want("a", "b");
  await asked[0].answer("rows of a");
  assert.equal(loader.isWaiting, true);
  await asked[1].fail("gone");
  assert.equal(loader.isWaiting, false);
});

test("queries of a group are asked together, as few as there is room for", async () => {
  const { loader, asked, want, changes } = makeLoader(10, 4);
  const runs = Array.from({ length: 18 }, (_, i) => `run${i}`);
  want(...runs, "other");
  assert.deepEqual(
    asked.map(({ queries }) => queries.length),
    [3, 3, 3, 3, 3, 3],
  );
  await asked[1].answer("rows of run3", "rows of run4", "rows of run5");
  assert.equal(changes(), 1);
  assert.equal(loader.get("run4"), "rows of run4");
  assert.equal(loader.get("run0"), null);
  assert.deepEqual(asked[6].queries, ["other"]);

  const more = Array.from({ length: 9 }, (_, i) => `run${i + 20}`);
  want(...runs, "other", ...more);
  await asked[0].answer("0", "1", "2");
  assert.deepEqual(asked[7].queries, ["run20", "run21", "run22", "run23"]);
});

test("of queries that are asked together each may fail by itself", async () => {
  const { loader, asked, want } = makeLoader(10, 4);
  want(...["run0", "run1", "run2", "run3", "run4", "run5", "run6"]);
  assert.deepEqual(asked[0].queries, ["run0", "run1"]);
  await asked[0].answer(new Error("Run run0 was deleted."), "rows of run1");
  assert.equal(loader.error("run0"), "Run run0 was deleted.");
  assert.equal(loader.error("run1"), null);
  assert.equal(loader.get("run1"), "rows of run1");
});

test("a request is given up when none of its queries is wanted any more", async () => {
  const { loader, asked, want } = makeLoader(10, 4);
  want(...["run0", "run1", "run2", "run3", "run4", "run5", "run6"]);
  want("run1");
  assert.equal(asked[0].signal.aborted, false);
  assert.equal(asked[1].signal.aborted, true);
  await asked[0].answer("rows of run0", "rows of run1");
  assert.equal(loader.get("run1"), "rows of run1");
  assert.equal(loader.get("run0"), null);
});
