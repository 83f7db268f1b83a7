import { expect, test } from "bun:test";
import { Push } from "../../../src/modes/agent/push.ts";

function pushes() {
  const clock = { now: 0 };
  let woken = 0;
  const push = new Push(
    () => void woken++,
    () => clock.now,
  );
  return { clock, push, woken: () => woken };
}

test("asked once or ten times, it is one check-in and one run", () => {
  const { push, woken } = pushes();
  expect([push.isAsked, push.take()]).toEqual([false, undefined]);
  for (let n = 0; n < 10; n++) push.ask();
  expect([push.isAsked, woken()]).toEqual([true, 10]);
  expect([push.take(), push.take(), push.isAsked]).toEqual(["run", undefined, false]);
});

test("who asks again and again waits its turn", () => {
  const { push, clock } = pushes();
  push.ask();
  expect(push.restMs).toBe(0);
  push.take();
  clock.now += 500;
  push.ask();
  expect(push.restMs).toBe(1_500);
  clock.now += 1_500;
  expect(push.restMs).toBe(0);
});

test("the end of a run is told at once, and asks for no other", () => {
  const { push } = pushes();
  push.ask();
  push.take();
  push.report();
  expect([push.isAsked, push.restMs, push.take()]).toEqual([true, 0, "report"]);
  push.report();
  push.ask();
  expect(push.take()).toBe("run");
});
