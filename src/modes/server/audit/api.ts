/** The endpoint about the audit log, handled. Must not know HTTP, nor the database. */
import { z } from "zod";
import { listAudit } from "../../../core/api/audit.ts";
import { fromCursor, toCursor } from "../http/cursor.ts";
import { implement } from "../http/implement.ts";
import type { Store } from "../store/store.ts";

interface Deps {
  readonly store: Pick<Store, "audit">;
}

export const auditRoutes = [
  implement(listAudit, async ({ query }, { store }: Deps) => {
    const { limit } = query;
    const rows = await store.audit.page(limit + 1, fromCursor(z.int(), query.cursor));
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      entries: shown.map((row) => ({
        ...row,
        at: new Date(row.at).toISOString(),
        detail: row.detail as z.output<ReturnType<typeof z.json>>,
      })),
      ...(rows.length > limit && last !== undefined ? { cursor: toCursor(last.id) } : {}),
    };
  }),
];
