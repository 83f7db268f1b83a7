/** Traits in SQLite. Must not know any trait. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { TraitRow, TraitStore } from "../store.ts";
import { type Connection, jsonText } from "./connection.ts";
import { envoys, traits } from "./schema.ts";

export const traitStore = (connection: Connection): TraitStore => {
  // Asked for every envoy after a publish: building the statement would cost more than running it.
  const ofOne = connection.db
    .select()
    .from(traits)
    .where(eq(traits.envoyId, sql.placeholder("envoyId")))
    .orderBy(traits.section)
    .prepare();
  const forgetRoot = connection.db
    .update(envoys)
    .set({ traitsRoot: null })
    .where(eq(envoys.id, sql.placeholder("id")))
    .prepare();
  return {
    hashes: (envoyIds) =>
      connection.do(() => {
        const { envoyId, section, hash } = traits;
        return connection.db
          .select({ envoyId, section, hash })
          .from(traits)
          .where(inArray(envoyId, [...envoyIds]))
          .all();
      }),
    of: (envoyId) => connection.do(() => ofOne.all({ envoyId })),
    ofMany: (envoyIds, sections) =>
      connection.do(() => {
        const { envoyId, section, value, collectedAt } = traits;
        return connection.db
          .select({ envoyId, section, value, collectedAt })
          .from(traits)
          .where(and(inArray(envoyId, [...envoyIds]), inArray(section, [...sections])))
          .all();
      }),
    hashesOf: (envoyIds, name) =>
      connection.do(() => {
        const { envoyId, section, value, hash } = traits;
        return connection.db
          .select({ envoyId, hash })
          .from(traits)
          .where(and(inArray(envoyId, [...envoyIds]), eq(section, name), sql`${value} <> 'null'`))
          .all();
      }),
    put: (rows) =>
      connection.atomically(() => {
        for (const row of rows) put(connection, row);
        for (const id of new Set(rows.map((row) => row.envoyId))) forgetRoot.run({ id });
      }),
  };
};

function put({ db }: Connection, row: TraitRow): void {
  const { value, hash, collectedAt, stale } = row;
  db.insert(traits)
    .values({ ...row, value: jsonText(value) })
    .onConflictDoUpdate({
      target: [traits.envoyId, traits.section],
      set: { value: jsonText(value), hash, collectedAt, stale },
    })
    .run();
}
