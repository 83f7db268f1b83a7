/** What is done with envoys on request. Must not know HTTP, nor how a check-in works. */
import { z } from "zod";
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import type { Envoy as ApiEnvoy, EnvoyDetail, listEnvoys } from "../../../core/api/envoys.ts";
import { VigoError } from "../../../core/errors.ts";
import { hostPattern } from "../../../core/policy/hostname.ts";
import { pendingOf } from "../../../core/status.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";
import type { Envoys } from "./api.ts";
import type { Fleet } from "./fleet.ts";

interface Deps {
  readonly store: Pick<Store, "envoys" | "traits">;
  readonly fleet: Fleet;
}

export const envoyUseCases = (deps: Deps): Envoys => ({
  page: async (query) => page(deps, query),
  show: async (id) => detail(deps, findEnvoy(deps.fleet, id)),
  rename: (id, hostname, actor) => rename(deps, findEnvoy(deps.fleet, id), hostname, actor),
  revoke: (id, actor) => revoke(deps, findEnvoy(deps.fleet, id), actor),
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

const place = z.tuple([z.string(), z.string()]);

function page(
  { fleet }: Deps,
  { limit, cursor, status, hostname, revoked }: Received<typeof listEnvoys>["query"],
): Answer<typeof listEnvoys> {
  const after = fromCursor(place, cursor);
  const matches = hostname === undefined ? () => true : matcher(hostname);
  const wanted = (envoy: Envoy) =>
    (revoked || envoy.row.revokedAt === undefined) &&
    matches(envoy.row.hostname) &&
    (status === undefined || fleet.status(envoy) === status) &&
    (after === undefined || inOrder(after, placeOf(envoy)) < 0);
  const rows = [...fleet.list()].filter(wanted).sort((a, b) => inOrder(placeOf(a), placeOf(b)));
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    envoys: shown.map((envoy) => summary(fleet, envoy)),
    ...(rows.length > limit && last !== undefined ? { cursor: toCursor(placeOf(last)) } : {}),
  };
}

type Place = z.output<typeof place>;

const placeOf = ({ row }: Envoy): Place => [row.hostname, row.id];

const inOrder = ([nameA, idA]: Place, [nameB, idB]: Place): number => {
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return idA < idB ? -1 : Number(idA > idB);
};

export function matcher(glob: string): (hostname: string) => boolean {
  const pattern = hostPattern(glob);
  if ("error" in pattern) throw new VigoError("invalid", `hostname: ${pattern.error}`);
  return (hostname) => pattern.matches(hostname);
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

/** Only what is there: an absent field says "not yet". */
function summary(fleet: Fleet, envoy: Envoy): ApiEnvoy {
  const { row, lastSeenAt, agentVersion } = envoy;
  return {
    id: row.id,
    hostname: row.hostname,
    status: fleet.status(envoy),
    platform: row.platform,
    arch: row.arch,
    enrolled_at: iso(row.enrolledAt),
    policy_version: envoy.policyVersion,
    pending: pendingOf(fleet.standing(envoy)),
    ...(lastSeenAt === undefined ? {} : { last_seen_at: iso(lastSeenAt) }),
    ...(row.revokedAt === undefined ? {} : { revoked_at: iso(row.revokedAt) }),
    ...(agentVersion === "" ? {} : { agent_version: agentVersion }),
  };
}

async function detail({ fleet, store }: Deps, envoy: Envoy): Promise<EnvoyDetail> {
  const { row, reportedHostname } = envoy;
  const [problem] = envoy.problems;
  const [run] = envoy.newest;
  const traits = await store.traits.of(row.id);
  return {
    ...summary(fleet, envoy),
    machine_id: row.machineId,
    certificate_expires_at: iso(row.certificateExpiresAt),
    orphaned: isOrphaned(fleet, envoy),
    traits: Object.fromEntries(traits.map(({ section, value }) => [section, mutable(value)])),
    ...(row.tokenId === undefined ? {} : { token_id: row.tokenId }),
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

function isOrphaned(fleet: Fleet, envoy: Envoy): boolean {
  const newest = namesake(fleet, envoy.row.hostname);
  return newest !== undefined && newest !== envoy && newest.row.enrolledAt >= envoy.row.enrolledAt;
}
