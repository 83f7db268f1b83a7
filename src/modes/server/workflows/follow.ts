/** How a run stands and goes on, as events for one who watches. Must not know HTTP. */
import type { WorkflowEvent } from "../../../core/api/workflows.ts";
import { VigoError } from "../../../core/errors.ts";
import { slotsOf, undoSlotsOf } from "../../../core/workflows/course.ts";
import type { Store } from "../store/store.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { ActiveRun } from "./active.ts";
import { type CountsOf, type Known, shownStep, shownWhole, stateOf } from "./show.ts";
import type { Happened } from "./followers.ts";
import type { Workflows } from "./workflows.ts";

interface Deps {
  readonly store: Pick<Store, "workflows">;
  readonly workflows: Workflows;
  readonly tasks: Pick<Tasks, "find">;
}

/** Rejects with `missing`. */
export async function known({ store, workflows }: Omit<Deps, "tasks">, id: string): Promise<Known> {
  const active = workflows.find(id);
  if (active !== undefined) return active;
  const row = await store.workflows.find(id);
  if (row === undefined)
    throw new VigoError("missing", `there is no run ${id}`, { hint: "vigo cli workflow status" });
  const [members, steps] = [await store.workflows.members(id), await store.workflows.steps(id)];
  return { row, members, steps };
}

export const countsIn =
  (tasks: Pick<Tasks, "find">): CountsOf =>
  (id) =>
    tasks.find(id)?.counts() as ReturnType<CountsOf>;

/** First how it stands; then what happens, until it has ended. What happens twice before it is told is told once. */
export async function followed(
  deps: Deps,
  id: string,
  gone?: AbortSignal,
): Promise<AsyncIterable<WorkflowEvent>> {
  const { workflows, tasks } = deps;
  const waiting = new Map<string, Happened>();
  let wake: (() => void) | undefined;
  const stop = workflows.follow(id, (happened) => {
    waiting.set(happened.kind === "step" ? happened.key : happened.kind, happened);
    wake?.();
  });
  gone?.addEventListener("abort", () => wake?.());
  const countsOf = countsIn(tasks);
  const whole = async (kind: "run" | "end"): Promise<WorkflowEvent> => ({
    kind,
    run: shownWhole(await known(deps, id), countsOf),
  });
  const first = await whole("run").catch((error: unknown) => {
    stop();
    throw error;
  });
  const eventOf = (happened: Happened): Promise<WorkflowEvent> | WorkflowEvent => {
    const run = workflows.find(id);
    if (happened.kind === "step" && run !== undefined)
      return stepEvent(run, happened.key, countsOf);
    return whole(happened.kind === "end" ? "end" : "run");
  };

  async function* events(): AsyncGenerator<WorkflowEvent> {
    try {
      yield first;
      while (gone?.aborted !== true) {
        const [next] = waiting;
        if (next !== undefined && next[1].kind !== "end") {
          waiting.delete(next[0]);
          yield await eventOf(next[1]);
        } else if (workflows.find(id) === undefined) return yield await whole("end");
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      stop();
    }
  }
  return events();
}

function stepEvent(run: ActiveRun, key: string, countsOf: CountsOf): WorkflowEvent {
  const { row, steps } = run;
  const slot = [
    ...slotsOf(row.pinned, row.batches),
    ...undoSlotsOf(row.pinned, row.undoBatch),
  ].find((one) => one.key === key);
  if (slot === undefined) throw new Error(`the run ${run.id} has no step ${key}`);
  const step = shownStep(slot, run.step(key), countsOf);
  return { kind: "step", state: stateOf(row, steps), step };
}
