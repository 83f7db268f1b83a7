/** Signed heads while somebody else signs, asks, or has tampered with the log. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chained, chainStart } from "../../../src/core/audit/chain.ts";
import { Heads } from "../../../src/modes/server/audit/heads.ts";
import type { AuditEntry, AuditRow, AuditStore } from "../../../src/modes/server/store/store.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vigo-heads-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A log in memory, which is followed when it is let. */
async function world() {
  const rows: AuditRow[] = [];
  const gate = { opens: Promise.resolve() };
  const clock = { now: 1 };
  const append = async (entry: AuditEntry) => {
    const last = rows.at(-1) ?? chainStart;
    const next = { ...entry, id: last.id + 1, requestId: undefined };
    rows.push({ ...next, hash: chained(last.hash, next) });
  };
  const audit: AuditStore = {
    append,
    tell: async () => {},
    page: async () => [],
    after: async (id, limit) => {
      const found = rows.filter((row) => row.id > id).slice(0, limit);
      if (limit > 1) await gate.opens;
      return found;
    },
  };
  const said: string[] = [];
  const headFile = join(folder, "head");
  const heads = await Heads.open({
    audit,
    serverId: crypto.randomUUID(),
    keyFile: join(folder, "key"),
    headFile,
    log: { info: () => {}, warn: () => {}, error: (what) => void said.push(what) },
    now: () => clock.now,
  });
  const entry = (): Promise<void> =>
    append({ at: 1, actor: "ada", action: "x", subject: "y", detail: null });
  return { rows, clock, gate, heads, headFile, said, entry };
}

test("what was found stands while it is looked at again, and is said once", async () => {
  const { rows, clock, gate, heads, headFile, said, entry } = await world();
  await entry();
  await heads.sign();
  await entry();
  rows[2] = { ...(rows[2] as AuditRow), actor: "eve" };
  await heads.sign();
  expect(heads.trouble).toContain("does not follow");
  const held = Promise.withResolvers<void>();
  gate.opens = held.promise;
  const again = heads.sign();
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
    expect(heads.trouble).toContain("does not follow");
  }
  held.resolve();
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
    expect(heads.trouble).toContain("does not follow");
  }
  await again;
  // None is signed until a person has looked, not even the same one anew.
  clock.now += 3_600_000;
  await heads.sign();
  expect(heads.newest).toMatch(/^vigo-head-1\.2\.[0-9a-f]{64}\.1\./);
  expect((await readFile(headFile, "utf8")).trim()).toBe(String(heads.newest));
  expect(said).toEqual(["the audit log was tampered with"]);
});

test("of two who sign at once the later one has the last word, in the file too", async () => {
  const { gate, heads, headFile, entry } = await world();
  await entry();
  const held = Promise.withResolvers<void>();
  gate.opens = held.promise;
  const first = heads.sign();
  await Bun.sleep(5);
  await entry();
  gate.opens = Promise.resolve();
  const second = heads.sign();
  await Bun.sleep(5);
  held.resolve();
  await Promise.all([first, second]);
  expect((await readFile(headFile, "utf8")).trim()).toBe(String(heads.newest));
  expect(heads.newest).toStartWith("vigo-head-1.3.");
});
