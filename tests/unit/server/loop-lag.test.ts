import { expect, test } from "bun:test";
import { LoopLag, type StoodStill } from "../../../src/modes/server/metrics/loop-lag.ts";

/** Looks at a clock of its own until it has looked so often. */
async function looks(times: readonly number[], tellMs: number) {
  const told: StoodStill[] = [];
  const left = [...times];
  const now = () => left.shift() ?? times.at(-1) ?? 0;
  const lag = new LoopLag({ everyMs: 50, tellMs, tell: (stood) => told.push(stood), now });
  const deadline = Date.now() + 10_000;
  while (lag.seconds.count < times.length - 1 && Date.now() < deadline) await Bun.sleep(1);
  lag.stop();
  return { told, seconds: lag.seconds };
}

test("each look counts how late it came, and only what was late enough is told", async () => {
  // On time, 20 ms late, before its time (as a timer may be by a fraction), 300 ms late.
  const { told, seconds } = await looks([1_000, 1_050, 1_120, 1_169.5, 1_519.5], 150);
  expect(told).toEqual([{ from: 1_169.5, to: 1_519.5, lateMs: 300, cpuMs: expect.any(Number) }]);
  expect(seconds.count).toBe(4);
  expect(seconds.sum).toBeCloseTo(0.32, 6);
  const at = (bound: number) => seconds.counts[seconds.bounds.indexOf(bound)];
  expect([at(0.001), at(0.025), at(0.5)]).toEqual([2, 1, 1]);
});

test("work that lets nobody else go on is told with the processor time that it took", async () => {
  const told = Promise.withResolvers<StoodStill>();
  const lag = new LoopLag({ everyMs: 10, tellMs: 150, tell: told.resolve });
  const before = process.cpuUsage();
  const end = performance.now() + 300;
  while (performance.now() < end);
  const { user, system } = process.cpuUsage(before);
  const stood = await told.promise;
  lag.stop();
  expect(stood.lateMs).toBeGreaterThanOrEqual(250);
  expect(stood.to - stood.from).toBeGreaterThanOrEqual(stood.lateMs);
  expect(stood.cpuMs).toBeGreaterThanOrEqual((user + system) / 1000);
});

test("a wait that takes no processor time is told as such", async () => {
  const told = Promise.withResolvers<StoodStill>();
  const lag = new LoopLag({ everyMs: 10, tellMs: 150, tell: told.resolve });
  Bun.sleepSync(400);
  const { lateMs, cpuMs } = await told.promise;
  lag.stop();
  expect(lateMs).toBeGreaterThanOrEqual(300);
  expect(cpuMs).toBeLessThan(lateMs / 2);
});

test("once stopped, nobody looks any more", async () => {
  const lag = new LoopLag({ everyMs: 1, tellMs: 0, tell: () => {} });
  lag.stop();
  const before = lag.seconds.count;
  await Bun.sleep(20);
  expect(lag.seconds.count).toBe(before);
});
