/** How far published versions are, in SQLite. Must not know what that means. */
import { eq, ne } from "drizzle-orm";
import type { RolloutStore } from "../store.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, jsonText } from "./connection.ts";
import { rolloutMembers, rollouts } from "./schema.ts";

export const rolloutStore = (connection: Connection): RolloutStore => ({
  find: (version) =>
    connection.do(() =>
      connection.db.select().from(rollouts).where(eq(rollouts.version, version)).get(),
    ),
  put: ({ version, state }, members, entry) =>
    connection.atomically(() => {
      const { db } = connection;
      const written = { state: jsonText(state) };
      db.insert(rollouts)
        .values({ version, ...written })
        .onConflictDoUpdate({ target: rollouts.version, set: written })
        .run();
      db.delete(rolloutMembers).where(ne(rolloutMembers.version, version)).run();
      for (const { envoyId, state: known } of members)
        db.insert(rolloutMembers)
          .values({ version, envoyId, state: jsonText(known) })
          .onConflictDoUpdate({
            target: [rolloutMembers.version, rolloutMembers.envoyId],
            set: { state: jsonText(known) },
          })
          .run();
      if (entry !== undefined) appendAudit(connection, entry);
    }),
  members: (version) =>
    connection.do(() => {
      const { envoyId, state } = rolloutMembers;
      return connection.db
        .select({ envoyId, state })
        .from(rolloutMembers)
        .where(eq(rolloutMembers.version, version))
        .all();
    }),
});
