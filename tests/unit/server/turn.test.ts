import { expect, test } from "bun:test";
import { Turn } from "../../../src/modes/server/grpc/turn.ts";

/** What happened, in its order; the timer ran at 0, and it is `at` now. */
async function order(at: number, ranAgainAt?: number): Promise<readonly string[]> {
  let now = 0;
  const turn = new Turn(() => now);
  if (ranAgainAt !== undefined) {
    now = ranAgainAt;
    turn.ran();
  }
  now = at;
  const happened: string[] = [];
  const answered = Promise.withResolvers<void>();
  setTimeout(() => happened.push("timer"), 0);
  // A timer of no time may take a millisecond.
  Bun.sleepSync(5);
  turn.take(() => {
    happened.push("answer");
    answered.resolve();
  });
  happened.push("read on");
  await answered.promise;
  while (happened.length < 3) await Bun.sleep(1);
  return happened;
}

test.each([
  { what: "while timers run, an answer is given at once", at: 499 },
  { what: "however long it is since the start", at: 3_600_000, ranAgainAt: 3_599_900 },
])("$what", async ({ at, ranAgainAt }) => {
  expect((await order(at, ranAgainAt))[0]).toBe("answer");
});

test.each([
  { what: "when timers are late, an answer waits until the loop has come round", at: 500 },
  { what: "late again", at: 10_000, ranAgainAt: 9_400 },
])("$what", async ({ at, ranAgainAt }) => {
  expect((await order(at, ranAgainAt))[0]).toBe("read on");
});
