/** A step that is a task: it is begun under the id that was written down before, so that there is never a second one. */
import type { OrderStep } from "../../../core/workflows/workflow.ts";
import type { TargetRow, TaskRow } from "../store/tasks.ts";
import { partOf } from "../tasks/part-of.ts";
import type { Outcome } from "./outcome.ts";
import type { Work } from "./perform.ts";

/** What agents may be late with their words. */
const graceMs = 60_000;
/** Of what all machines together print, and one of them, in bytes. */
const printed = { all: 16 * 1024 * 1024, least: 2 * 1024, most: 64 * 1024 };

export async function order(work: Work<OrderStep>): Promise<Outcome | undefined> {
  const { store, begun, step, now } = work;
  const id = begun.taskId;
  if (id === undefined) throw new Error(`the step ${begun.key} has no task`);
  const row = await store.tasks.find(id);
  if (row === undefined) {
    await begin(work, id);
    return undefined;
  }
  if (row.endedAt !== undefined) return outcomeOf(await store.tasks.targets(id));
  if (now() < begun.startedAt + step.expiresMs + step.timeoutMs + graceMs) return undefined;
  await cancel(work, "its time is over");
  return outcomeOf(await store.tasks.targets(id));
}

/** Whoever has begun is stopped. */
export async function cancel(
  { tasks, begun, run, now }: Pick<Work<OrderStep>, "tasks" | "begun" | "run" | "now">,
  reason: string,
): Promise<void> {
  const task = begun.taskId === undefined ? undefined : tasks.find(begun.taskId);
  if (task === undefined || task.row.state === "cancelled") return;
  const detail = { command: task.row.command, workflow_run: run.id };
  const entry = { at: now(), actor: "vigo", action: "task.cancel", subject: task.id, detail };
  await tasks.cancel(task, reason, entry);
}

function outcomeOf(targets: readonly TargetRow[]): Outcome {
  const bad = targets.filter(({ ending }) => ending?.state !== "ok");
  return { failures: bad.map((target) => ({ envoyId: target.envoyId, reason: whyOf(target) })) };
}

function whyOf({ ending }: TargetRow): string {
  if (ending === undefined) return "no word came in time";
  const { state, exitCode, reason } = ending;
  if (state === "failed" && exitCode !== undefined && reason === "") return `exit code ${exitCode}`;
  return reason === "" ? state : `${state}: ${reason}`;
}

async function begin(work: Work<OrderStep>, id: string): Promise<void> {
  const { run, step, begun, members, tasks } = work;
  const { length: all } = members;
  const row: TaskRow = {
    id,
    actor: run.row.actor,
    createdAt: begun.startedAt,
    command: step.command,
    named: step.named,
    asked: partOf(run.row.workflow),
    timeoutMs: step.timeoutMs,
    expiresAt: begun.startedAt + step.expiresMs,
    maxFailures: undefined,
    outputLimit: Math.min(printed.most, Math.max(printed.least, Math.floor(printed.all / all))),
    nice: 0,
    force: step.force,
    batchSize: undefined,
    batchAsked: undefined,
    failuresAsked: undefined,
    batch: 0,
    healthCheck: undefined,
    checkOf: undefined,
    checkBatch: undefined,
    rerunOf: undefined,
    state: "running",
    endedAt: undefined,
    reason: "",
  };
  const { actor, workflow } = run.row;
  const detail = {
    command: step.command,
    workflow,
    workflow_run: run.id,
    step: begun.key,
    targets: all,
  };
  const entry = { at: begun.startedAt, actor, action: "task.run", subject: id, detail };
  const targets = members.map(({ envoyId, hostname }) => ({ envoyId, hostname, batch: 0 }));
  await tasks.begin(row, targets, entry);
}
