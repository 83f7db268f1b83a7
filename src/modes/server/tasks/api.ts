/** The endpoints about tasks, handled. Must not know HTTP, nor how orders travel. */
import type { Answer } from "../../../core/api/endpoint.ts";
import {
  abortTask,
  cancelTask,
  followTask,
  listNamedTasks,
  listTasks,
  pauseTask,
  rerunTask,
  resumeTask,
  showTask,
  startTask,
  type Task,
} from "../../../core/api/tasks.ts";
import { VigoError } from "../../../core/errors.ts";
import { implementEvents } from "../http/events.ts";
import { implement } from "../http/implement.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { TaskRow } from "../store/tasks.ts";
import type { ActiveTask } from "./active.ts";
import { countsOf, followed } from "./follow.ts";
import { shownNamedTasks } from "./named.ts";
import { type OrderDeps, type Ordered, orderTask } from "./ordering.ts";
import { rerun } from "./rerun.ts";
import { shownTarget, shownTask } from "./show.ts";

interface Deps extends OrderDeps {
  readonly store: Pick<Store, "tasks" | "traits">;
}

export const taskRoutes = [
  implement(startTask, async ({ body }, deps: Deps, caller) =>
    shownOrder(await orderTask(deps, body, caller)),
  ),
  implement(rerunTask, async ({ params, body }, deps: Deps, caller) =>
    shownOrder(await rerun(deps, await found(deps, params.id), body, caller)),
  ),
  implement(listTasks, async ({ query }, { store }: Deps) => {
    const { limit, cursor } = query;
    const rows = await store.tasks.page(limit + 1, cursor);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      tasks: shown.map((row) => shownTask(row, row.counts)),
      ...(rows.length > limit && last !== undefined ? { cursor: last.id } : {}),
    };
  }),
  implement(listNamedTasks, async (_, { policy }: Deps) => ({
    tasks: [...shownNamedTasks(policy)],
  })),
  implement(showTask, ({ params }, deps: Deps) => detail(deps, params.id)),
  implement(cancelTask, ({ params }, deps: Deps, { name }) =>
    changed(deps, params.id, "cancel", name, ({ tasks }, task, entry) =>
      tasks.cancel(task, `cancelled by ${name}`, entry),
    ),
  ),
  implement(abortTask, ({ params }, deps: Deps, { name }) =>
    changed(deps, params.id, "abort", name, ({ tasks }, task, entry) => {
      if (task.isStopped) throw new VigoError("conflict", `the task is ${task.row.state} already`);
      return tasks.abort(task, `aborted by ${name}`, entry);
    }),
  ),
  implement(pauseTask, ({ params }, deps: Deps, { name }) =>
    changed(deps, params.id, "pause", name, ({ tasks }, task, entry) =>
      tasks.pause(task, true, `paused by ${name}`, entry),
    ),
  ),
  implement(resumeTask, ({ params }, deps: Deps, { name }) =>
    changed(deps, params.id, "resume", name, ({ tasks }, task, entry) =>
      tasks.pause(task, false, "", entry),
    ),
  ),
  implementEvents(followTask, ({ params }, deps: Deps, _, gone) => followed(deps, params.id, gone)),
];

const shownOrder = ({ plan, task }: Ordered): Answer<typeof startTask> => ({
  plan,
  ...(task === undefined ? {} : { task: shownTask(task.row, task.counts(), task.checking) }),
});

/** Rejects with `conflict` for one that has ended. */
async function changed(
  deps: Deps,
  id: string,
  verb: "cancel" | "abort" | "pause" | "resume",
  actor: string,
  change: (deps: Deps, task: ActiveTask, entry: AuditEntry) => Promise<void>,
): Promise<Task> {
  const task = deps.tasks.find(id);
  if (task === undefined) {
    await found(deps, id);
    throw new VigoError("conflict", "the task has ended already");
  }
  const detail = { command: task.row.command };
  const entry = { at: deps.now(), actor, action: `task.${verb}`, subject: id, detail };
  await change(deps, task, entry);
  return shownTask(task.row, task.counts(), task.checking);
}

async function found({ store }: Pick<Deps, "store">, id: string): Promise<TaskRow> {
  const row = await store.tasks.find(id);
  if (row !== undefined) return row;
  throw new VigoError("missing", `there is no task ${id}`, { hint: "vigo cli task list" });
}

async function detail(deps: Deps, id: string): Promise<Answer<typeof showTask>> {
  const { store, tasks } = deps;
  const row = await found(deps, id);
  const rows = await store.tasks.targets(id);
  const active = tasks.find(id);
  const targets = rows.map((each) => {
    const known = each.ending === undefined ? active?.targets.get(each.envoyId) : undefined;
    const output = each.ending?.output ?? known?.output ?? [];
    return { ...shownTarget(known ?? each, each.ending), output: [...output] };
  });
  const counts: Task["counts"] = active?.counts() ?? countsOf(rows);
  return { ...shownTask(active?.row ?? row, counts, active?.checking), targets };
}
