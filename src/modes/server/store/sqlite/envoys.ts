/** Envoys in SQLite. Must not know what an envoy is told. */
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type {
  AuditEntry,
  Enrolment,
  EnvoyRow,
  EnvoySeen,
  EnvoyStore,
  RenewedCertificate,
} from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { envoys, requests } from "./schema.ts";
import { takeUse } from "./tokens.ts";

type Stored = typeof envoys.$inferSelect;

export function envoyStore(connection: Connection): EnvoyStore {
  const { db } = connection;
  const find = (id: string) => {
    const row = db.select().from(envoys).where(eq(envoys.id, id)).get();
    return row && identity(row);
  };
  const change = (id: string, set: Partial<Stored>, audit: AuditEntry) =>
    connection.atomically(() => {
      const row = db.update(envoys).set(set).where(eq(envoys.id, id)).returning().get();
      if (row === undefined) return undefined;
      appendAudit(connection, audit);
      return identity(row);
    });
  return {
    all: () => connection.do(() => db.select().from(envoys).all().map(whole)),
    findByKey: (publicKey) =>
      connection.do(() => {
        const key = Buffer.from(publicKey);
        const row = db.select().from(envoys).where(eq(envoys.publicKey, key)).get();
        return row && identity(row);
      }),
    enrol: (enrolment) => connection.atomically(() => enrol(connection, enrolment)),
    revoke: (id, at, audit) =>
      connection.atomically(() => {
        const revoked = db
          .update(envoys)
          .set({ revokedAt: at })
          .where(and(eq(envoys.id, id), isNull(envoys.revokedAt)))
          .returning({ id: envoys.id })
          .all();
        if (revoked.length > 0) appendAudit(connection, audit);
        return find(id);
      }),
    rename: (id, hostname, audit) => change(id, { hostname }, audit),
    maintain: (id, until, audit) => change(id, { maintenanceUntil: until ?? null }, audit),
    note: (id, note, audit) => change(id, { note: note === "" ? null : note }, audit),
    tag: (changes, audit) => tag(connection, changes, audit),
    delete: (id, audit) =>
      connection.atomically(() => {
        const gone = db
          .delete(envoys)
          .where(and(eq(envoys.id, id), isNotNull(envoys.revokedAt)))
          .returning({ id: envoys.id })
          .all();
        if (gone.length === 0) return false;
        // An approved request would let the key in again.
        db.delete(requests).where(eq(requests.envoyId, id)).run();
        appendAudit(connection, audit);
        return true;
      }),
    renewCertificate: (id, renewed) => connection.do(() => renew(connection, id, renewed)),
    reissue: ({ id, renewed, use, audit }) =>
      connection.atomically(() => {
        if (!takeUse(connection, use.tokenId, use.now)) return false;
        renew(connection, id, renewed);
        appendAudit(connection, audit);
        return true;
      }),
    seen: seeing(connection),
  };
}

const tag = (
  connection: Connection,
  changes: Parameters<EnvoyStore["tag"]>[0],
  audit: AuditEntry,
): Promise<void> =>
  connection.atomically(() => {
    for (const { id, tags } of changes)
      connection.db
        .update(envoys)
        .set({ tags: tags.length === 0 ? null : tags })
        .where(eq(envoys.id, id))
        .run();
    appendAudit(connection, audit);
  });

function enrol(connection: Connection, { envoy, use, requestId, audit }: Enrolment): boolean {
  const { db } = connection;
  if (use !== undefined && !takeUse(connection, use.tokenId, use.now)) return false;
  db.insert(envoys)
    .values({ ...envoy, publicKey: Buffer.from(envoy.publicKey) })
    .run();
  if (requestId !== undefined)
    db.update(requests).set({ envoyId: envoy.id }).where(eq(requests.id, requestId)).run();
  appendAudit(connection, audit);
  return true;
}

function renew({ db }: Connection, id: string, renewed: RenewedCertificate): void {
  const { certificate, previous: previousCertificate, trusts } = renewed;
  const { expiresAt: certificateExpiresAt } = renewed;
  db.update(envoys)
    .set({ previousCertificate, certificate, certificateExpiresAt, trusts })
    .where(eq(envoys.id, id))
    .run();
}

/** Made ready once: it is run for every envoy every few seconds. */
function seeing({ db, atomically }: Connection): EnvoyStore["seen"] {
  const { placeholder } = sql;
  const see = db
    .update(envoys)
    .set({
      lastSeenAt: sql`${placeholder("lastSeenAt")}`,
      agentVersion: sql`${placeholder("agentVersion")}`,
      bootId: sql`${placeholder("bootId")}`,
      reportedHostname: sql`${placeholder("reportedHostname")}`,
      machineId: sql`${placeholder("machineId")}`,
      policyVersion: sql`${placeholder("policyVersion")}`,
      bodyDigest: sql`${placeholder("bodyDigest")}`,
      traitsRoot: sql`${placeholder("traitsRoot")}`,
    })
    .where(eq(envoys.id, placeholder("id")))
    .prepare();
  return (batch) =>
    atomically(() => {
      for (const row of batch) see.run({ ...row });
    });
}

function identity(row: Stored): EnvoyRow {
  const { lastSeenAt: _, agentVersion, bootId, reportedHostname, ...more } = row;
  const { policyVersion, bodyDigest, traitsRoot, ...rest } = more;
  return { ...given(rest), publicKey: new Uint8Array(row.publicKey) };
}

const told = [
  "lastSeenAt",
  "agentVersion",
  "bootId",
  "reportedHostname",
  "policyVersion",
  "bodyDigest",
  "traitsRoot",
] as const;

/** With what check-ins told; those fields are absent, not undefined, before the first. */
function whole(row: Stored): EnvoyRow & Partial<EnvoySeen> {
  const present: Record<string, unknown> = {};
  for (const name of told) if (row[name] !== null) present[name] = row[name];
  return { ...identity(row), ...(present as Partial<EnvoySeen>) };
}
