/**
 * How tasks come to their end: each target in one state that nothing changes, the whole when the last one has. On disk before anybody
 * is told. Must not know streams, nor why a task is stopped.
 */
import type { FinalState } from "../../../core/tasks/states.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { TaskEnding } from "../store/tasks.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";
import { ending } from "./endings.ts";
import type { Roster } from "./roster.ts";

export class Settling {
  /** vigo_tasks_total{result} */
  readonly results = new Map<FinalState, number>();
  readonly #store: Pick<Store, "tasks">;
  readonly #roster: Roster;
  readonly #now: () => number;
  readonly #ended: (task: ActiveTask) => void;

  /** `ended` is told of each task that is over. */
  constructor(
    store: Pick<Store, "tasks">,
    roster: Roster,
    now: () => number,
    ended: (task: ActiveTask) => void,
  ) {
    this.#store = store;
    this.#roster = roster;
    this.#now = now;
    this.#ended = ended;
  }

  /** Of targets that have ended already nothing is taken. */
  async settle(task: ActiveTask, endings: readonly TaskEnding[]): Promise<void> {
    if (endings.length === 0) return;
    const settled = new Set(await this.#store.tasks.settle(task.id, endings));
    const [own, others] = [[], []] as [TaskEnding[], TaskEnding[]];
    for (const one of endings) (settled.has(one.envoyId) ? own : others).push(one);
    for (const one of own) {
      this.results.set(one.state, (this.results.get(one.state) ?? 0) + 1);
      this.#end(task, one);
    }
    if (others.some(({ envoyId }) => task.targets.get(envoyId)?.isOpen === true))
      await this.#learn(task);
  }

  /** The database knows of endings that this process does not: it is right. */
  async #learn(task: ActiveTask): Promise<void> {
    for (const { ending } of await this.#store.tasks.targets(task.id))
      if (ending !== undefined) this.#end(task, ending);
  }

  #end(task: ActiveTask, ending: TaskEnding): void {
    const target = task.targets.get(ending.envoyId);
    if (target?.isOpen !== true) return;
    task.end(target, ending.state);
    this.#roster.leave(task, ending.envoyId);
    this.#roster.tell(task, { kind: "target", target, ending });
  }

  /** Nobody else begins; with `cancelled`, `tellThem` is called with each that may have begun. */
  async stop(
    task: ActiveTask,
    state: "stopped" | "cancelled",
    reason: string,
    audit: AuditEntry,
    tellThem: (target: ActiveTarget) => void,
  ): Promise<void> {
    task.stopping = true;
    try {
      await this.#store.tasks.stop(task.id, state, reason, audit);
      task.row = { ...task.row, state, reason };
    } finally {
      task.stopping = false;
    }
    this.#roster.tell(task, { kind: "task" });
    if (state === "cancelled") for (const target of task.open()) if (target.isOut) tellThem(target);
    await this.callOff(task);
  }

  /** Of one that was stopped: those who have not begun do not begin. */
  async callOff(task: ActiveTask): Promise<void> {
    const now = this.#now();
    const unsent = task.open().filter((each) => !each.isUnderWay);
    await this.settle(
      task,
      unsent.map((target) => ending(target, "cancelled", task.row.reason, now)),
    );
    await this.close(task);
  }

  /** When the last target has ended. */
  async close(task: ActiveTask): Promise<void> {
    if (task.openCount > 0 || task.closing || this.#roster.find(task.id) !== task) return;
    task.closing = true;
    try {
      const at = this.#now();
      await this.#store.tasks.end(task.id, at);
      const state = task.isStopped ? task.row.state : "done";
      task.row = { ...task.row, state, endedAt: at };
      this.#roster.drop(task);
    } finally {
      task.closing = false;
    }
    this.#roster.tell(task, { kind: "end" });
    this.#ended(task);
  }
}
