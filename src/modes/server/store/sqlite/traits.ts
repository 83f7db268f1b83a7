/** Traits in SQLite. Must not know any trait. */
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Json } from "../../../../core/json.ts";
import type { TraitRow, TraitStore } from "../store.ts";
import type { Connection } from "./connection.ts";
import { envoys, traits } from "./schema.ts";

export const traitStore = (connection: Connection): TraitStore => {
  // Asked for every envoy after a publish: building the statement would cost more than running it.
  const ofOne = connection.db
    .select()
    .from(traits)
    .where(eq(traits.envoyId, sql.placeholder("envoyId")))
    .orderBy(traits.section)
    .prepare();
  const some = reading(connection);
  const forgetRoot = connection.db
    .update(envoys)
    .set({ traitsRoot: null })
    .where(eq(envoys.id, sql.placeholder("id")))
    .prepare();
  const put = putting(connection);
  return {
    hashes: hashing(connection),
    of: (envoyId) => connection.do(() => ofOne.all({ envoyId })),
    some: (envoyId, sections) => connection.do(() => some(envoyId, sections)),
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
        for (const row of rows) put(row);
        for (const id of new Set(rows.map((row) => row.envoyId))) forgetRoot.run({ id });
      }),
  };
};

/** Of one envoy, whenever it tells something new, by a statement that is ready, and from an index beside the values, which are large. */
function hashing(connection: Connection): TraitStore["hashes"] {
  const { envoyId, section, hash } = traits;
  const { db } = connection;
  const all = db.select({ envoyId, section, hash }).from(traits);
  const ofOne = db.$client.prepare<unknown, [string]>(
    "SELECT section, hash FROM traits INDEXED BY traits_hashes WHERE envoy_id = ?",
  );
  return (ids) =>
    connection.do(() => {
      const [id] = ids;
      if (id === undefined || ids.length > 1) return all.where(inArray(envoyId, [...ids])).all();
      return ofOne
        .values(id)
        .map(([name, told]) => ({ envoyId: id, section: String(name), hash: String(told) }));
    });
}

/** Rows as lists, because it is asked for every envoy after a publish. */
function reading({ db }: Connection) {
  const statement = db.$client.prepare<unknown, [string, string]>(
    "SELECT section, value FROM traits WHERE envoy_id = ?1 AND section IN (SELECT value FROM json_each(?2))",
  );
  return (envoyId: string, sections: readonly string[]) =>
    statement.values(envoyId, JSON.stringify(sections)).map(([section, value]) => ({
      section: String(section),
      value: JSON.parse(String(value)) as Json,
    }));
}

/** Spelled in SQL because it asks for the envoy as well, and so that it is made ready once. */
function putting({ db }: Connection): (row: TraitRow) => void {
  const statement = db.$client.prepare<unknown, (string | number)[]>(`
    INSERT INTO traits (envoy_id, section, value, hash, collected_at, stale)
    SELECT id, ?2, ?3, ?4, ?5, ?6 FROM envoys WHERE id = ?1
    ON CONFLICT (envoy_id, section) DO UPDATE SET
      value = excluded.value, hash = excluded.hash,
      collected_at = excluded.collected_at, stale = excluded.stale`);
  return ({ envoyId, section, value, hash, collectedAt, stale }) => {
    statement.run(envoyId, section, JSON.stringify(value), hash, collectedAt, Number(stale));
  };
}
