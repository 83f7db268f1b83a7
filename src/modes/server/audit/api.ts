/** The endpoints about the audit log, handled. Must not know HTTP, nor the database. */
import { z } from "zod";
import { type Entry, exportAudit, listAudit, verifyAudit } from "../../../core/api/audit.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { implement } from "../http/implement.ts";
import type { AuditRow, Store } from "../store/store.ts";
import type { Heads } from "./heads.ts";

interface Deps {
  readonly store: Pick<Store, "audit">;
  readonly heads: Pick<Heads, "newest" | "verify">;
}

export const auditRoutes = [
  implement(listAudit, async ({ query }, { store }: Deps) => {
    const { limit } = query;
    const rows = await store.audit.page(limit + 1, fromCursor(z.int(), query.cursor));
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      entries: shown.map(entryOf),
      ...(rows.length > limit && last !== undefined ? { cursor: toCursor(last.id) } : {}),
    };
  }),
  implement(exportAudit, async ({ query: { after, limit } }, { store }: Deps) => ({
    entries: (await store.audit.after(after, limit)).map(entryOf),
  })),
  implement(verifyAudit, async ({ query: { head } }, { heads }: Deps) => {
    const { entries, problem } = await heads.verify(head);
    const { newest } = heads;
    return {
      holds: problem === undefined,
      entries,
      ...(problem === undefined ? {} : { problem }),
      ...(newest === undefined ? {} : { head: newest }),
    };
  }),
];

const entryOf = ({ requestId, ...row }: AuditRow): Entry => ({
  ...row,
  ...(requestId === undefined ? {} : { request_id: requestId }),
  at: new Date(row.at).toISOString(),
  detail: row.detail as Entry["detail"],
});
