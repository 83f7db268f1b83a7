/** Who waits for the database to be tidied up is told how far it is. */
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Hono } from "hono";
import { databaseRoutes } from "../../../src/modes/server/database/api.ts";
import { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import type { App } from "../../../src/modes/server/http/implement.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { Works } from "../../../src/modes/server/works.ts";
import { enrolled, run } from "../store/rows.ts";

test("pruning and vacuuming tell their share", async () => {
  const room = await mkdtemp(join(tmpdir(), "vigo-prune-"));
  const store = await openStore(join(room, "vigo.db"));
  try {
    await enrolled(store, "e1");
    const [resource] = run("e1", 1).resources;
    const reason = randomBytes(1_000).toString("base64");
    const wide = { resources: resource === undefined ? [] : [{ ...resource, reason }] };
    const runs = Array.from({ length: 4_500 }, (_, n) =>
      run("e1", n + 1, { startedAt: n, ...wide }),
    );
    await store.runs.record("e1", runs, []);
    const works = new Works(Date.now);
    const fleet = await Fleet.load(store, {
      ...{ intervalMs: 1_000, offline: { factor: 2 }, divergedAfter: 3, traits: [] },
    });
    const app: App = new Hono();
    const caller = { name: "local", role: "admin", via: "local-token", address: "" } as const;
    const backup = async () => ({ folder: "", files: 0, bytes: 0, elsewhere: [] });
    for (const route of databaseRoutes)
      route.mountOn(app, { store, fleet, works, backup }, async () => caller);
    const seen = async (path: string, body: object) => {
      const shares: string[] = [];
      const answer = Promise.resolve(
        app.request(`/api/v1${path}`, { method: "POST", body: JSON.stringify(body) }),
      );
      let over = false;
      void answer.finally(() => (over = true));
      while (!over) {
        for (const { what, done, all } of await works.list())
          if (done !== undefined) shares.push(`${what} ${done > 0 && done < (all ?? 0)} ${all}`);
        await setImmediate();
      }
      expect((await answer).status).toBe(200);
      return shares;
    };
    expect(await seen("/database/prune", { older_than: "1h" })).toContain("prune true 4500");
    const [first = ""] = (await seen("/database/vacuum", {})).filter((one) => one.includes("true"));
    expect(first).toMatch(/^vacuum true \d+$/);
  } finally {
    await store.close();
    await rm(room, { recursive: true });
  }
});
