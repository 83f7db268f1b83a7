/** The endpoints about tasks, handled. Must not know HTTP, nor how orders travel. */
import type { Answer, Received } from "../../../core/api/endpoint.ts";
import {
  cancelTask,
  followTask,
  listTasks,
  showTask,
  startTask,
  type Task,
} from "../../../core/api/tasks.ts";
import { parseDuration } from "../../../core/duration.ts";
import { VigoError } from "../../../core/errors.ts";
import { heldBack } from "../../../core/tasks/guardrails.ts";
import { implementEvents } from "../http/events.ts";
import { type Caller, implement } from "../http/implement.ts";
import type { Streams } from "../grpc/streams.ts";
import type { Store } from "../store/store.ts";
import type { TaskRow } from "../store/tasks.ts";
import { countsOf, followed } from "./follow.ts";
import { batchSize, mostFailures } from "./portion.ts";
import { shownTarget, shownTask } from "./show.ts";
import { envoysOf, type TargetDeps } from "./targets.ts";
import type { Tasks } from "./tasks.ts";

interface Deps extends TargetDeps {
  readonly store: Pick<Store, "tasks" | "traits">;
  readonly tasks: Tasks;
  readonly streams: Pick<Streams, "isOpen">;
  readonly now: () => number;
}

export const taskRoutes = [
  implement(startTask, ({ body }, deps: Deps, caller) => start(deps, body, caller)),
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
  implement(showTask, ({ params }, deps: Deps) => detail(deps, params.id)),
  implement(cancelTask, async ({ params }, deps: Deps, { name: actor }) => {
    const { tasks, now } = deps;
    const task = tasks.find(params.id);
    if (task === undefined) {
      await found(deps, params.id);
      throw new VigoError("conflict", "the task has ended already");
    }
    const detail = { command: task.row.command };
    const entry = { at: now(), actor, action: "task.cancel", subject: task.id, detail };
    await tasks.cancel(task, `cancelled by ${actor}`, entry);
    return shownTask(task.row, task.counts());
  }),
  implementEvents(followTask, ({ params }, deps: Deps) => followed(deps, params.id)),
];

type Wish = Received<typeof startTask>["body"];

/** Of all targets together, in bytes; of one, at least and at most. */
const printed = { all: 16 * 1024 * 1024, least: 2 * 1024, most: 64 * 1024 };
const longest = { timeout: 86_400_000, expires: 30 * 86_400_000 };

async function start(
  deps: Deps,
  wish: Wish,
  { name: actor }: Caller,
): Promise<Answer<typeof startTask>> {
  const timeoutMs = within("timeout", wish.timeout, longest.timeout);
  const expiresMs = within("expires", wish.expires, longest.expires);
  const why = wish.force ? undefined : heldBack(wish.command);
  if (why !== undefined)
    throw new VigoError("failed", `a guardrail holds the command back: ${why}`, {
      hint: "when it is meant: --force, which the audit log keeps",
    });
  const envoys = await envoysOf(deps, wish.targets);
  const all = envoys.length;
  const size = batchSize(wish.batch_size, all);
  const targets = envoys.map(({ id, row }, at) => ({
    envoyId: id,
    hostname: row.hostname,
    batch: Math.floor(at / size),
  }));
  const plan = targets.map(({ envoyId, hostname, batch }) => ({
    envoy_id: envoyId,
    hostname,
    batch: batch + 1,
    stream: deps.streams.isOpen(envoyId),
  }));
  if (wish.dry_run) return { plan };
  const createdAt = deps.now();
  const row: TaskRow = {
    id: Bun.randomUUIDv7(),
    actor,
    createdAt,
    command: wish.command,
    asked: wish.targets,
    timeoutMs,
    expiresAt: createdAt + expiresMs,
    maxFailures: mostFailures(wish.max_failures, all),
    outputLimit: Math.min(printed.most, Math.max(printed.least, Math.floor(printed.all / all))),
    force: wish.force,
    state: "running",
    endedAt: undefined,
    reason: "",
  };
  const { command, force } = wish;
  const detail = { command, force, asked: wish.targets, targets: all };
  const entry = { at: createdAt, actor, action: "task.run", subject: row.id, detail };
  const task = await deps.tasks.begin(row, targets, entry);
  return { plan, task: shownTask(task.row, task.counts()) };
}

function within(name: string, written: string, most: number): number {
  const ms = parseDuration(written) ?? 0;
  if (ms >= 1_000 && ms <= most) return ms;
  throw new VigoError("invalid", `${name}: must be 1s to ${most / 3_600_000}h, not ${written}`);
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
  return { ...shownTask(active?.row ?? row, counts), targets };
}
