/** What is done with envoys on request. Must not know HTTP, nor how a check-in works. */
import type { Envoy as ApiEnvoy, EnvoyDetail } from "../../../core/api/envoys.ts";
import { VigoError } from "../../../core/errors.ts";
import { pendingOf } from "../../../core/status.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import { endOf, findRevoked, forget, maintain, writeNote } from "./acts.ts";
import type { Envoy } from "./envoy.ts";
import type { Envoys } from "./api.ts";
import type { Fleet } from "./fleet.ts";
import { page, type Searched } from "./page.ts";
import { traitsOf } from "./traits.ts";

interface Deps extends Searched {
  readonly store: Pick<Store, "envoys" | "traits">;
  /** What of the live policy its agent does not know. */
  lacks(envoy: Envoy): Promise<readonly string[]>;
}

export const envoyUseCases = (deps: Deps): Envoys => ({
  page: (query) => page(deps, query, summaries(deps.fleet)),
  traits: async (id, path) => traitsOf(deps.store, findEnvoy(deps.fleet, id), path),
  show: async (id) => detail(deps, findEnvoy(deps.fleet, id)),
  rename: (id, hostname, actor) => rename(deps, findEnvoy(deps.fleet, id), hostname, actor),
  revoke: (id, actor) => revoke(deps, findEnvoy(deps.fleet, id), actor),
  forget: async (id, actor) => forget(deps, findRevoked(deps.fleet, id), actor),
  maintain: async (id, wish, actor) => {
    const envoy = findEnvoy(deps.fleet, id);
    const until = wish === undefined ? undefined : endOf(wish, deps.fleet.now());
    await maintain(deps, envoy, until, actor);
    return detail(deps, envoy);
  },
  note: async (id, note, actor) => {
    const envoy = findEnvoy(deps.fleet, id);
    await writeNote(deps, envoy, note, actor);
    return detail(deps, envoy);
  },
});

/** By UUID, or by the name of one that is not revoked, the newest. Throws `missing`. */
export function findEnvoy(fleet: Fleet, id: string): Envoy {
  const found = fleet.get(id.toLowerCase()) ?? namesake(fleet, id);
  if (found !== undefined) return found;
  throw new VigoError("missing", `no envoy ${id}`, { hint: "vigo cli envoys list" });
}

/** The newest envoy of that name that is not revoked. */
export function namesake(fleet: Fleet, hostname: string): Envoy | undefined {
  const name = hostname.toLowerCase();
  let newest: Envoy | undefined;
  for (const envoy of fleet.list()) {
    const { row } = envoy;
    if (row.hostname !== name || row.revokedAt !== undefined) continue;
    if (newest === undefined || row.enrolledAt > newest.row.enrolledAt) newest = envoy;
  }
  return newest;
}

async function rename(
  deps: Deps,
  { id, row }: Envoy,
  wanted: string,
  actor: string,
): Promise<EnvoyDetail> {
  const { fleet, store } = deps;
  const hostname = wanted.toLowerCase();
  const other = namesake(fleet, hostname);
  if (other !== undefined && other.id !== id)
    throw new VigoError("conflict", `the envoy ${other.id} has the name ${hostname} already`, {
      hint: "rename or revoke that one first",
    });
  const detail = { from: row.hostname, to: hostname };
  await store.envoys.rename(id, hostname, entry(fleet, actor, "envoy.rename", id, detail));
  fleet.rename(id, hostname);
  return detailOf(deps, id);
}

async function revoke(deps: Deps, { id, row }: Envoy, actor: string): Promise<EnvoyDetail> {
  const { fleet, store } = deps;
  const at = fleet.now();
  const audit = entry(fleet, actor, "envoy.revoke", id, { hostname: row.hostname });
  await store.envoys.revoke(id, at, audit);
  fleet.revoke(id, at);
  return detailOf(deps, id);
}

const entry = (
  fleet: Fleet,
  actor: string,
  action: string,
  subject: string,
  particulars: AuditEntry["detail"],
): AuditEntry => ({ at: fleet.now(), actor, action, subject, detail: particulars });

const detailOf = (deps: Deps, id: string) => detail(deps, findEnvoy(deps.fleet, id));

const iso = (ms: number): string => new Date(ms).toISOString();

/** The newest of each name are looked for once a page. */
function summaries(fleet: Fleet): (envoy: Envoy) => ApiEnvoy {
  const newest = newestByName(fleet);
  return (envoy) => summary(fleet, envoy, newest.get(envoy.row.hostname));
}

function newestByName(fleet: Fleet): ReadonlyMap<string, Envoy> {
  const newest = new Map<string, Envoy>();
  for (const envoy of fleet.list()) {
    const { hostname, enrolledAt, revokedAt } = envoy.row;
    const other = newest.get(hostname);
    if (revokedAt !== undefined || (other !== undefined && other.row.enrolledAt >= enrolledAt))
      continue;
    newest.set(hostname, envoy);
  }
  return newest;
}

/** Only what is there: an absent field says "not yet". `newest` is the one that has its name now. */
function summary(fleet: Fleet, envoy: Envoy, newest: Envoy | undefined): ApiEnvoy {
  const { row, lastSeenAt, agentVersion } = envoy;
  const maintenance = fleet.maintenanceUntil(envoy);
  return {
    id: row.id,
    hostname: row.hostname,
    status: fleet.status(envoy),
    platform: row.platform,
    arch: row.arch,
    enrolled_at: iso(row.enrolledAt),
    policy_version: envoy.policyVersion,
    pending: pendingOf(fleet.standing(envoy)),
    orphaned: isOrphaned(envoy, newest),
    ...(row.tags === undefined || row.tags.length === 0 ? {} : { tags: [...row.tags] }),
    ...(maintenance === undefined ? {} : { maintenance_until: iso(maintenance) }),
    ...(lastSeenAt === undefined ? {} : { last_seen_at: iso(lastSeenAt) }),
    ...(row.revokedAt === undefined ? {} : { revoked_at: iso(row.revokedAt) }),
    ...(agentVersion === "" ? {} : { agent_version: agentVersion }),
  };
}

async function detail({ fleet, store, lacks }: Deps, envoy: Envoy): Promise<EnvoyDetail> {
  const { row, reportedHostname } = envoy;
  const [problem] = envoy.problems;
  const [run] = envoy.newest;
  const traits = await store.traits.of(row.id);
  const lacking = await lacks(envoy);
  return {
    ...summary(fleet, envoy, namesake(fleet, row.hostname)),
    machine_id: row.machineId,
    certificate_expires_at: iso(row.certificateExpiresAt),
    traits: Object.fromEntries(traits.map(({ section, value }) => [section, mutable(value)])),
    ...(row.tokenId === undefined ? {} : { token_id: row.tokenId }),
    ...(row.note === undefined || row.note === "" ? {} : { note: row.note }),
    ...(lacking.length === 0 ? {} : { agent_lacks: [...lacking] }),
    ...(reportedHostname === "" ? {} : { reported_hostname: reportedHostname }),
    ...(problem && {
      policy_problem: `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
    }),
    ...(run && {
      last_run: { number: run.number, outcome: run.outcome, started_at: iso(run.startedAt) },
    }),
  };
}

/** JSON that was read from the store; zod's type of the same thing is not readonly. */
const mutable = (value: unknown) => value as EnvoyDetail["traits"][string];

const isOrphaned = ({ id, row }: Envoy, newest: Envoy | undefined): boolean =>
  newest !== undefined && newest.id !== id && newest.row.enrolledAt >= row.enrolledAt;
