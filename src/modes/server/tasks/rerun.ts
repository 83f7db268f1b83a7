/** A task again, on all of its envoys or on those where it did not end well. Must not know HTTP. */
import type { Received } from "../../../core/api/endpoint.ts";
import type { rerunTask } from "../../../core/api/tasks.ts";
import { printDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import type { Store } from "../store/store.ts";
import type { TaskRow } from "../store/tasks.ts";
import {
  type OrderDeps,
  type Ordered,
  type Orderer,
  orderTask,
  type Repeated,
  type TaskWish,
} from "./ordering.ts";
import { workflowOf } from "./part-of.ts";

interface RerunDeps extends OrderDeps {
  readonly store: OrderDeps["store"] & Pick<Store, "tasks">;
}

/** A named task is run as it is published now. Rejects with `conflict` while it goes on, or when there is nobody to run it on. */
export async function rerun(
  deps: RerunDeps,
  row: TaskRow,
  wish: Received<typeof rerunTask>["body"],
  by: Orderer,
): Promise<Ordered> {
  if (row.endedAt === undefined)
    throw new VigoError("conflict", "the task has not ended", {
      hint: `vigo cli task abort ${row.id}, or wait`,
    });
  const targets = await deps.store.tasks.targets(row.id);
  const chosen = wish.failed ? targets.filter(({ ending }) => ending?.state !== "ok") : targets;
  const there = chosen.filter(({ envoyId }) => {
    const envoy = deps.fleet.get(envoyId);
    return envoy !== undefined && envoy.row.revokedAt === undefined;
  });
  if (there.length === 0)
    throw new VigoError(
      "conflict",
      chosen.length === 0 ? "it ended ok everywhere" : "its envoys are gone, or revoked",
    );
  return orderTask(
    deps,
    again(
      row,
      wish,
      there.map(({ envoyId }) => envoyId),
    ),
    by,
    { id: row.id, ...stepOf(row) },
  );
}

/** A command in the file of a workflow bears that one's name; a named task may have the same. */
function stepOf({ command, named, timeoutMs, ...row }: TaskRow): Pick<Repeated, "step"> {
  const isStep =
    named !== undefined && named.name === workflowOf(row) && named.argv.at(-1) === command;
  return isStep ? { step: { row: { command, named }, timeoutMs } } : {};
}

const again = (
  row: TaskRow,
  { expires, dry_run, force }: Received<typeof rerunTask>["body"],
  targets: string[],
): TaskWish => ({
  ...(row.named === undefined ? { command: row.command } : { task: row.named.name }),
  params: { ...row.named?.params },
  targets,
  timeout: printDuration(row.timeoutMs),
  expires,
  nice: row.nice,
  dry_run,
  force,
  ...limit("batch_size", row.batchAsked, row.batchSize),
  ...limit("max_failures", row.failuresAsked, row.maxFailures),
  ...(row.healthCheck === undefined ? {} : { health_check: row.healthCheck }),
});

/** As it was asked for: 5% of fewer is less. Of tasks of an older version only the number is known. */
const limit = (
  name: "batch_size" | "max_failures",
  asked: string | undefined,
  number: number | undefined,
): Pick<TaskWish, typeof name> => {
  const written = asked ?? (number === undefined ? undefined : String(number));
  return written === undefined ? {} : { [name]: written };
};
