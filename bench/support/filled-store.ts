/** A store as a fleet of some age leaves it: kept traits, runs with their resources, and stretches between them. */
import { Database } from "bun:sqlite";
import { randomBytes, randomUUID } from "node:crypto";
import { keptTraits, sectionHash, traitsRoot } from "../../src/core/wire/traits-root.ts";
import { traits as registry } from "../../src/core/traits/index.ts";
import { Roots } from "../../src/modes/server/envoys/roots.ts";
import { openStore } from "../../src/modes/server/store/sqlite/open.ts";
import type { RunRow, SpanRow, Store } from "../../src/modes/server/store/store.ts";

const marked = new Roots(registry);

/** Of each envoy. */
const runsEach = 10;
const kept = [...keptTraits(registry)];
const start = Date.now() - 86_400_000;

export async function fillStore(file: string, envoys: number): Promise<void> {
  const store = await openStore(file);
  try {
    const ids = Array.from({ length: envoys }, () => randomUUID());
    insertEnvoys(file, ids);
    for (let at = 0; at < envoys; at += 200) await fill(store, ids.slice(at, at + 200));
  } finally {
    await store.close();
  }
}

/** By hand, because an enrolment waits for the disk, and here are thousands. */
export function insertEnvoys(file: string, ids: readonly string[]): void {
  const database = new Database(file, { strict: true });
  const insert = database.query(
    "INSERT INTO envoys (id, hostname, public_key, certificate, certificate_expires_at, enrolled_at, machine_id, platform, arch) VALUES (?, ?, ?, ?, ?, ?, ?, 'linux', 'amd64')",
  );
  database.transaction(() => {
    for (const [n, id] of ids.entries()) {
      const certificate = randomBytes(32).toString("hex");
      const until = start + 90 * 86_400_000;
      insert.run(id, `web-${n}`, randomBytes(32), certificate, until, start, randomUUID());
    }
  })();
  database.close();
}

async function fill(store: Store, ids: readonly string[]): Promise<void> {
  const rows = ids.flatMap((envoyId) =>
    kept.map((section) => {
      const value = { told: randomBytes(100).toString("hex") };
      const hash = sectionHash(JSON.stringify(value));
      return { envoyId, section, value, hash, collectedAt: start, stale: false };
    }),
  );
  await store.traits.put(rows);
  await Promise.all(ids.map((id) => store.runs.record(id, runsOf(id), spansOf(id))));
  const roots = Map.groupBy(rows, (row) => row.envoyId);
  await store.envoys.seen(
    ids.map((id) => ({
      id,
      lastSeenAt: Date.now(),
      agentVersion: "1.0.0",
      bootId: randomUUID(),
      reportedHostname: "web",
      machineId: randomUUID(),
      policyVersion: 1,
      bodyDigest: randomBytes(32).toString("hex"),
      traitsRoot: marked.kept({
        traitsRoot: traitsRoot((roots.get(id) ?? []).map(({ section, hash }) => [section, hash])),
      }),
    })),
  );
}

const runsOf = (envoyId: string): readonly RunRow[] =>
  Array.from({ length: runsEach }, (_, n) => ({
    envoyId,
    number: n * 10 + 1,
    policyVersion: 1,
    startedAt: start + n * 3_000_000,
    durationMs: 100,
    outcome: "changed",
    counts: { ok: 40, changed: 1, failed: 0, skipped: 0, blocked: 0, pending: 0 },
    causes: ["drift"],
    resources: Array.from({ length: 20 }, (_, at) => ({
      key: `web/resource-${at}`,
      type: "file",
      outcome: at === 0 ? "changed" : "ok",
      changes: at === 0 ? [{ field: "content", from: "a", to: "b", cause: "drift" }] : [],
      duration_ms: 1,
    })),
  }));

const spansOf = (envoyId: string): readonly SpanRow[] =>
  runsOf(envoyId).map(({ number, startedAt }) => ({
    envoyId,
    first: number + 1,
    last: number + 9,
    firstAt: startedAt + 300_000,
    lastAt: startedAt + 2_700_000,
  }));
