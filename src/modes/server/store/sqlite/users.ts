/** Users, their API tokens and the server's own small facts in SQLite. Must not know what a role may do. */
import { and, eq, isNull } from "drizzle-orm";
import type { ApiTokenStore, MetaStore, UserStore } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { apiTokens, meta, users } from "./schema.ts";

export const userStore = (connection: Connection): UserStore => ({
  find: (name) =>
    connection.do(() => connection.db.select().from(users).where(eq(users.name, name)).get()),
  put: (row, entry) =>
    connection.atomically(() => {
      const { passwordHash, role } = row;
      connection.db
        .insert(users)
        .values(row)
        .onConflictDoUpdate({ target: users.name, set: { passwordHash, role } })
        .run();
      appendAudit(connection, entry);
    }),
});

export function apiTokenStore(connection: Connection): ApiTokenStore {
  const { db } = connection;
  const find = (id: string) => {
    const row = db.select().from(apiTokens).where(eq(apiTokens.id, id)).get();
    return row && given(row);
  };
  return {
    find: (id) => connection.do(() => find(id)),
    insert: (row, entry) =>
      connection.atomically(() => {
        db.insert(apiTokens).values(row).run();
        appendAudit(connection, entry);
      }),
    revoke: (id, at, entry) =>
      connection.atomically(() => {
        const revoked = db
          .update(apiTokens)
          .set({ revokedAt: at })
          .where(and(eq(apiTokens.id, id), isNull(apiTokens.revokedAt)))
          .returning({ id: apiTokens.id })
          .all();
        if (revoked.length > 0) appendAudit(connection, entry);
        return find(id);
      }),
  };
}

export const metaStore = (connection: Connection): MetaStore => ({
  get: (key) =>
    connection.do(() => connection.db.select().from(meta).where(eq(meta.key, key)).get()?.value),
  set: (key, value) =>
    connection.do(() => {
      connection.db
        .insert(meta)
        .values({ key, value })
        .onConflictDoUpdate({ target: meta.key, set: { value } })
        .run();
    }),
});
