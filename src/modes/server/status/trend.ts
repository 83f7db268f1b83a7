/** How the fleet stands, noted every few minutes, so that people see where it goes. Must not know HTTP, nor the database. */
import type { Sample } from "../../../core/api/history.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Store, TrendRow } from "../store/store.ts";
import { fleetFigures } from "./figures.ts";

interface TrendOptions {
  readonly store: Pick<Store, "trend">;
  readonly fleet: Fleet;
  /** So long after the start nothing is noted: the envoys have to be heard first, or all would be offline. */
  readonly settleMs: number;
}

/** Between two notes. */
export const periodMs = 300_000;

/** In one answer. */
const most = 200;

/** Gives what is to be done now and then; it notes once a period, whoever noted before. */
export function trendKeeper({ store, fleet, settleMs }: TrendOptions): () => Promise<void> {
  const from = fleet.now() + settleMs;
  let newest: number | undefined;
  return async () => {
    const now = fleet.now();
    if (now < from) return;
    newest ??= (await store.trend.newest())?.at ?? Number.NEGATIVE_INFINITY;
    // A clock that was set back must not stop the notes until it has caught up.
    if (now - newest < periodMs && now >= newest) return;
    await store.trend.add(noted(fleet, now));
    newest = now;
  };
}

function noted(fleet: Fleet, at: number): TrendRow {
  const { byStatus, convergence } = fleetFigures(fleet);
  let [drifting, intended] = [0, 0];
  for (const envoy of fleet.list()) {
    if (envoy.row.revokedAt !== undefined) continue;
    const status = fleet.status(envoy);
    if (!lastRunCounts.has(status)) continue;
    const causes = envoy.newest[0]?.causes ?? [];
    if (causes.includes("drift")) drifting++;
    else if (status === "changed" && causes.every((cause) => cause === "intent")) intended++;
  }
  return { at, envoys: byStatus, drifting, intended, convergence };
}

/** Those that are decided from the newest run on record, because no steady one came after it. */
const lastRunCounts: ReadonlySet<string> = new Set([
  "failed",
  "degraded",
  "diverged",
  "relapsed",
  "changed",
]);

export async function trendSince(store: Pick<Store, "trend">, since: number): Promise<Sample[]> {
  const rows = await store.trend.since(since);
  const step = Math.max(1, Math.ceil(rows.length / most));
  // Counted from the newest: that is the one people look for.
  return rows.filter((_, at) => (rows.length - 1 - at) % step === 0).map(sample);
}

const sample = ({ at, envoys, drifting, intended, convergence }: TrendRow): Sample => ({
  at: new Date(at).toISOString(),
  envoys: { ...envoys },
  drifting,
  intended,
  ...(convergence === undefined ? {} : { convergence_pct: Math.round(convergence * 1_000) / 10 }),
});
