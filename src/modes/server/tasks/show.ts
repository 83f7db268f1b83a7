/** Tasks as the API shows them. Pure. */
import type { Target, Task } from "../../../core/api/tasks.ts";
import type { TargetRow, TaskEnding, TaskRow } from "../store/tasks.ts";
import type { ActiveTarget } from "./active.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

export const shownTask = (row: TaskRow, counts: Task["counts"], checking = false): Task => ({
  id: row.id,
  command: row.command,
  ...(row.named === undefined ? {} : { task: row.named.name, params: { ...row.named.params } }),
  actor: row.actor,
  asked: [...row.asked],
  state: row.state,
  created_at: iso(row.createdAt),
  expires_at: iso(row.expiresAt),
  ...(row.endedAt === undefined ? {} : { ended_at: iso(row.endedAt) }),
  ...(row.reason === "" ? {} : { reason: row.reason }),
  batch: row.batch + 1,
  checking,
  ...(row.batchSize === undefined ? {} : { batch_size: row.batchSize }),
  ...(row.maxFailures === undefined ? {} : { max_failures: row.maxFailures }),
  ...(row.healthCheck === undefined ? {} : { health_check: row.healthCheck }),
  ...(row.nice === 0 ? {} : { nice: row.nice }),
  force: row.force,
  ...(row.checkOf === undefined ? {} : { check_of: row.checkOf }),
  ...(row.rerunOf === undefined ? {} : { rerun_of: row.rerunOf }),
  counts,
});

export function shownTarget(
  target: ActiveTarget | TargetRow,
  ending: TaskEnding | undefined,
): Target {
  const { envoyId: envoy_id, hostname, batch } = target;
  const about = { envoy_id, hostname, batch: batch + 1 };
  if (ending === undefined) return { ...about, ...underWay(target) };
  const { state, startedAt, endedAt, exitCode, reason, dropped } = ending;
  return {
    ...about,
    state,
    ended_at: iso(endedAt),
    ...(startedAt === undefined ? {} : { started_at: iso(startedAt) }),
    ...(exitCode === undefined ? {} : { exit_code: exitCode }),
    ...(reason === "" ? {} : { reason }),
    ...(dropped === 0 ? {} : { dropped }),
  };
}

function underWay(target: ActiveTarget | TargetRow): Pick<Target, "state" | "started_at"> {
  if (!("state" in target)) return { state: target.sentAt === undefined ? "waiting" : "sent" };
  const { state, startedAt } = target;
  return { state, ...(startedAt === undefined ? {} : { started_at: iso(startedAt) }) };
}
