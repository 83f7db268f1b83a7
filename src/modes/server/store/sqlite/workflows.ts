/** Runs of workflows in SQLite. Must not know how they are carried out. */
import { and, asc, count, desc, eq, isNull, lt } from "drizzle-orm";
import type { WorkflowStepRow, WorkflowStore } from "../workflows.ts";
import { appendAudit } from "./audit.ts";
import { type Connection, given } from "./connection.ts";
import { workflowMembers, workflowRuns, workflowSteps } from "./schema.ts";

export const workflowStore = (connection: Connection): WorkflowStore => ({
  ...asked(connection),
  ...changed(connection),
});

type Asked = "find" | "members" | "steps" | "page" | "unfinished";

function asked(connection: Connection): Pick<WorkflowStore, Asked> {
  const { db } = connection;
  return {
    find: (id) =>
      connection.do(() => {
        const row = db.select().from(workflowRuns).where(eq(workflowRuns.id, id)).get();
        return row && given(row);
      }),
    members: (id) =>
      connection.do(() =>
        db
          .select()
          .from(workflowMembers)
          .where(eq(workflowMembers.runId, id))
          .orderBy(
            asc(workflowMembers.batch),
            asc(workflowMembers.hostname),
            asc(workflowMembers.envoyId),
          )
          .all()
          .map(given),
      ),
    steps: (id) =>
      connection.do(() =>
        db
          .select()
          .from(workflowSteps)
          .where(eq(workflowSteps.runId, id))
          .orderBy(asc(workflowSteps.position))
          .all()
          .map(step),
      ),
    page: (limit, before) =>
      connection.do(() =>
        db
          .select()
          .from(workflowRuns)
          .where(before === undefined ? undefined : lt(workflowRuns.id, before))
          .orderBy(desc(workflowRuns.id))
          .limit(limit)
          .all()
          .map(given),
      ),
    unfinished: () =>
      connection.do(() =>
        db
          .select()
          .from(workflowRuns)
          .where(isNull(workflowRuns.endedAt))
          .orderBy(asc(workflowRuns.id))
          .all()
          .map(given),
      ),
  };
}

type Ended = "settle" | "turn" | "retime";

function ended(connection: Connection): Pick<WorkflowStore, Ended> {
  const { db } = connection;
  return {
    settle: (id, key, ending, failures, entry) =>
      connection.atomically(() => {
        const isIt = and(eq(workflowSteps.runId, id), eq(workflowSteps.key, key));
        const settled = db
          .update(workflowSteps)
          .set(ending)
          .where(and(isIt, isNull(workflowSteps.state)))
          .returning({ key: workflowSteps.key })
          .all();
        if (settled.length === 0) return false;
        for (const { envoyId, reason } of failures)
          db.update(workflowMembers)
            .set({ failedAt: key, reason })
            .where(
              and(
                eq(workflowMembers.runId, id),
                eq(workflowMembers.envoyId, envoyId),
                isNull(workflowMembers.failedAt),
              ),
            )
            .run();
        if (entry !== undefined) appendAudit(connection, entry);
        return true;
      }),
    turn: (id, turn, entry) =>
      connection.atomically(() => {
        const turned = db
          .update(workflowRuns)
          .set({ ...turn, verdict: turn.verdict ?? null })
          .where(and(eq(workflowRuns.id, id), isNull(workflowRuns.endedAt)))
          .returning({ id: workflowRuns.id })
          .all();
        if (turned.length > 0) appendAudit(connection, entry);
        return turned.length > 0;
      }),
    retime: (id, createdAt, started) =>
      connection.atomically(() => {
        const isOpen = and(eq(workflowRuns.id, id), isNull(workflowRuns.endedAt));
        db.update(workflowRuns).set({ createdAt }).where(isOpen).run();
        for (const [key, startedAt] of started)
          db.update(workflowSteps)
            .set({ startedAt })
            .where(
              and(
                eq(workflowSteps.runId, id),
                eq(workflowSteps.key, key),
                isNull(workflowSteps.state),
              ),
            )
            .run();
      }),
  };
}

function changed(connection: Connection): Omit<WorkflowStore, Asked> {
  const { db } = connection;
  return {
    create: (row, members, entry) =>
      connection.atomically(() => {
        db.insert(workflowRuns).values(row).run();
        for (const member of members)
          db.insert(workflowMembers)
            .values({ ...member, runId: row.id, reason: "" })
            .run();
        appendAudit(connection, entry);
      }),
    begin: ({ runId, ...row }, entry) =>
      connection.atomically(() => {
        const position = db
          .select({ so: count() })
          .from(workflowSteps)
          .where(eq(workflowSteps.runId, runId))
          .get();
        const fresh = db
          .insert(workflowSteps)
          .values({ ...row, runId, position: position?.so ?? 0 })
          .onConflictDoNothing()
          .returning({ key: workflowSteps.key })
          .all();
        if (fresh.length > 0 && entry !== undefined) appendAudit(connection, entry);
        const isIt = and(eq(workflowSteps.runId, runId), eq(workflowSteps.key, row.key));
        const kept = db.select().from(workflowSteps).where(isIt).get();
        if (kept === undefined) throw new Error(`the step ${row.key} was not kept`);
        return step(kept);
      }),
    ...ended(connection),
    prune: (before) =>
      connection.atomically(
        () =>
          db
            .delete(workflowRuns)
            .where(lt(workflowRuns.endedAt, before))
            .returning({ id: workflowRuns.id })
            .all().length,
      ),
  };
}

function step(row: typeof workflowSteps.$inferSelect): WorkflowStepRow {
  const { runId, key, startedAt, taskId, envoys, state, endedAt, reason = "", by } = given(row);
  const ending =
    state === undefined || endedAt === undefined ? undefined : { state, endedAt, reason, by };
  return { runId, key, startedAt, taskId, envoys, ending };
}
