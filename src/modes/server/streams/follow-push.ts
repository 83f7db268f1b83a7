/** Pushes envoys and tells what came of it: each one's next run, as soon as it is known. Must not know HTTP, nor how envoys are told. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PushEvent } from "../../../core/api/push.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { LivePolicy } from "../policy/live.ts";
import type { Push } from "./push.ts";

interface Deps {
  readonly fleet: Pick<Fleet, "get" | "status" | "maintenanceUntil">;
  readonly policy: Pick<LivePolicy, "settle">;
  readonly push: Pick<Push, "push" | "toldAt" | "keep">;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: () => number;
  /** Nobody reads it any more. */
  readonly gone?: AbortSignal;
}

/** Between two looks at those who have not run. */
const pauseMs = 200;

/** A server that has just begun takes nobody for offline before agents can have come back to it. */
const comingBackMs = 30_000;

/**
 * All are told before it resolves, but who has run since; who stops reading ends the following, and no run. `since` goes on with a push
 * whose following broke: the newest runs of then.
 */
export async function followed(
  deps: Deps,
  envoys: readonly Envoy[],
  waitMs: number,
  since?: ReadonlyMap<string, number>,
): Promise<AsyncIterable<PushEvent>> {
  for (const envoy of envoys) await deps.policy.settle(envoy);
  const before = new Map(since ?? envoys.map(({ id, lastRun }) => [id, lastRun]));
  const due = envoys.filter((envoy) => runSince(envoy, before.get(envoy.id) ?? 0) === undefined);
  const told = due.filter(({ id }) => deps.push.push(id)).length;
  await deps.push.keep();
  const unheard = new Set(due);
  const now = deps.elapsed();
  const offlineFrom = since === undefined ? now : now + comingBackMs;
  return events(deps, { envoys, before, unheard, told, offlineFrom, endsAt: now + waitMs });
}

interface Pushed {
  readonly envoys: readonly Envoy[];
  /** Its newest run of then, by id. */
  readonly before: Map<string, number>;
  /** Those that have not checked in since they were told: what they run is not for the push. */
  readonly unheard: Set<Envoy>;
  readonly told: number;
  readonly offlineFrom: number;
  readonly endsAt: number;
}

async function* events(deps: Deps, pushed: Pushed): AsyncGenerator<PushEvent> {
  const { envoys, before, told } = pushed;
  const tally = { ran: 0, failed: 0, passed_over: 0, missing: 0 };
  const after = Object.fromEntries(before);
  yield { kind: "begin", asked: envoys.length, told, after };
  let left = envoys;
  while (deps.gone?.aborted !== true) {
    const now = deps.elapsed();
    const waiting: Envoy[] = [];
    for (const envoy of left) {
      const event = lookAt(deps, envoy, pushed, now);
      if (event === undefined) waiting.push(envoy);
      else {
        tally[event.kind]++;
        if (event.kind === "ran" && event.outcome === "failed") tally.failed++;
        yield event;
      }
    }
    left = waiting;
    if (left.length === 0) break;
    await sleep(pauseMs);
  }
  yield { kind: "end", asked: envoys.length, ...tally };
}

type Told = Extract<PushEvent, { readonly kind: "ran" | "passed_over" | "missing" }>;

/** Undefined: it is still waited for. */
function lookAt(
  { fleet, push }: Deps,
  envoy: Envoy,
  pushed: Pushed,
  now: number,
): Told | undefined {
  const who = { envoy_id: envoy.id, hostname: envoy.row.hostname };
  if (pushed.unheard.has(envoy)) passOver(envoy, pushed, push.toldAt(envoy.id));
  const ran = runSince(envoy, pushed.before.get(envoy.id) ?? 0);
  if (ran !== undefined) return { kind: "ran", ...who, ...ran };
  const until = fleet.maintenanceUntil(envoy);
  if (until !== undefined)
    return { kind: "passed_over", ...who, maintenance_until: new Date(until).toISOString() };
  const missing = (reason: string): Told => ({ kind: "missing", ...who, reason });
  if (fleet.get(envoy.id) === undefined || envoy.row.revokedAt !== undefined)
    return missing("it is shut out");
  // Neither should it enforce anything, nor does it.
  if (envoy.intended === undefined && envoy.bodyDigest.length === 0)
    return missing("nothing is published for it");
  if (now >= pushed.offlineFrom && fleet.status(envoy) === "offline")
    return missing("it is offline");
  return now >= pushed.endsAt ? missing("no run of it came in time") : undefined;
}

/** What its first check-in after that tells of has run before. */
function passOver(envoy: Envoy, { unheard, before }: Pushed, toldAt: number | undefined): void {
  const { id, lastRun, checkedInAt = 0, checkInRun, formerCheckInAt = 0, formerCheckInRun } = envoy;
  const isHeard = toldAt !== undefined && checkedInAt >= toldAt;
  if (isHeard) unheard.delete(envoy);
  const first = isHeard && formerCheckInAt >= toldAt ? formerCheckInRun : checkInRun;
  before.set(id, Math.max(before.get(id) ?? 0, isHeard ? first : lastRun));
}

/** A new policy and the push may each bring a run: the newest says how it stands, unless it had nothing to do after one that had. */
function runSince({ lastRun, newest }: Envoy, before: number) {
  const [head] = newest;
  if (lastRun <= before) return undefined;
  const told = head !== undefined && head.number > before ? head : undefined;
  if (told !== undefined && (told.number === lastRun || told.outcome === "changed"))
    return { run: told.number, outcome: told.outcome };
  return { run: lastRun, outcome: "ok" as const };
}
