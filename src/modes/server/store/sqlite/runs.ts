/** Runs in SQLite, their resources compressed: a tenth of the text. Must not know what a run did. */
import { and, count, desc, eq, getTableColumns, gte, lt, type SQL, sql } from "drizzle-orm";
import type { RunRow, RunStore, SpanRow } from "../store.ts";
import type { Connection } from "./connection.ts";
import { groupCommit } from "./group-commit.ts";
import { envoys, runs, spans } from "./schema.ts";

const { resources: _, packed: __, ...head } = getTableColumns(runs);

const packed = (resources: RunRow["resources"]): Uint8Array =>
  Bun.zstdCompressSync(JSON.stringify(resources));

function whole({ packed: bytes, ...row }: typeof runs.$inferSelect): RunRow {
  if (bytes === null) return row;
  const text = new TextDecoder().decode(Bun.zstdDecompressSync(bytes));
  return { ...row, resources: JSON.parse(text) as RunRow["resources"] };
}

export function runStore(connection: Connection): RunStore {
  const { db } = connection;
  const record = groupCommit(connection);
  const [insert, grow] = [inserting(connection), growing(connection)];
  return {
    record: (envoyId, newRuns, newSpans) =>
      record(() => {
        for (const run of newRuns) insert({ ...run, envoyId });
        for (const span of newSpans) grow({ ...span, envoyId });
      }),
    recordSpans: (all) => connection.atomically(() => all.forEach(grow)),
    page: (query) => connection.do(() => page(connection, query)),
    find: (envoyId, number) =>
      connection.do(() => {
        const row = db
          .select()
          .from(runs)
          .where(and(eq(runs.envoyId, envoyId), eq(runs.number, number)))
          .get();
        return row && whole(row);
      }),
    drifted: (query) => connection.do(() => drifted(connection, query)),
    spans: (envoyId, limit, since = 0) =>
      connection.do(() =>
        db
          .select()
          .from(spans)
          .where(and(eq(spans.envoyId, envoyId), gte(spans.lastAt, since)))
          .orderBy(desc(spans.first))
          .limit(limit)
          .all(),
      ),
    newest: (depth) => connection.do(() => newest(connection, depth)),
    newestSpans: () => connection.do(() => newestSpans(connection)),
    older: (before) => connection.do(() => older(connection, before)),
    prune: (before, most) => connection.atomically(() => prune(connection, before, most)),
  };
}

// Spelled in SQL, so that they are made ready once: spans are written for every envoy every few seconds.
function inserting({ db }: Connection): (row: RunRow) => void {
  const statement = db.$client.prepare<unknown, (string | number | Uint8Array)[]>(`
    INSERT INTO runs (envoy_id, number, policy_version, started_at, duration_ms, outcome, counts, causes, resources, packed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, '[]', ?) ON CONFLICT DO NOTHING`);
  return ({ envoyId, number, policyVersion, startedAt, durationMs, outcome, ...rest }) => {
    const { counts, causes, resources } = rest;
    const told = [envoyId, number, policyVersion, startedAt, durationMs, outcome];
    const texts = [counts, causes].map((part) => JSON.stringify(part));
    statement.run(...told, ...texts, packed(resources));
  };
}

function growing({ db }: Connection): (row: SpanRow) => void {
  const statement = db.$client.prepare<unknown, (string | number)[]>(`
    INSERT INTO spans (envoy_id, first, last, first_at, last_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (envoy_id, first) DO UPDATE SET
      last = max(last, excluded.last), last_at = max(last_at, excluded.last_at)`);
  return ({ envoyId, first, last, firstAt, lastAt }) => {
    statement.run(envoyId, first, last, firstAt, lastAt);
  };
}

function page(
  { db }: Connection,
  { envoyId, outcome, since, before, limit }: Parameters<RunStore["page"]>[0],
) {
  const conditions: SQL[] = [];
  if (envoyId !== undefined) conditions.push(eq(runs.envoyId, envoyId));
  if (outcome !== undefined) conditions.push(eq(runs.outcome, outcome));
  if (since !== undefined) conditions.push(gte(runs.startedAt, since));
  if (before !== undefined) conditions.push(comesBefore(before));
  return db
    .select(head)
    .from(runs)
    .where(and(...conditions))
    .orderBy(desc(runs.startedAt), desc(runs.envoyId), desc(runs.number))
    .limit(limit)
    .all();
}

/** By an index of just these, which the condition has to name by its own words. */
function drifted({ db }: Connection, { since, before, limit }: Parameters<RunStore["drifted"]>[0]) {
  const conditions = [sql`instr(${runs.causes}, 'drift') > 0`, gte(runs.startedAt, since)];
  if (before !== undefined) conditions.push(comesBefore(before));
  return db
    .select()
    .from(runs)
    .where(and(...conditions))
    .orderBy(desc(runs.startedAt), desc(runs.envoyId), desc(runs.number))
    .limit(limit)
    .all()
    .map(whole);
}

const comesBefore = ({
  startedAt,
  envoyId,
  number,
}: Pick<RunRow, "startedAt" | "envoyId" | "number">): SQL =>
  sql`(${runs.startedAt}, ${runs.envoyId}, ${runs.number}) < (${startedAt}, ${envoyId}, ${number})`;

/** Through the primary key, envoy by envoy: however long the history is, only the newest are read. */
function newest({ db }: Connection, depth: number) {
  const { envoyId, number, policyVersion, startedAt, outcome, counts, causes } = runs;
  const numbers = sql`(select r.number from runs r where r.envoy_id = ${envoys.id} order by r.number desc limit ${depth})`;
  return db
    .select({ envoyId, number, policyVersion, startedAt, outcome, counts, causes })
    .from(envoys)
    .innerJoin(runs, and(eq(envoyId, envoys.id), sql`${number} in ${numbers}`))
    .orderBy(envoyId, desc(number))
    .all();
}

function newestSpans({ db }: Connection): readonly SpanRow[] {
  const last = sql`(select max(s.first) from spans s where s.envoy_id = ${envoys.id})`;
  return db
    .select(getTableColumns(spans))
    .from(envoys)
    .innerJoin(spans, and(eq(spans.envoyId, envoys.id), sql`${spans.first} = ${last}`))
    .all();
}

function older({ db }: Connection, before: number): number {
  const began = db.select({ n: count() }).from(runs).where(lt(runs.startedAt, before)).get();
  const ended = db.select({ n: count() }).from(spans).where(lt(spans.lastAt, before)).get();
  return (began?.n ?? 0) + (ended?.n ?? 0);
}

function prune({ db }: Connection, before: number, most: number): number {
  const old = db
    .select({ envoyId: runs.envoyId, number: runs.number })
    .from(runs)
    .where(lt(runs.startedAt, before))
    .orderBy(runs.startedAt)
    .limit(most);
  const gone = db
    .delete(runs)
    .where(sql`(${runs.envoyId}, ${runs.number}) in ${old}`)
    .returning({ n: runs.number })
    .all().length;
  if (gone === most) return gone;
  const over = db
    .select({ envoyId: spans.envoyId, first: spans.first })
    .from(spans)
    .where(lt(spans.lastAt, before))
    .limit(most - gone);
  return (
    gone +
    db
      .delete(spans)
      .where(sql`(${spans.envoyId}, ${spans.first}) in ${over}`)
      .returning({ n: spans.first })
      .all().length
  );
}
