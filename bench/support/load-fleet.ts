/** A fresh process that loads a fleet from the store in the file it is given, and prints what that took as JSON. */
import { traits } from "../../src/core/traits/index.ts";
import { Fleet } from "../../src/modes/server/envoys/fleet.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import { memoryOf } from "./memory.ts";

export interface LoadFigures {
  /** Envoys that came back whole. */
  readonly loaded: number;
  /** Seconds. */
  readonly wall: number;
  readonly cpu: number;
  /** MiB that became resident, and that the database has on disk. */
  readonly rss: number;
  readonly size: number;
}

const store = await openStore(process.argv[2] ?? "");
const options = {
  intervalMs: 300_000,
  offline: { factor: 2.5 },
  divergedAfter: 3,
  traits,
} as const;
Bun.gc(true);
const before = await memoryOf(process.pid);
const [cpu, wall] = [process.cpuUsage(), performance.now()];
const fleet = await Fleet.load(store, options);
const took = performance.now() - wall;
const { user, system } = process.cpuUsage(cpu);
Bun.gc(true);
const after = await memoryOf(process.pid);
const withRoot = [...fleet.list()].filter(
  ({ traitsRoot, newest }) => traitsRoot && newest.length === 3,
);
const figures: LoadFigures = {
  loaded: withRoot.length,
  wall: took / 1_000,
  cpu: (user + system) / 1_000_000,
  rss: after.resident - before.resident,
  size: (await store.size()) / 1_048_576,
};
console.log(JSON.stringify(figures));
await store.close();
