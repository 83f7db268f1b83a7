/** Tasks in SQLite. Must not know how they are carried out. */
import { and, asc, desc, eq, isNull, lt, ne, sql } from "drizzle-orm";
import type { TargetRow, TaskEnding, TaskStore } from "../tasks.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { groupCommit } from "./group-commit.ts";
import { tasks, taskTargets } from "./schema.ts";

export const taskStore = (connection: Connection): TaskStore => ({
  ...asked(connection),
  ...carriedOut(connection),
  ...changed(connection),
});

type Asked = "find" | "targets" | "page" | "unfinished" | "checkOf";

function asked(connection: Connection): Pick<TaskStore, Asked> {
  const { db } = connection;
  return {
    find: (id) =>
      connection.do(() => {
        const row = db.select().from(tasks).where(eq(tasks.id, id)).get();
        return row && given(row);
      }),
    targets: (id) =>
      connection.do(() =>
        db
          .select()
          .from(taskTargets)
          .where(eq(taskTargets.taskId, id))
          .orderBy(asc(taskTargets.batch), asc(taskTargets.hostname), asc(taskTargets.envoyId))
          .all()
          .map(target),
      ),
    page: (limit, before) =>
      connection.do(() => {
        const rows = db
          .select()
          .from(tasks)
          .where(before === undefined ? undefined : lt(tasks.id, before))
          .orderBy(desc(tasks.id))
          .limit(limit)
          .all();
        return rows.map((row) => ({ ...given(row), counts: counts(connection, row.id) }));
      }),
    checkOf: (id, batch) =>
      connection.do(() => {
        const looksAfter = and(eq(tasks.checkOf, id), eq(tasks.checkBatch, batch));
        const row = db.select().from(tasks).where(looksAfter).orderBy(desc(tasks.id)).get();
        return row && given(row);
      }),
    unfinished: () =>
      connection.do(() =>
        db
          .select()
          .from(tasks)
          .where(isNull(tasks.endedAt))
          .orderBy(asc(tasks.id))
          .all()
          .map(given),
      ),
  };
}

type CarriedOut = "create" | "sent" | "settle";

function carriedOut(connection: Connection): Pick<TaskStore, CarriedOut> {
  const { db } = connection;
  const together = groupCommit(connection);
  const settle = settling(connection);
  const leave = leaving(connection);
  return {
    create: (row, targets, entry) =>
      connection.atomically(() => {
        db.insert(tasks).values(row).run();
        const texts = JSON.stringify(
          targets.map((each) => [each.envoyId, each.hostname, each.batch, each.sentAt]),
        );
        // One statement for all of them: thousands cost a tenth so.
        db.run(sql`INSERT INTO task_targets (task_id, envoy_id, hostname, batch, sent_at)
          SELECT ${row.id}, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(${texts})`);
        appendAudit(connection, entry);
      }),
    sent: (id, envoyIds, at) => together(() => leave(id, envoyIds, at)),
    settle: async (id, endings) => {
      let settled: readonly string[] = [];
      await together(() => {
        settled = endings.filter((ending) => settle(id, ending)).map((e) => e.envoyId);
      });
      return settled;
    },
  };
}

function changed(connection: Connection): Omit<TaskStore, Asked | CarriedOut> {
  const { db } = connection;
  return {
    stop: (id, state, reason, entry) =>
      connection.atomically(() => {
        const stopped = db
          .update(tasks)
          .set({ state, reason })
          .where(and(eq(tasks.id, id), isNull(tasks.endedAt), ne(tasks.state, state)))
          .returning({ id: tasks.id })
          .all();
        if (stopped.length > 0) appendAudit(connection, entry);
      }),
    pause: (id, isPaused, reason, entry) =>
      connection.atomically(() => {
        const [from, state] = isPaused
          ? (["running", "paused"] as const)
          : (["paused", "running"] as const);
        const changed = db
          .update(tasks)
          .set({ state, reason })
          .where(and(eq(tasks.id, id), isNull(tasks.endedAt), eq(tasks.state, from)))
          .returning({ id: tasks.id })
          .all();
        if (changed.length > 0) appendAudit(connection, entry);
        return changed.length > 0;
      }),
    retime: (id, { createdAt, expiresAt }, sent) =>
      connection.atomically(() => {
        const isOpen = and(eq(tasks.id, id), isNull(tasks.endedAt));
        db.update(tasks).set({ createdAt, expiresAt }).where(isOpen).run();
        db.run(sql`UPDATE task_targets SET sent_at = told.value ->> 1
          FROM json_each(${JSON.stringify(sent)}) AS told
          WHERE task_id = ${id} AND envoy_id = told.value ->> 0 AND state IS NULL`);
      }),
    advance: (id, batch) =>
      connection.atomically(() => {
        db.update(tasks)
          .set({ batch })
          .where(and(eq(tasks.id, id), lt(tasks.batch, batch)))
          .run();
      }),
    end: (id, at) =>
      connection.atomically(() => {
        const ended = and(eq(tasks.id, id), isNull(tasks.endedAt));
        db.update(tasks)
          .set({
            endedAt: at,
            state: sql`iif(${tasks.state} in ('running', 'paused'), 'done', ${tasks.state})`,
          })
          .where(ended)
          .run();
      }),
    prune: (before) =>
      connection.atomically(
        () =>
          db.delete(tasks).where(lt(tasks.endedAt, before)).returning({ id: tasks.id }).all()
            .length,
      ),
  };
}

/** Made ready once: thousands may come one by one. */
function leaving({
  db,
}: Connection): (id: string, envoyIds: readonly string[], at: number) => void {
  const { placeholder } = sql;
  const among = sql`${taskTargets.envoyId} IN (SELECT value FROM json_each(${placeholder("ids")}))`;
  const update = db
    .update(taskTargets)
    .set({ sentAt: sql`${placeholder("at")}` })
    .where(
      and(
        eq(taskTargets.taskId, placeholder("id")),
        among,
        isNull(taskTargets.state),
        isNull(taskTargets.sentAt),
      ),
    )
    .prepare();
  return (id, envoyIds, at) => void update.run({ id, ids: JSON.stringify(envoyIds), at });
}

/** Made ready once: a task on thousands ends as often. Says whether it had not ended before. */
function settling({ db }: Connection): (id: string, ending: TaskEnding) => boolean {
  const { placeholder } = sql;
  const update = db
    .update(taskTargets)
    .set({
      state: sql`${placeholder("state")}`,
      startedAt: sql`${placeholder("startedAt")}`,
      endedAt: sql`${placeholder("endedAt")}`,
      exitCode: sql`${placeholder("exitCode")}`,
      reason: sql`${placeholder("reason")}`,
      output: sql`${placeholder("output")}`,
      dropped: sql`${placeholder("dropped")}`,
    })
    .where(
      and(
        eq(taskTargets.taskId, placeholder("id")),
        eq(taskTargets.envoyId, placeholder("envoyId")),
        isNull(taskTargets.state),
      ),
    )
    .returning({ id: taskTargets.envoyId })
    .prepare();
  return (id, { startedAt = null, exitCode = null, output, ...ending }) => {
    const texts = JSON.stringify(output);
    return update.all({ ...ending, id, startedAt, exitCode, output: texts }).length > 0;
  };
}

function counts({ db }: Connection, id: string): Readonly<Record<string, number>> {
  const rows = db
    .select({ state: taskTargets.state, count: sql<number>`count(*)` })
    .from(taskTargets)
    .where(eq(taskTargets.taskId, id))
    .groupBy(taskTargets.state)
    .all();
  return Object.fromEntries(rows.map(({ state, count }) => [state ?? "open", count]));
}

function target(row: typeof taskTargets.$inferSelect): TargetRow {
  const { taskId, envoyId, hostname, batch, sentAt, state, endedAt, ...rest } = given(row);
  const { startedAt, exitCode, reason = "", output = [], dropped = 0 } = rest;
  const ending =
    state === undefined || endedAt === undefined
      ? undefined
      : { envoyId, state, endedAt, startedAt, exitCode, reason, output, dropped };
  return { taskId, envoyId, hostname, batch, sentAt, ending };
}
