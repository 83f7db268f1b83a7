import { describe, expect, test } from "bun:test";
import { findSession, newSession, sessionIn } from "../../../src/modes/server/auth/sessions.ts";
import { Clock } from "../../../src/modes/server/clock.ts";
import type { SessionRow } from "../../../src/modes/server/store/identity.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

async function world(facts = new Map<string, string>(), start = 1_000 * day) {
  const at = { wall: start, elapsed: 500 };
  const said: string[] = [];
  const say = (event: string, { seconds }: Record<string, unknown> = {}) =>
    void said.push(`${event} ${seconds}`);
  const clock = await Clock.open({
    meta: {
      get: async (key) => facts.get(key),
      set: async (key, value) => void facts.set(key, value),
    },
    log: { info: say, warn: say, error: say },
    now: () => at.wall,
    elapsed: () => at.elapsed,
  });
  /** Time goes by, and somebody moves the hands. */
  const pass = (ms: number, leap = 0) => {
    at.wall += ms + leap;
    at.elapsed += ms;
    clock.look();
  };
  return { clock, at, said, facts, pass };
}

describe("a clock", () => {
  test("that goes as time does, or is set right by little, is believed", async () => {
    const { clock, said, pass } = await world();
    for (let look = 0; look < 50; look++) pass(hour, 59_000);
    expect([clock.isBelieved, clock.steadySince, said]).toEqual([true, 1_000 * day, []]);
  });

  test.each([400 * day, -2 * hour])("that leaps by %i is not, until it is back", async (leap) => {
    const { clock, at, said, pass } = await world();
    pass(minute);
    pass(minute, leap);
    expect([clock.isBelieved, clock.steadySince]).toEqual([false, at.wall]);
    pass(10 * hour);
    expect(clock.isBelieved).toBe(false);
    pass(minute, -leap + 20_000);
    expect([clock.isBelieved, clock.steadySince]).toEqual([true, at.wall]);
    expect(said).toEqual([
      `the clock has jumped ${leap / 1_000}`,
      `the clock is back where it was ${-leap / 1_000 + 20}`,
    ]);
  });

  test("tells of a leap in whole milliseconds, however fine the other one is", async () => {
    const { clock, pass } = await world();
    const told: number[] = [];
    clock.onLeap((by) => void told.push(by));
    pass(minute + 0.3871);
    pass(minute + 0.1234, hour - 0.1234);
    expect(told).toEqual([hour]);
  });

  test("tells of each leap before anybody sees it, and of nothing else", async () => {
    const { clock, at } = await world();
    const told: number[] = [];
    clock.onLeap((by) => void told.push(by));
    const seen = (ms: number, leap: number) => {
      at.wall += ms + leap;
      at.elapsed += ms;
      return [clock.now() - at.wall, ...told.splice(0)];
    };
    expect(seen(hour, 0)).toEqual([0]);
    expect(seen(minute, 59_000)).toEqual([0]);
    expect(seen(minute, 30 * day)).toEqual([0, 30 * day]);
    expect(seen(day, 0)).toEqual([0]);
    expect(seen(minute, -30 * day)).toEqual([0, -30 * day]);
  });

  test("that leaps twice is back only where it was at first", async () => {
    const { clock, pass } = await world();
    pass(minute, 30 * day);
    pass(minute, 30 * day);
    pass(minute, -30 * day);
    expect(clock.isBelieved).toBe(false);
    pass(minute, -30 * day);
    expect(clock.isBelieved).toBe(true);
  });

  test("is believed again after a day, because that is what people want", async () => {
    const { clock, pass } = await world();
    pass(minute, -90 * day);
    pass(day - minute);
    expect(clock.isBelieved).toBe(false);
    pass(minute);
    expect(clock.isBelieved).toBe(true);
    pass(minute, 90 * day);
    expect(clock.isBelieved).toBe(false);
  });

  test("is held against what the server before believed", async () => {
    const first = await world();
    await first.clock.note();
    const after = async (ms: number) => (await world(first.facts, first.at.wall + ms)).clock;
    expect((await after(7 * day)).isBelieved).toBe(true);
    expect((await after(-day)).isBelieved).toBe(true);
    const ahead = await after(8 * day);
    expect(ahead.isBelieved).toBe(false);
    // However often it begins anew, what it does not believe is not noted.
    await ahead.note();
    expect((await after(9 * day)).isBelieved).toBe(false);
  });
});

test("a session that was seen by a clock that was ahead is over", async () => {
  const now = 1_000 * day;
  const { row, cookie } = newSession("ann", now);
  const seen: SessionRow[] = [row];
  const sessions = { find: async () => seen[0], seen: async () => {} };
  const store = { sessions } as unknown as Parameters<typeof findSession>[0];
  const shown = sessionIn(cookie.split(";")[0]) ?? "";
  const isOpen = async (at: number) =>
    (await findSession(store, shown, 15 * minute, at)) !== undefined;
  expect(await isOpen(now)).toBe(true);
  expect(await isOpen(now - 20_000)).toBe(true);
  expect(await isOpen(now - hour)).toBe(false);
});
