/**
 * Opens the cache with care: a damaged one is said, set aside and made anew (docs/design/design.md §9). LMDB maps its file and
 * trusts it, so damage inside can end the process; a mark that stays behind tells the next start, which lets a child try first.
 * Must not know what is kept.
 */
import * as files from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../core/log.ts";
import { ifThere } from "../../core/publish/errno.ts";
import { type Cache, openCache, valueNames } from "./cache.ts";
import { paths } from "./home.ts";
import { damageOf } from "./lmdb-check.ts";
import { readFloor } from "./identity.ts";
import { unpack } from "./outbox.ts";
import { ownProgram } from "./own-program.ts";

/** Needs the run lock: one process at a time. */
export async function openCarefully(home: string, log: Log, now: () => Date): Promise<Cache> {
  const { state } = paths(home);
  await files.mkdir(state, { recursive: true, mode: 0o700 });
  const damage = (await damageOf(state)) ?? (await damageInside(home));
  if (damage !== undefined) await setAside(state, damage, log, now);
  const mark = markOf(home);
  await files.writeFile(mark, "", { mode: 0o600 });
  const cache = await readable(home, log, now);
  await files.rm(mark);
  if (cache.get("runs") === undefined) cache.set("runs", { next: await firstNumber(home, now) });
  return cache;
}

const markOf = (home: string) => `${paths(home).state}.opening`;

async function readable(home: string, log: Log, now: () => Date): Promise<Cache> {
  let cache: Cache | undefined;
  try {
    cache = await openCache(home);
    readAll(cache);
    return cache;
  } catch (error) {
    const damage = damageSaid(error);
    if (damage === undefined) throw error;
    await cache?.close();
    await setAside(paths(home).state, damage, log, now);
    return openCache(home);
  }
}

/** What LMDB says of a file that is damaged (lmdb.h): page not found, corrupted, panic, version mismatch, invalid. */
const damageCodes: readonly unknown[] = [-30797, -30796, -30795, -30794, -30793];

/** Values that are no JSON are damage like any other. */
function damageSaid(error: unknown): string | undefined {
  if (error instanceof SyntaxError) return `a value cannot be read: ${error.message}`;
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return damageCodes.includes(error.code) ? error.message : undefined;
}

function readAll(cache: Cache): void {
  cache.bundle();
  for (const name of valueNames) cache.get(name);
  for (const one of cache.waiting()) unpack(one);
}

/** What a child does that a mark of an unfinished opening has made necessary. Everything is read; the exit code tells. */
export async function probe(home: string): Promise<void> {
  const cache = await openCache(home);
  readAll(cache);
  await cache.close();
}

async function damageInside(home: string): Promise<string | undefined> {
  if ((await ifThere(files.stat(markOf(home)))) === undefined) return undefined;
  const child = Bun.spawn([...ownProgram(), "agent", "probe-state", "--home", home], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    env: { PATH: process.env["PATH"] ?? "" },
    timeout: 20_000,
  });
  const code = await child.exited;
  return code === 0 ? undefined : "a process that opened it died of it";
}

async function setAside(state: string, reason: string, log: Log, now: () => Date): Promise<void> {
  const aside = `${state}.damaged-${now().toISOString().replace(/\W/g, "")}`;
  await files.rename(state, aside);
  await files.mkdir(state, { mode: 0o700 });
  log.error("state is damaged and made anew", {
    reason,
    kept: aside,
    lost: "unsent reports and the records that tell drift from intent",
  });
}

/**
 * 1 for a newcomer. Who has enforced something and has lost the counter goes on above every number it can have used, so that no
 * report is taken for one that was sent before (semantics §5).
 */
async function firstNumber(home: string, now: () => Date): Promise<number> {
  const { policyVersion } = await readFloor(home);
  return policyVersion === 0n ? 1 : Math.floor(now().getTime() / 1_000);
}

/** Of an environment that may not be there: nobody is kept from it, and nothing is made. */
export async function peek<T>(home: string, look: (cache: Cache) => T): Promise<T | undefined> {
  const { state } = paths(home);
  if ((await ifThere(files.stat(join(state, "data.mdb")))) === undefined) return undefined;
  if ((await damageOf(state)) !== undefined) return undefined;
  const cache = await openCache(home, { readOnly: true });
  try {
    return look(cache);
  } finally {
    await cache.close();
  }
}
