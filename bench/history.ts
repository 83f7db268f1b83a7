/**
 * How much disk the history of a fleet takes, and how it grows: runs as machines tell them, written by the server's own store over so many
 * days. `bun bench/history.ts [ENVOYS] [DAYS…]` (d: 10,000 and 1 2 4 7)
 *
 * Each envoy runs 100 resources every five minutes. A day brings two publishes that change one to three of them, one mended drift, and one
 * envoy in a hundred fails in each of its runs: about six runs an envoy and day are kept whole, the others are stretches between them.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { insertEnvoys } from "./support/filled-store.ts";
import { historyOf } from "./support/history.ts";
import { table } from "./support/table.ts";
import { openStore } from "../src/modes/server/store/sqlite/open.ts";
import type { Store } from "../src/modes/server/store/store.ts";

const [envoys = 10_000, ...asked] = process.argv.slice(2).map(Number);
const days = asked.length === 0 ? [1, 2, 4, 7] : asked;
const day = 86_400_000;
/** Runs that arrive together and share a commit. */
const together = 400;

const began = Date.now() - Math.max(...days) * day;
const rows: string[][] = [];
const folder = await mkdtemp(join(tmpdir(), "vigo-history-"));
try {
  const file = join(folder, "vigo.db");
  const store = await openStore(file);
  const ids = Array.from({ length: envoys }, () => crypto.randomUUID());
  insertEnvoys(file, ids);
  const empty = await store.size();
  for (let at = 0; at < Math.max(...days); at++) {
    const [cpu, kept] = [process.cpuUsage(), await write(store, ids, at)];
    const { user, system } = process.cpuUsage(cpu);
    if (days.includes(at + 1))
      rows.push(await measured(store, at + 1, empty, (user + system) / kept));
  }
  console.log(
    table(
      [
        "days",
        "runs",
        "stretches",
        "MiB",
        "KiB an envoy and day",
        "µs CPU a run",
        "page of runs, ms",
        "drift of a day, s",
      ],
      rows,
    ),
  );
  const started = performance.now();
  const gone = await store.runs.prune(began + day, Number.MAX_SAFE_INTEGER);
  console.log(
    `the first day of ${Math.max(...days)}: ${gone} rows forgotten in ${Math.round(performance.now() - started)} ms`,
  );
  await store.close();
} finally {
  await rm(folder, { recursive: true });
}

/** Gives how many runs were kept. */
async function write(store: Store, ids: readonly string[], at: number): Promise<number> {
  let kept = 0;
  for (let from = 0; from < ids.length; from += together)
    await Promise.all(
      ids.slice(from, from + together).map((id, index) => {
        const { runs, spans } = historyOf(id, from + index, began + at * day, at);
        kept += runs.length;
        return store.runs.record(id, runs, spans);
      }),
    );
  return kept;
}

async function measured(
  store: Store,
  count: number,
  empty: number,
  cpu: number,
): Promise<string[]> {
  const { rows: found } = await store.measure();
  const bytes = (await store.size()) - empty;
  const paging = performance.now();
  await store.runs.page({ limit: 100 });
  const drifting = performance.now();
  await driftsOf(store, began + (count - 1) * day);
  const done = performance.now();
  return [
    String(count),
    String(found["runs"]),
    String(found["spans"]),
    (bytes / 1_048_576).toFixed(0),
    (bytes / 1024 / envoys / count).toFixed(1),
    cpu.toFixed(0),
    (drifting - paging).toFixed(1),
    ((done - drifting) / 1000).toFixed(2),
  ];
}

async function driftsOf(store: Store, since: number): Promise<void> {
  let page = await store.runs.drifted({ since, limit: 200 });
  for (let last = page.at(-1); last !== undefined && page.length === 200; last = page.at(-1))
    page = await store.runs.drifted({ since, limit: 200, before: last });
}
