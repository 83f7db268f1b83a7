/** The audit log in SQLite. Must not know what is privileged. */
import { asc, desc, gt, lt } from "drizzle-orm";
import { chained, chainStart } from "../../../../core/audit/chain.ts";
import { currentRequest } from "../../request.ts";
import type { AuditEntry, AuditRow, AuditStore } from "../store.ts";
import { type Connection, jsonText } from "./connection.ts";
import { setMeta } from "./note.ts";
import { audit } from "./schema.ts";

/** Adds the entry; to be called inside the transaction of the act it tells of. */
export function appendAudit({ db }: Connection, entry: AuditEntry): void {
  const last = db.select().from(audit).orderBy(desc(audit.id)).limit(1).get();
  const id = (last?.id ?? 0) + 1;
  const requestId = currentRequest()?.id;
  const hash = chained(last?.hash ?? chainStart.hash, { ...entry, id, requestId });
  const { at, actor, action, subject } = entry;
  const detail = jsonText(entry.detail);
  db.insert(audit).values({ id, at, actor, action, subject, detail, hash, requestId }).run();
}

export const auditStore = (connection: Connection): AuditStore => ({
  append: (entry) => connection.atomically(() => appendAudit(connection, entry)),
  tell: (entries, [key, value]) =>
    connection.atomically(() => {
      for (const entry of entries) appendAudit(connection, entry);
      setMeta(connection, key, value);
    }),
  page: (limit, before = Number.MAX_SAFE_INTEGER) =>
    connection.do(() =>
      connection.db
        .select()
        .from(audit)
        .where(lt(audit.id, before))
        .orderBy(desc(audit.id))
        .limit(limit)
        .all()
        .map(whole),
    ),
  after: (id, limit) =>
    connection.do(() =>
      connection.db
        .select()
        .from(audit)
        .where(gt(audit.id, id))
        .orderBy(asc(audit.id))
        .limit(limit)
        .all()
        .map(whole),
    ),
});

/** A detail of null is what was said; a request of null is none. */
const whole = (row: typeof audit.$inferSelect): AuditRow => ({
  ...row,
  requestId: row.requestId ?? undefined,
});
