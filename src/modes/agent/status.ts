/** How this agent stands, from its own files alone: works with the server away and beside a running daemon. Changes nothing. */
import { version } from "../../core/version.ts";
import { readTicket } from "../../core/wire/ticket.ts";
import { peek } from "./cache-open.ts";
import type { Cache } from "./cache.ts";
import type { AgentContext } from "./command.ts";
import { paths } from "./home.ts";
import { type Identity, readIdentity } from "./identity.ts";
import { readPause } from "./pause.ts";
import type { AgentStatus } from "./print-status.ts";
import { isAlive } from "./process-name.ts";
import { holderOf } from "./run-lock.ts";

export async function agentStatus({ home, now }: AgentContext): Promise<AgentStatus> {
  const at = now();
  const identity = await readIdentity(home);
  const pause = await readPause(home, at);
  const pid = runningPid(home);
  const seen = await peek(home, (cache) => ofState(cache, at));
  return {
    version: version.version,
    home,
    ...ofIdentity(identity),
    ...(pid !== undefined && { running_pid: pid }),
    ...(seen ?? { policy_version: 0, pending_results: 0, pending_refreshes: [] }),
    ...(pause && { paused: pause }),
  };
}

const ofIdentity = (identity: Identity | undefined) =>
  identity === undefined
    ? { servers: [], verification_keys: [] }
    : {
        envoy_id: identity.about.envoy_id,
        hostname: identity.about.hostname,
        servers: identity.about.servers,
        verification_keys: identity.bundleKeys.map(({ id }) => id),
      };

function runningPid(home: string): number | undefined {
  const holder = holderOf(paths(home).lock);
  return holder !== undefined && isAlive(holder) ? Number(holder.split(" ")[0]) : undefined;
}

function ofState(cache: Cache, now: Date) {
  const contact = cache.get("contact");
  const gaps = contact?.gapsMs ?? [];
  const collected = (cache.get("traits") ?? []).map(({ collectedAt }) => collectedAt);
  return {
    ...ofBundle(cache, now),
    ...ofRuns(cache),
    ...(collected.length > 0 && { traits_age_s: secondsSince(Math.min(...collected), now) }),
    ...(contact && {
      last_contact_at: new Date(contact.lastAt).toISOString(),
      interval_ms: contact.intervalMs,
    }),
    ...(gaps.length > 0 && {
      cadence_ms: Math.round(gaps.reduce((a, b) => a + b, 0) / gaps.length),
    }),
    ...((cache.get("maintenance") ?? 0) > now.getTime() && {
      maintenance_until: new Date(cache.get("maintenance") ?? 0).toISOString(),
    }),
    pending_results: cache.waitingCount(),
    pending_refreshes: cache.get("debts") ?? [],
  };
}

function ofBundle(cache: Cache, now: Date) {
  const kept = cache.bundle();
  if (kept === undefined) return { policy_version: 0 };
  const { policyVersion, issuedAtMs, expiresAtMs } = readTicket(kept.ticket);
  return {
    policy_version: Number(policyVersion),
    bundle_age_s: secondsSince(Number(issuedAtMs), now),
    ...(expiresAtMs > 0n && { bundle_expires_at: new Date(Number(expiresAtMs)).toISOString() }),
  };
}

function ofRuns(cache: Cache) {
  const runs = cache.get("runs");
  if (runs?.lastRunAt === undefined) return {};
  const at = new Date(runs.lastRunAt).toISOString();
  return { last_run: { number: runs.next - 1, at, duration_ms: runs.durationMs ?? 0 } };
}

const secondsSince = (at: number, now: Date): number =>
  Math.max(0, Math.round((now.getTime() - at) / 1000));
