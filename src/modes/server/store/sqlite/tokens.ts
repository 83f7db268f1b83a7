/** Enrolment tokens in SQLite. Must not know how a token is written. */
import { and, desc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { TokenStore } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { tokens } from "./schema.ts";

/** Takes one use; to be called inside the transaction of what it is used for. False when there is none to take. */
export function takeUse({ db }: Connection, id: string, now: number): boolean {
  const usable = and(
    eq(tokens.id, id),
    isNull(tokens.revokedAt),
    gt(tokens.expiresAt, now),
    or(isNull(tokens.usesLeft), gt(tokens.usesLeft, 0)),
  );
  const taken = db
    .update(tokens)
    .set({ usesLeft: sql`${tokens.usesLeft} - 1` })
    .where(usable)
    .returning({ id: tokens.id })
    .all();
  return taken.length === 1;
}

export function tokenStore(connection: Connection): TokenStore {
  const { db } = connection;
  const find = (id: string) => {
    const row = db.select().from(tokens).where(eq(tokens.id, id)).get();
    return row && given(row);
  };
  return {
    all: () =>
      connection.do(() =>
        db.select().from(tokens).orderBy(desc(tokens.createdAt), tokens.id).all().map(given),
      ),
    find: (id) => connection.do(() => find(id)),
    insert: (row, entry) =>
      connection.atomically(() => {
        db.insert(tokens).values(row).run();
        appendAudit(connection, entry);
      }),
    revoke: (id, at, entry) =>
      connection.atomically(() => {
        const revoked = db
          .update(tokens)
          .set({ revokedAt: at })
          .where(and(eq(tokens.id, id), isNull(tokens.revokedAt)))
          .returning({ id: tokens.id })
          .all();
        if (revoked.length > 0) appendAudit(connection, entry);
        return find(id);
      }),
  };
}
