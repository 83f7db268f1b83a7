/** Users, their API tokens and the server's own small facts in SQLite. Must not know what a role may do. */
import { and, desc, eq, gt, isNull, lt, ne, or } from "drizzle-orm";
import type { ApiTokenStore, EndedLogins, UserStore } from "../identity.ts";
import type { MetaStore } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { setMeta } from "./note.ts";
import { apiTokens, meta, sessions, users } from "./schema.ts";

export function userStore(connection: Connection): UserStore {
  const { db } = connection;
  const find = (where: ReturnType<typeof eq>) => {
    const row = db.select().from(users).where(where).get();
    return row && given(row);
  };
  const othersThan = (name: string) =>
    db
      .select()
      .from(users)
      .where(and(ne(users.name, name), isNull(users.disabledAt)))
      .all()
      .map(given);
  return {
    find: (name) => connection.do(() => find(eq(users.name, name))),
    findByOrigin: (origin) => connection.do(() => find(eq(users.origin, origin))),
    page: (limit, after = "") =>
      connection.do(() =>
        db
          .select()
          .from(users)
          .where(gt(users.name, after))
          .orderBy(users.name)
          .limit(limit)
          .all()
          .map(given),
      ),
    insert: (row, entry) =>
      connection.atomically(() => {
        const added = db.insert(users).values(row).onConflictDoNothing().returning().all();
        if (added.length > 0) appendAudit(connection, entry);
        return added.length > 0;
      }),
    change: (name, to, entry, ended) =>
      connection.atomically(() => {
        const before = find(eq(users.name, name));
        const after = before && to(before, () => othersThan(name));
        if (after === undefined) return undefined;
        const { passwordHash, role, disabledAt = null, totp = null } = after;
        db.update(users)
          .set({ passwordHash, role, disabledAt, totp })
          .where(eq(users.name, name))
          .run();
        if (ended !== undefined) endLogins(connection, name, ended);
        if (entry !== undefined) appendAudit(connection, entry);
        return after;
      }),
  };
}

function endLogins({ db }: Connection, name: string, { at, except = "" }: EndedLogins): void {
  db.delete(sessions)
    .where(and(eq(sessions.userName, name), ne(sessions.id, except)))
    .run();
  const open = and(
    eq(apiTokens.userName, name),
    eq(apiTokens.kind, "login"),
    isNull(apiTokens.revokedAt),
    ne(apiTokens.id, except),
  );
  db.update(apiTokens).set({ revokedAt: at }).where(open).run();
}

export function apiTokenStore(connection: Connection): ApiTokenStore {
  const { db } = connection;
  const find = (id: string) => {
    const row = db.select().from(apiTokens).where(eq(apiTokens.id, id)).get();
    return row && given(row);
  };
  return {
    find: (id) => connection.do(() => find(id)),
    page: (limit, of, before) =>
      connection.do(() => {
        const older =
          before &&
          or(
            lt(apiTokens.createdAt, before.createdAt),
            and(eq(apiTokens.createdAt, before.createdAt), gt(apiTokens.id, before.id)),
          );
        const theirs = of === undefined ? undefined : eq(apiTokens.userName, of);
        return db
          .select()
          .from(apiTokens)
          .where(and(theirs, older))
          .orderBy(desc(apiTokens.createdAt), apiTokens.id)
          .limit(limit)
          .all()
          .map(given);
      }),
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
  set: (key, value) => connection.do(() => setMeta(connection, key, value)),
});
