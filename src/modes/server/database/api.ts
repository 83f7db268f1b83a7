/** The endpoints about the database, handled. Must not know HTTP, nor the database. */
import {
  backupDatabase,
  databaseStats,
  pruneDatabase,
  vacuumDatabase,
} from "../../../core/api/database.ts";
import { parseDuration } from "../../../core/duration.ts";
import type { Backup } from "../backup/make.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Part, Works } from "../works.ts";
import { implement } from "../http/implement.ts";
import { forgetOld } from "../retention.ts";
import type { Store } from "../store/store.ts";

interface Deps {
  readonly store: Pick<
    Store,
    "audit" | "measure" | "runs" | "size" | "tasks" | "trend" | "vacuum" | "workflows"
  >;
  readonly fleet: Fleet;
  readonly backup: (part: Part) => Promise<Backup>;
  readonly works: Works;
}

export const databaseRoutes = [
  implement(databaseStats, async (_, { store }: Deps) => {
    const { freeBytes, rows } = await store.measure();
    return {
      driver: "sqlite",
      size_bytes: await store.size(),
      free_bytes: freeBytes,
      rows: { ...rows },
    };
  }),
  implement(vacuumDatabase, async (_, { store, fleet, works }: Deps, { name: actor }) => {
    const before = await store.size();
    await works.during("vacuum", async (part) => {
      // SQLite does not say how far it is with a database that has to be rewritten as a whole.
      part("giving space back");
      await store.vacuum((done, all) => part("giving space back", () => ({ done, all })));
    });
    const after = await store.size();
    const detail = { before_bytes: before, after_bytes: after };
    await store.audit.append({
      at: fleet.now(),
      actor,
      action: "database.vacuum",
      subject: "database",
      detail,
    });
    return detail;
  }),
  implement(backupDatabase, async (_, { store, fleet, backup, works }: Deps, { name: actor }) => {
    const { elsewhere, ...made } = await works.during("backup", backup);
    const entry = { at: fleet.now(), actor, action: "database.backup", subject: "database" };
    await store.audit.append({ ...entry, detail: { ...made } });
    return { ...made, elsewhere: [...elsewhere] };
  }),
  implement(pruneDatabase, async ({ body }, { store, fleet, works }: Deps, { name: actor }) => {
    const now = fleet.now();
    const { older_than } = body;
    // Written down first: what is gone cannot be counted again when the server is killed in the middle.
    const entry = { at: now, actor, action: "database.prune", subject: "database" };
    await store.audit.append({ ...entry, detail: { older_than } });
    const before = now - (parseDuration(older_than) ?? 0);
    return works.during("prune", async (part) => {
      const share = { done: 0, all: await store.runs.older(before) };
      part("forgetting runs", () => share);
      const { runs, samples } = await forgetOld(store, before, (done) => {
        share.done = done;
      });
      return { runs, samples };
    });
  }),
];
