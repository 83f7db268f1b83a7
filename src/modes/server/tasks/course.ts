/**
 * How a task goes on: too many failures or a bad health check stop it, else the next batch has its turn when the one before is over,
 * and those who are away do not hold it up. One step at a time for each task. Must not know what envoys tell, nor HTTP.
 */
import type { Log } from "../../../core/log.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Health } from "./health.ts";
import type { Roster } from "./roster.ts";
import type { Settling } from "./settling.ts";

export interface CourseOptions {
  readonly store: Pick<Store, "tasks">;
  readonly roster: Roster;
  readonly dispatch: Dispatch;
  readonly settling: Settling;
  readonly health: Health;
  readonly isAwaited: (task: ActiveTask, target: ActiveTarget) => boolean;
  readonly now: () => number;
  readonly log: Log;
}

export class Course {
  readonly #options: CourseOptions;
  /** True: something happened since the step that is under way began. */
  readonly #stepping = new Map<ActiveTask, boolean>();

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /** Once for all that happens until it is its turn; what goes wrong is tried again at the next tick. */
  soon(task: ActiveTask): void {
    if (this.#stepping.has(task)) this.#stepping.set(task, true);
    else void this.#guarded(task);
  }

  /** Rejects when the database does. */
  async goOn(task: ActiveTask): Promise<void> {
    if (this.#stepping.has(task)) {
      this.#stepping.set(task, true);
      return;
    }
    this.#stepping.set(task, false);
    try {
      do {
        this.#stepping.set(task, false);
        await new Promise<void>((resolve) => void setImmediate(resolve));
        await this.#step(task);
      } while (this.#stepping.get(task) === true);
    } finally {
      this.#stepping.delete(task);
    }
  }

  async stop(
    task: ActiveTask,
    state: "stopped" | "cancelled",
    reason: string,
    audit: AuditEntry,
  ): Promise<void> {
    const { settling, dispatch, roster } = this.#options;
    for (const check of roster.all())
      if (check.row.checkOf === task.id && check.row.state !== "cancelled")
        await settling.stop(check, "cancelled", `the task is ${state}`, audit, (target) =>
          dispatch.order(check, target),
        );
    await settling.stop(task, state, reason, audit, (target) => dispatch.order(task, target));
  }

  async #step(task: ActiveTask): Promise<void> {
    const { settling, dispatch } = this.#options;
    if (task.stopping || task.isOver) return;
    if (task.isStopped) return settling.callOff(task);
    if (task.hasTooManyFailures)
      return this.#fail(task, `more than ${task.row.maxFailures} have failed`);
    const isOver = await this.#turn(task);
    if (isOver) return;
    await dispatch.due(task);
    await settling.close(task);
  }

  /** True: it was stopped. */
  async #turn(task: ActiveTask): Promise<boolean> {
    const { store, health, roster, isAwaited } = this.#options;
    const next =
      task.row.state === "running"
        ? task.nextBatch((target) => isAwaited(task, target))
        : undefined;
    // Somebody of the batch has come late: it is not over any more.
    const verdict = next === undefined ? "healthy" : await health.of(task);
    if (task.checking !== (verdict === "unknown")) {
      task.checking = verdict === "unknown";
      roster.tell(task, { kind: "task" });
    }
    if (task.stopping || task.isStopped) return true;
    if (next === undefined || verdict === "unknown") return false;
    if (verdict !== "healthy") {
      await this.#fail(task, `the health check after batch ${task.row.batch + 1}: ${verdict.why}`);
      return true;
    }
    await store.tasks.advance(task.id, next);
    task.row = { ...task.row, batch: next };
    roster.tell(task, { kind: "task" });
    return false;
  }

  async #fail(task: ActiveTask, reason: string): Promise<void> {
    const { command } = task.row;
    const entry = { at: this.#options.now(), actor: "vigo", action: "task.stop", subject: task.id };
    await this.stop(task, "stopped", reason, { ...entry, detail: { reason, command } });
  }

  async #guarded(task: ActiveTask): Promise<void> {
    try {
      await this.goOn(task);
    } catch (caught) {
      this.#options.log.error("a task does not go on", { task: task.id, error: String(caught) });
    }
  }
}
