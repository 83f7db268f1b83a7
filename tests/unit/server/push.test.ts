/** Who is to be pushed and has no stream: told later, over a restart too. */
import { expect, test } from "bun:test";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { Push } from "../../../src/modes/server/streams/push.ts";

function world() {
  const kept = new Map<string, string>();
  const sent: string[] = [];
  const open = new Set<string>();
  const clock = { now: 1_000 };
  const streams = {
    serve: () => {},
    sendFramed: (id: string) => open.has(id) && sent.push(id) > 0,
  } as unknown as Parameters<typeof Push.open>[0]["streams"];
  const meta = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    set: async (key: string, value: string) => void kept.set(key, value),
  };
  return {
    kept,
    sent,
    open,
    clock,
    begin: () => Push.open({ streams, meta, now: () => clock.now }),
  };
}

const envoy = (id: string) => ({ id }) as unknown as Envoy;

test("is told by the next server, once", async () => {
  const w = world();
  const before = await w.begin();
  expect([before.push("one"), before.push("two")]).toEqual([false, false]);
  await before.keep();
  const after = await w.begin();
  expect([after.wants("one"), after.wants("three"), after.toldAt("one")]).toEqual([
    ...[true, false, undefined],
  ]);
  w.open.add("one");
  after.opened(envoy("one"));
  expect([w.sent, after.toldAt("one")]).toEqual([["one"], 1_000]);
  await after.keep();
  const last = await w.begin();
  expect([last.wants("one"), last.wants("two")]).toEqual([false, true]);
});

test("is told no more when it comes after a day, and nothing is written where nothing is new", async () => {
  const w = world();
  const push = await w.begin();
  push.push("one");
  await push.keep();
  w.kept.clear();
  await push.keep();
  expect(w.kept.size).toBe(0);
  w.clock.now += 86_400_001;
  expect(push.wants("one")).toBe(false);
  await push.keep();
  expect([...w.kept.values()]).toEqual(["{}"]);
});
