/**
 * What people decide about envoys beside their names and their end: to be let alone for a while, a note, and being forgotten.
 * Each is in the audit log. Must not know HTTP, nor how an envoy is shown.
 */
import { VigoError } from "../../../core/errors.ts";
import { parseDuration } from "../../../core/duration.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { Envoy } from "./envoy.ts";
import type { Fleet } from "./fleet.ts";

interface Deps {
  readonly store: Pick<Store, "envoys">;
  readonly fleet: Fleet;
}

const day = 86_400_000;
const longestMs = 90 * day;

/** By UUID, or by its name when only one revoked envoy has it. Throws `missing`, or `conflict` for one that is not revoked. */
export function findRevoked(fleet: Fleet, id: string): Envoy {
  const named = id.toLowerCase();
  const one = fleet.get(named);
  const found = one ? [one] : [...fleet.list()].filter(({ row }) => row.hostname === named);
  const revoked = found.filter(({ row }) => row.revokedAt !== undefined);
  const [only, ...more] = revoked;
  if (more.length > 0)
    throw new VigoError("conflict", `${revoked.length} revoked envoys had the name ${id}`, {
      hint: "name it by its id: vigo cli envoys list --revoked",
    });
  if (only !== undefined) return only;
  if (found.length === 0)
    throw new VigoError("missing", `no envoy ${id}`, { hint: "vigo cli envoys list --revoked" });
  throw new VigoError("conflict", `${id} is not revoked`, {
    hint: `only what is shut out can be forgotten: vigo cli envoys revoke ${id}`,
  });
}

export async function forget({ store, fleet }: Deps, { id, row }: Envoy, actor: string) {
  const audit = entry(fleet, actor, "envoy.delete", id, { hostname: row.hostname });
  if (!(await store.envoys.delete(id, audit))) throw new VigoError("missing", `no envoy ${id}`);
  fleet.remove(id);
  return { id, hostname: row.hostname };
}

/** The moment that `for` or `until` names. Throws `invalid` unless it is one of them, to come, and not too far away. */
export function endOf(
  wish: { readonly for?: string | undefined; readonly until?: string | undefined },
  now: number,
): number {
  if ((wish.for === undefined) === (wish.until === undefined))
    throw new VigoError("invalid", "body: either for or until");
  const until =
    wish.until === undefined ? now + (parseDuration(wish.for ?? "") ?? 0) : momentOf(wish.until);
  const said = wish.until === undefined ? "for" : "until";
  if (until <= now)
    throw new VigoError(
      "invalid",
      `body: ${said} must be ${said === "for" ? "more than 0" : "a moment to come"}`,
    );
  if (until > now + longestMs)
    throw new VigoError("invalid", `body: ${said} is more than ${longestMs / day} days ahead`, {
      hint: "a machine that is not to be managed any more: vigo agent uninstall on it, then vigo cli envoys revoke",
    });
  return until;
}

/** Without a zone it would mean another moment on each side. */
function momentOf(written: string): number {
  const at = Date.parse(written);
  if (/(?:Z|[+-]\d\d:\d\d)$/i.test(written) && !Number.isNaN(at)) return at;
  throw new VigoError("invalid", "body: until must be a moment like 2030-01-31T18:00:00Z");
}

export async function maintain(
  { store, fleet }: Deps,
  { id, row }: Envoy,
  until: number | undefined,
  actor: string,
): Promise<void> {
  const { hostname } = row;
  const audit =
    until === undefined
      ? entry(fleet, actor, "envoy.maintenance_end", id, { hostname })
      : entry(fleet, actor, "envoy.maintenance", id, {
          hostname,
          until: new Date(until).toISOString(),
        });
  await store.envoys.maintain(id, until, audit);
  fleet.maintain(id, until);
}

export async function writeNote(
  { store, fleet }: Deps,
  { id, row }: Envoy,
  note: string,
  actor: string,
): Promise<void> {
  const audit = entry(fleet, actor, "envoy.note", id, { hostname: row.hostname });
  await store.envoys.note(id, note, audit);
  fleet.note(id, note);
}

const entry = (
  fleet: Fleet,
  actor: string,
  action: string,
  subject: string,
  detail: AuditEntry["detail"],
): AuditEntry => ({ at: fleet.now(), actor, action, subject, detail });
