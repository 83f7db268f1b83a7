import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../../../src/core/host.ts";
import { Redactor } from "../../../src/core/redact.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { traitsRoot } from "../../../src/core/wire/traits-root.ts";
import { openCache } from "../../../src/modes/agent/cache.ts";
import { HiddenTraits } from "../../../src/modes/agent/hidden-traits.ts";
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

const hiding = (redactor = new Redactor(), lacksSecrets = () => false) =>
  new HiddenTraits(redactor, lacksSecrets);

const host = (): Host => machine({ now: () => start });

const names = ({ sections }: ReturnType<TraitKeeper["news"]>) =>
  sections.map(({ name = "" }) => name).sort();

test(
  "all is told once, kept ones again when they change or are asked for, volatile ones now and then",
  async () => {
    const cache = await openCache(join(room, crypto.randomUUID()));
    const keeper = new TraitKeeper(cache, silent, hiding());
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
    const keeper = new TraitKeeper(cache, silent, hiding());
    await keeper.refresh(host());
    keeper.told(keeper.news(start), [], start);
    await cache.close();
    const again = await openCache(home);
    const next = new TraitKeeper(again, silent, hiding());
    await next.refresh(host());
    expect(names(next.news(start)).filter((name) => kept.includes(name))).toEqual([]);
    await again.close();
  },
  slow,
);

const folder = "/etc/vigo-envoy/traits.d";

/** This machine, with one program of the operator's that hangs, and how often it runs. */
function withHangingProgram(kill: AbortSignal) {
  const real = machine({ now: () => start, kill });
  const runs = { started: 0, atOnce: 0, most: 0 };
  const root = { mode: 0o755, uid: 0, gid: 0, bytes: 0, links: 1, modified: start };
  const faked: Host = {
    ...real,
    list: async (path) => (path === folder ? ["hang"] : real.list(path)),
    stat: async (path, options) => {
      if (path === `${folder}/hang`) return { kind: "file", ...root };
      if (path.startsWith("/etc/vigo-envoy")) return { kind: "directory", ...root };
      return real.stat(path, options);
    },
    query: async (command) => {
      const isOurs = !("shell" in command.argv) && command.argv[0] === `${folder}/hang`;
      if (!isOurs) return real.query(command);
      runs.started++;
      runs.most = Math.max(runs.most, ++runs.atOnce);
      const argv = { shell: "sleep 4321 & sleep 4321" };
      return real.query({ argv, timeoutMs: 1_500 }).finally(() => runs.atOnce--);
    },
  };
  return { faked, runs };
}

test(
  "a program that hangs is not waited for, not started twice, ended with all it started, and said once",
  async () => {
    const cache = await openCache(join(room, crypto.randomUUID()));
    const said: string[] = [];
    const warn = (_: string, fields?: object) => void said.push(JSON.stringify(fields));
    const keeper = new TraitKeeper(cache, { ...silent, warn }, hiding());
    const kill = new AbortController();
    const { faked, runs } = withHangingProgram(kill.signal);
    const until = async (isSo: () => boolean) => {
      for (const end = Date.now() + 20_000; !isSo() && Date.now() < end;) await Bun.sleep(20);
    };
    await keeper.refresh(host());
    const ofCustom = () => said.filter((line) => line.includes('"custom'));

    for (let cycle = 0; cycle < 3; cycle++) await keeper.refresh(faked, 200);
    const late = () => ofCustom().some((line) => line.includes('"custom.hang"'));
    for (const end = Date.now() + 20_000; !late() && Date.now() < end;) await Bun.sleep(20);
    expect(ofCustom()).toEqual([
      expect.stringContaining("took longer than 200 ms; it goes on"),
      expect.stringContaining("took longer than 1.5 s and was stopped"),
    ]);
    expect(keeper.sections.find(({ name }) => name === "custom")).toMatchObject({
      value: {},
      stale: true,
    });

    const before = runs.started;
    await keeper.refresh(faked, 200);
    expect(runs.started).toBe(before + 1);
    expect(runs.most).toBe(1);
    expect(ofCustom()).toHaveLength(2);
    kill.abort();
    await until(() => runs.atOnce === 0);
    expect(runs.atOnce).toBe(0);
    keeper.close();
    await cache.close();
  },
  slow,
);

test(
  "a secret that a trait shows is told to nobody and is not written down, from the moment on that it is known",
  async () => {
    const secret = "tok_5f1e7a90c2";
    const home = join(room, crypto.randomUUID());
    let cache = await openCache(home);
    const redactor = new Redactor();
    let lacksSecrets = true;
    const real = machine({ now: () => start });
    const lines = `0 3 * * * root backup --key ${secret}\n`;
    const faked: Host = {
      ...real,
      read: async (path, options) =>
        path === "/etc/crontab" ? new TextEncoder().encode(lines) : real.read(path, options),
    };
    const keeper = new TraitKeeper(
      cache,
      silent,
      hiding(redactor, () => lacksSecrets),
    );
    await keeper.refresh(faked);
    // It has a bundle that names secrets, and none of them yet.
    expect(keeper.news(start)).toMatchObject({ root: new Uint8Array(), sections: [] });
    keeper.told(keeper.news(start), [], start);
    expect(cache.get("traits")).toBeUndefined();

    lacksSecrets = false;
    const textOf = (news: ReturnType<TraitKeeper["news"]>, section: string) =>
      new TextDecoder().decode(news.sections.find(({ name }) => name === section)?.value);
    const before = keeper.news(start);
    expect(textOf(before, "cron_jobs")).toContain(secret);
    keeper.told(before, [], start);
    redactor.learn(secret);
    const after = keeper.news(start);
    // What was told with it is told again without, and what changes all the time as well.
    expect(names(after).filter((name) => kept.includes(name))).toEqual(["cron_jobs"]);
    expect(names(after)).toContain("processes");
    expect(textOf(after, "cron_jobs")).toContain("backup --key ******");
    expect(
      JSON.stringify(after.sections.map(({ name = "" }) => textOf(after, name))),
    ).not.toContain(secret);
    expect(after.root).not.toEqual(before.root);
    keeper.told(after, [], start);
    expect(names(keeper.news(later(1)))).toEqual([]);
    await keeper.refresh(faked);
    expect(names(keeper.news(later(2)))).toEqual([]);
    // Decisions are made with what is true.
    expect(JSON.stringify(keeper.sections)).toContain(secret);
    for (let cycle = 0; cycle < 5; cycle++) await keeper.refresh(faked);
    await cache.close();

    cache = await openCache(home);
    expect(JSON.stringify(cache.get("traits"))).not.toContain(secret);
    expect(cache.get("traits")?.map(({ name }) => name)).toContain("os");
    await cache.close();
  },
  slow,
);

test(
  "who has begun anew tells what cannot be a secret, and the rest once the secrets are known",
  async () => {
    const home = join(room, crypto.randomUUID());
    const real = machine({ now: () => start });
    let lines = "0 3 * * * root backup\n";
    let memory = "MemTotal: 1024000 kB\nMemFree: 1000 kB\nMemAvailable: 1000 kB\n";
    const texts = () => ({ "/etc/crontab": lines, "/proc/meminfo": memory });
    const faked: Host = {
      ...real,
      read: async (path, options) => {
        const text: string | undefined = (texts() as Record<string, string>)[path];
        return text === undefined ? real.read(path, options) : new TextEncoder().encode(text);
      },
    };
    const before = await openCache(home);
    const first = new TraitKeeper(before, silent, hiding());
    await first.refresh(faked);
    first.told(first.news(start), [], start);
    await before.close();

    const secret = "tok_5f1e7a90c2";
    lines += `0 4 * * * root sync --key ${secret}\n`;
    memory = memory.replaceAll("1000", "900000");
    const cache = await openCache(home);
    const redactor = new Redactor();
    let lacksSecrets = true;
    const hidden = new HiddenTraits(
      redactor,
      () => lacksSecrets,
      () => cache.get("traits") ?? [],
    );
    const keeper = new TraitKeeper(cache, silent, hidden);
    const inADay = later(24 * 60);
    const tomorrow: Host = { ...faked, now: () => inADay };
    await keeper.refresh(tomorrow);
    const early = keeper.news(inADay);
    const all = (news: typeof early) =>
      news.sections
        .map(({ name, value }) => `${name} ${new TextDecoder().decode(value)}`)
        .join("\n");
    expect(early.root).toEqual(new Uint8Array());
    expect(names(early)).toContain("memory");
    expect(names(early)).not.toContain("cron_jobs");
    expect(all(early)).not.toContain(secret);
    keeper.told(early, [], inADay);
    expect(JSON.stringify(cache.get("traits"))).not.toContain(secret);

    redactor.learn(secret);
    lacksSecrets = false;
    const known = keeper.news(inADay);
    expect(known.root).toHaveLength(32);
    expect(names(known)).toEqual(expect.arrayContaining(["cron_jobs", "processes"]));
    expect(all(known)).toContain("sync --key ******");
    await cache.close();
  },
  slow,
);
