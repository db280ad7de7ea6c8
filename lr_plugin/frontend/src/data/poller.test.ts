import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Poller } from "./poller.ts";

const settled = () => new Promise((done) => setImmediate(done));

test("it asks at once and then every few seconds, while somebody looks", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let isVisible = true;
  let asked = 0;
  const answers: number[] = [];
  const poller = new Poller({
    ask: async () => ++asked,
    onAnswer: (answer) => answers.push(answer),
    onError: () => assert.fail("nothing fails here"),
    isVisible: () => isVisible,
    everySecs: 3,
  });
  void poller.askNow();
  await settled();
  mock.timers.tick(3000);
  await settled();
  isVisible = false;
  mock.timers.tick(3000);
  await settled();
  mock.timers.tick(3000);
  await settled();
  isVisible = true;
  mock.timers.tick(3000);
  await settled();
  assert.deepEqual(answers, [1, 2, 3]);
  poller.stop();
  mock.timers.tick(9000);
  await settled();
  assert.equal(asked, 3);
  mock.timers.reset();
});

test("an error is said and does not end it", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0;
  const heard: string[] = [];
  const poller = new Poller({
    ask: async () => {
      asked++;
      if (asked === 1) throw new Error("gone");
      return "back";
    },
    onAnswer: (answer: string) => heard.push(answer),
    onError: (sentence) => heard.push(sentence),
    isVisible: () => true,
    everySecs: 3,
  });
  void poller.askNow();
  await settled();
  mock.timers.tick(3000);
  await settled();
  assert.deepEqual(heard, ["gone", "back"]);
  poller.stop();
  mock.timers.reset();
});
