/** Newcomers that wait, in SQLite. Must not know why they do. */
import { and, count, desc, eq } from "drizzle-orm";
import type { RequestStore } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { requests } from "./schema.ts";
import { takeUse } from "./tokens.ts";

export function requestStore(connection: Connection): RequestStore {
  const { db } = connection;
  const find = (where: ReturnType<typeof eq>) =>
    connection.do(() => {
      const row = db.select().from(requests).where(where).get();
      return row && plain(row);
    });
  return {
    find: (id) => find(eq(requests.id, id)),
    findByKey: (publicKey) => find(eq(requests.publicKey, Buffer.from(publicKey))),
    page: (state, limit) =>
      connection.do(() =>
        db
          .select()
          .from(requests)
          .where(eq(requests.state, state))
          .orderBy(desc(requests.requestedAt), requests.id)
          .limit(limit)
          .all()
          .map(plain),
      ),
    count: (state) =>
      connection.do(
        () =>
          db.select({ n: count() }).from(requests).where(eq(requests.state, state)).get()?.n ?? 0,
      ),
    insert: (row, entry) =>
      connection.atomically(() => {
        if (!takeUse(connection, row.tokenId, row.requestedAt)) return false;
        db.insert(requests)
          .values({ ...row, publicKey: Buffer.from(row.publicKey) })
          .run();
        appendAudit(connection, entry);
        return true;
      }),
    decide: (id, state, at, entry) =>
      connection.atomically(() => {
        const row = db
          .update(requests)
          .set({ state, decidedAt: at })
          .where(and(eq(requests.id, id), eq(requests.state, "waiting")))
          .returning()
          .get();
        if (row === undefined) return undefined;
        appendAudit(connection, entry);
        return plain(row);
      }),
  };
}

const plain = (row: typeof requests.$inferSelect) => ({
  ...given(row),
  publicKey: new Uint8Array(row.publicKey),
});
