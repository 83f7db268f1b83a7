import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../src/core/host.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { traitsRoot } from "../../../src/core/wire/traits-root.ts";
import { openCache } from "../../../src/modes/agent/cache.ts";
import { machine } from "../../../src/modes/agent/machine/machine.ts";
import { TraitKeeper } from "../../../src/modes/agent/trait-keeper.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-traits-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

const kept = traits.filter(({ keep }) => keep !== "run").map(({ name }) => name);
const volatile = traits.filter(({ keep }) => keep === "run").map(({ name }) => name);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Every trait of this very machine, and its package manager may take seconds to say what could be updated. */
const slow = 60_000;
const start = new Date("2026-01-01T00:00:00Z");
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);

const host = (): Host => machine({ now: () => start });

const names = ({ sections }: ReturnType<TraitKeeper["news"]>) =>
  sections.map(({ name = "" }) => name).sort();

test(
  "all is told once, kept ones again when they change or are asked for, volatile ones now and then",
  async () => {
    const cache = await openCache(join(room, crypto.randomUUID()));
    const keeper = new TraitKeeper(cache, silent);
    await keeper.refresh(host());
    const first = keeper.news(start);
    expect(names(first)).toEqual(keeper.sections.map(({ name }) => name).sort());
    const root = keeper.sections
      .filter(({ name }) => kept.includes(name))
      .map(({ name, hash }) => [name, hash] as const);
    expect(first.root).toEqual(traitsRoot(root));

    // Not acknowledged, so it is told again.
    expect(names(keeper.news(start))).toEqual(names(first));
    keeper.told(first, [], start);
    expect(names(keeper.news(later(1)))).toEqual([]);

    keeper.told(keeper.news(later(1)), ["os"], later(1));
    expect(names(keeper.news(later(1)))).toEqual(["os"]);
    keeper.told(keeper.news(later(1)), [], later(1));
    expect(names(keeper.news(later(1)))).toEqual([]);

    const due = names(keeper.news(later(15)));
    expect(due.length).toBeGreaterThan(0);
    expect(due.every((name) => volatile.includes(name))).toBe(true);
    keeper.volatileEveryMs = 60_000;
    expect(names(keeper.news(later(1.5)))).toEqual(due);
    await cache.close();
  },
  slow,
);

test(
  "what was told is known after a restart",
  async () => {
    const home = join(room, crypto.randomUUID());
    const cache = await openCache(home);
    const keeper = new TraitKeeper(cache, silent);
    await keeper.refresh(host());
    keeper.told(keeper.news(start), [], start);
    await cache.close();
    const again = await openCache(home);
    const next = new TraitKeeper(again, silent);
    await next.refresh(host());
    expect(names(next.news(start)).filter((name) => kept.includes(name))).toEqual([]);
    await again.close();
  },
  slow,
);
