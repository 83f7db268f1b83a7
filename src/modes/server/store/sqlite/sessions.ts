/** Browsers that somebody logged in with, in SQLite. Must not know how a session is proven. */
import { eq, lt, or } from "drizzle-orm";
import type { SessionStore } from "../identity.ts";
import { appendAudit } from "./audit.ts";
import type { Connection } from "./connection.ts";
import { sessions } from "./schema.ts";

export function sessionStore(connection: Connection): SessionStore {
  const { db } = connection;
  return {
    find: (id) => connection.do(() => db.select().from(sessions).where(eq(sessions.id, id)).get()),
    insert: (row, entry) =>
      connection.atomically(() => {
        db.insert(sessions).values(row).run();
        appendAudit(connection, entry);
      }),
    seen: (id, at) =>
      connection.do(() => {
        db.update(sessions).set({ seenAt: at }).where(eq(sessions.id, id)).run();
      }),
    end: (id, entry) =>
      connection.atomically(() => {
        const ended = db
          .delete(sessions)
          .where(eq(sessions.id, id))
          .returning({ id: sessions.id })
          .all();
        if (ended.length > 0) appendAudit(connection, entry);
      }),
    prune: (seenBefore, createdBefore) =>
      connection.do(
        () =>
          db
            .delete(sessions)
            .where(or(lt(sessions.seenAt, seenBefore), lt(sessions.createdAt, createdBefore)))
            .returning({ id: sessions.id })
            .all().length,
      ),
  };
}
