/** How a task stands and goes on, as events for one who watches. Must not know HTTP. */
import { VigoError } from "../../../core/errors.ts";
import type { TaskEvent } from "../../../core/api/tasks.ts";
import type { Store } from "../store/store.ts";
import type { TargetRow } from "../store/tasks.ts";
import type { Happened } from "./roster.ts";
import { shownTarget, shownTask } from "./show.ts";
import type { Tasks } from "./tasks.ts";

/** One that reads slower than all happens is cut off, and may come again. */
const mostWaiting = 50_000;

interface Deps {
  readonly store: Pick<Store, "tasks">;
  readonly tasks: Tasks;
}

/** First how it stands, with all that was printed; then what happens, until it has ended. Rejects with `missing`. */
export async function followed(
  { store, tasks }: Deps,
  id: string,
  gone?: AbortSignal,
): Promise<AsyncIterable<TaskEvent>> {
  const waiting: Happened[] = [];
  let wake: (() => void) | undefined;
  let overrun = false;
  const stop = tasks.follow(id, (happened) => {
    if (waiting.length < mostWaiting) waiting.push(happened);
    else overrun = true;
    wake?.();
  });
  gone?.addEventListener("abort", () => wake?.());
  const row = await store.tasks.find(id);
  if (row === undefined) {
    stop();
    throw new VigoError("missing", `there is no task ${id}`, { hint: "vigo cli task list" });
  }
  const targets = await store.tasks.targets(id);
  const whole = async (kind: "task" | "end"): Promise<TaskEvent> => {
    const active = tasks.find(id);
    const now = active?.row ?? (await store.tasks.find(id)) ?? row;
    const counts = active?.counts() ?? countsOf(await store.tasks.targets(id));
    return { kind, task: shownTask(now, counts, active?.checking) };
  };

  const eventOf = (happened: Happened): TaskEvent | Promise<TaskEvent> =>
    happened.kind === "task" || happened.kind === "end" ? whole(happened.kind) : told(happened);

  /** Undefined: it was overrun, and has to begin anew, or nobody reads any more. */
  const next = async (): Promise<Happened | undefined> => {
    while (waiting.length === 0) {
      if (gone?.aborted === true) return undefined;
      if (tasks.find(id) === undefined) return { kind: "end" };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return overrun ? undefined : waiting.shift();
  };

  async function* events(): AsyncGenerator<TaskEvent> {
    try {
      yield await whole("task");
      for (const target of targets) yield* standing(tasks, target);
      for (let happened = await next(); happened !== undefined; happened = await next()) {
        yield await eventOf(happened);
        if (happened.kind === "end") return;
      }
    } finally {
      stop();
    }
  }
  return events();
}

function* standing(tasks: Tasks, row: TargetRow): Iterable<TaskEvent> {
  const { envoyId: envoy_id, hostname } = row;
  const active = tasks.find(row.taskId)?.targets.get(envoy_id);
  let offset = 0;
  for (const { stream, text } of row.ending?.output ?? active?.output ?? []) {
    yield { kind: "output", envoy_id, hostname, offset, stream, text };
    offset += text.length;
  }
  yield { kind: "target", target: shownTarget(active ?? row, row.ending) };
}

function told(
  happened: Exclude<Happened, { readonly kind: "task" } | { readonly kind: "end" }>,
): TaskEvent {
  if (happened.kind === "target")
    return { kind: "target", target: shownTarget(happened.target, happened.ending) };
  const { target, offset, stream, text } = happened;
  const { envoyId: envoy_id, hostname } = target;
  return { kind: "output", envoy_id, hostname, offset, stream, text };
}

export function countsOf(targets: readonly TargetRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const target of targets) {
    const { state } = shownTarget(target, target.ending);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
