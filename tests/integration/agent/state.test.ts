/** The agent's state on a real LMDB: what it keeps, and what becomes of it when it is damaged. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../../src/core/converge/report.ts";
import { type Cache, openCache, recordsIn, valueNames } from "../../../src/modes/agent/cache.ts";
import { openCarefully, peek } from "../../../src/modes/agent/cache-open.ts";
import { writeFloor } from "../../../src/modes/agent/identity.ts";
import { Ledger } from "../../../src/modes/agent/ledger.ts";
import { openLmdb } from "../../../src/modes/agent/lmdb.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-state-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

const newHome = () => join(room, crypto.randomUUID());
const now = () => new Date("2026-01-01T00:00:00Z");

async function opened<T>(home: string, use: (cache: Cache) => T | Promise<T>) {
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const cache = await openCarefully(home, { info: say, warn: say, error: say }, now);
  try {
    return { result: await use(cache), said };
  } finally {
    await cache.close();
  }
}

const report = (outcome: RunReport["outcome"], at: number): RunReport => ({
  outcome,
  dry_run: false,
  policy_version: 1,
  started_at: new Date(at * 1000).toISOString(),
  duration_ms: 3,
  counts: { ok: 0, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  resources: [],
  pending_refreshes: [],
});

test("what is kept is there after a restart, for this user alone", async () => {
  const home = newHome();
  const bundle = { ticket: Buffer.from("t"), signature: Buffer.from("s"), body: Buffer.from("b") };
  await opened(home, async (cache) => {
    cache.keepBundle(bundle);
    const records = recordsIn(cache);
    await records.owe([{ target: "web", cause: "a" }]);
    await records.owe([{ target: "web", cause: "b" }]);
    await records.pay([{ target: "web", cause: "a" }]);
    await records.learn({
      enforced: new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
      forgotten: [],
    });
    await records.learn({ enforced: new Map(), forgotten: ["b"] });
  });
  const { result } = await opened(home, (cache) => {
    const records = recordsIn(cache);
    const body = cache.bundle()?.body.toString();
    return { body, owed: records.owed(), enforced: [...records.enforced()] };
  });
  expect(result).toEqual({
    body: "b",
    owed: [{ target: "web", cause: "b" }],
    enforced: [["a", "1"]],
  });
  expect((await stat(join(home, "state"))).mode & 0o777).toBe(0o700);
  for (const name of await readdir(join(home, "state")))
    expect([name, (await stat(join(home, "state", name))).mode & 0o077]).toEqual([name, 0]);
});

test("steady runs are one stretch, the others wait with the stretch before them", async () => {
  const home = newHome();
  await opened(home, (cache) => {
    const ledger = new Ledger(cache);
    for (const [at, outcome] of (
      ["ok", "ok", "changed", "failed", "ok", "pending"] as const
    ).entries())
      expect(ledger.record(report(outcome, at))).toBe(at + 1);
  });
  await opened(home, (cache) => {
    const ledger = new Ledger(cache);
    expect(ledger.openSpan).toBeUndefined();
    expect(ledger.batch().map((one) => (one.kind === "run" ? one.number : one))).toEqual([
      { kind: "span", span: { first: 1, last: 2, firstAt: 0, lastAt: 1000 } },
      3,
      4,
      { kind: "span", span: { first: 5, last: 5, firstAt: 4000, lastAt: 4000 } },
      6,
    ]);
    ledger.record(report("ok", 6));
    expect(ledger.openSpan).toMatchObject({ first: 7, last: 7 });
    expect(ledger.committed(4, ledger.batch())).toBe("removed");
    expect(ledger.waiting).toBe(2);
    // The server may have heard of more than was in the message; what was not in it still waits.
    expect(ledger.committed(7, [])).toBe("nothing");
    expect(ledger.waiting).toBe(2);
    ledger.committed(6, ledger.batch());
    expect([ledger.waiting, ledger.openSpan?.first]).toEqual([0, 7]);
  });
});

test("a side that was restored from a backup gives what waits numbers above those the server has", async () => {
  await opened(newHome(), (cache) => {
    const ledger = new Ledger(cache);
    for (const [at, outcome] of (["ok", "ok", "changed", "ok"] as const).entries())
      ledger.record(report(outcome, at));
    expect(ledger.committed(900, ledger.batch())).toBe("renumbered");
    expect(ledger.batch()).toMatchObject([
      { kind: "span", span: { first: 901, last: 902 } },
      { kind: "run", number: 903 },
    ]);
    expect(ledger.openSpan).toMatchObject({ first: 904, last: 904 });
    expect(ledger.record(report("changed", 5))).toBe(905);
    ledger.committed(904, ledger.batch());
    expect(ledger.waiting).toBe(1);
  });
});

/** A state with something in it, closed. */
async function full(): Promise<string> {
  const home = newHome();
  await opened(home, async (cache) => {
    cache.keepBundle({
      ticket: Buffer.from("ticket"),
      signature: Buffer.from("signature"),
      body: Buffer.alloc(20_000, "x"),
    });
    const keys = Array.from({ length: 500 }, (_, index) => [`key-${index}`, "digest"] as const);
    await recordsIn(cache).learn({ enforced: new Map(keys), forgotten: [] });
    const ledger = new Ledger(cache);
    for (let at = 0; at < 50; at++) ledger.record(report("changed", at));
  });
  await writeFloor(home, { policyVersion: 5n, issuedAtMs: 1n });
  return home;
}

const overwrite = (file: string, from: number, byte: (at: number) => number) =>
  readFile(file).then((bytes) => {
    for (let at = from; at < bytes.length; at++) bytes[at] = byte(at);
    return writeFile(file, bytes);
  });

interface Opened {
  readonly said: readonly string[];
  readonly waiting: number;
  readonly isEmpty: boolean;
  readonly next: number;
}

/** In a process of its own; undefined when that died. */
async function elsewhere(home: string): Promise<Opened | undefined> {
  const script = new URL("open-state.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, script, home, now().toISOString()], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const text = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? (JSON.parse(text) as Opened) : undefined;
}

test.each<[string, (file: string) => Promise<unknown>]>([
  ["overwritten", (file) => writeFile(file, "garbage")],
  ["cut short", (file) => truncate(file, 3 * 4096 + 17)],
  ["zeroed inside", (file) => overwrite(file, 2 * 4096, () => 0)],
  ["all ones inside", (file) => overwrite(file, 2 * 4096, () => 0xff)],
  ["noise inside", (file) => overwrite(file, 2 * 4096, (at) => (at * 7919) % 251)],
])("a state that is %s is said, set aside and made anew", async (_, spoil) => {
  const home = await full();
  await spoil(join(home, "state", "data.mdb"));
  // Where the damage ends the process, the next start knows by the mark that stayed behind.
  const after = (await elsewhere(home)) ?? (await elsewhere(home));
  expect(after).toEqual({
    said: ["state is damaged and made anew"],
    waiting: 0,
    isEmpty: true,
    // Above every number it can have used before.
    next: now().getTime() / 1000,
  });
  const kept = (await readdir(home)).filter((name) => name.startsWith("state.damaged-"));
  expect(kept.length).toBe(1);
  expect((await elsewhere(home))?.said).toEqual([]);
});

test.each([...valueNames])("%s that are no JSON are damage like any other", async (name) => {
  const home = await full();
  const root = await openLmdb<Uint8Array>({
    path: join(home, "state"),
    libDir: join(home, "lib"),
    noSubdir: false,
    encoding: "binary",
    maxDbs: 2,
  });
  await root.put(name, Buffer.from('{"cut'));
  await root.close();
  expect((await elsewhere(home))?.said).toEqual(["state is damaged and made anew"]);
  expect((await elsewhere(home))?.said).toEqual([]);
});

test("a process that was only killed while it opened loses nothing", async () => {
  const home = await full();
  await writeFile(join(home, "state.opening"), "");
  expect(await elsewhere(home)).toMatchObject({ said: [], waiting: 50, isEmpty: false });
});

test("looking on changes nothing, also where there is nothing", async () => {
  const home = newHome();
  expect(await peek(home, () => "seen")).toBeUndefined();
  await expect(stat(home)).rejects.toThrow("ENOENT");
  const other = await full();
  const holder = await openCache(other);
  expect(await peek(other, (cache) => cache.waitingCount())).toBe(50);
  await holder.close();
});
