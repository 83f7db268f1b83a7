/** Who is to be pushed and has no stream: told later, over a restart too. */
import { expect, test } from "bun:test";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import type { EnvoyRow } from "../../../src/modes/server/store/store.ts";
import { Push } from "../../../src/modes/server/streams/push.ts";

function world() {
  const kept = new Map<string, string>();
  const sent: string[] = [];
  const open = new Set<string>();
  const clock = { now: 1_000 };
  const fleet = new Fleet({ intervalMs: 1, offline: { factor: 2 }, divergedAfter: 3, traits: [] });
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
    shutOut: (id: string) => {
      fleet.add({ id } as unknown as EnvoyRow);
      fleet.revoke(id, clock.now);
    },
    begin: () => Push.open({ streams, meta, fleet, now: () => clock.now }),
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

test("nobody is kept who was shut out, did not come for a day, or was told a day ago", async () => {
  const w = world();
  const push = await w.begin();
  w.open.add("told").add("out");
  for (const id of ["told", "out", "gone", "never"]) push.push(id);
  w.shutOut("out");
  w.shutOut("gone");
  expect([push.toldAt("told"), push.toldAt("out"), push.wants("gone")]).toEqual([
    ...[1_000, undefined, false],
  ]);
  await push.keep();
  expect([...w.kept.values()]).toEqual(['{"never":86401000}']);
  w.clock.now += 86_400_001;
  await push.keep();
  expect([...w.kept.values(), push.toldAt("told")]).toEqual(["{}", undefined]);
});

test("a clock that leaps takes nobody's time", async () => {
  const w = world();
  const push = await w.begin();
  w.open.add("told");
  for (const id of ["told", "waits"]) push.push(id);
  await push.keep();
  w.clock.now += 400 * 86_400_000;
  push.leapt(400 * 86_400_000);
  expect([push.wants("waits"), push.toldAt("told")]).toEqual([true, w.clock.now]);
  await push.keep();
  const after = await w.begin();
  expect(after.wants("waits")).toBe(true);
});
