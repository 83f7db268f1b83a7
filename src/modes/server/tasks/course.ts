/**
 * How a task goes on: too many failures or a bad health check stop it, else the next batch has its turn when the one before is over,
 * and those who are away do not hold it up. One step at a time for each task. Must not know what envoys tell, nor HTTP.
 */
import type { Log } from "../../../core/log.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { ActiveTarget, ActiveTask } from "./active.ts";
import type { Dispatch, Looked } from "./dispatch.ts";
import type { Health, Verdict } from "./health.ts";
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
  /** What happened to each since the step that is under way began. */
  readonly #stepping = new Map<ActiveTask, Ahead>();

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /**
   * Once for all that happens until it is its turn; what goes wrong is tried again at the next tick. `opened`: nobody but these can have
   * become due by it (d: anybody): thousands that come one by one are not to be looked at thousands of times each.
   */
  soon(task: ActiveTask, opened: Looked = "all"): void {
    const ahead = this.#stepping.get(task);
    if (ahead === undefined) void this.#guarded(task, opened);
    else ahead.note(opened);
  }

  /** Rejects when the database does. */
  async goOn(task: ActiveTask, opened: Looked = "all"): Promise<void> {
    const before = this.#stepping.get(task);
    if (before !== undefined) return before.note(opened);
    const ahead = new Ahead();
    this.#stepping.set(task, ahead);
    ahead.note(opened);
    try {
      while (ahead.isAny) {
        await new Promise<void>((resolve) => void setImmediate(resolve));
        await this.#step(task, ahead.take());
      }
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

  async #step(task: ActiveTask, opened: Looked): Promise<void> {
    const { settling, dispatch } = this.#options;
    if (task.stopping || task.isOver) return;
    if (task.isStopped) return settling.callOff(task);
    if (task.hasTooManyFailures)
      return this.#fail(task, `more than ${task.row.maxFailures} have failed`);
    const { batch } = task.row;
    const isOver = await this.#turn(task);
    if (isOver) return;
    await dispatch.due(task, task.row.batch === batch ? opened : "all");
    if (!task.checking) await settling.close(task);
  }

  /** True: it was stopped. */
  async #turn(task: ActiveTask): Promise<boolean> {
    const { store, roster, isAwaited } = this.#options;
    const next =
      task.row.state === "running"
        ? task.nextBatch((target) => isAwaited(task, target))
        : undefined;
    const verdict = await this.#health(task);
    if (task.checking !== (verdict === "unknown")) {
      task.checking = verdict === "unknown";
      roster.tell(task, { kind: "task" });
    }
    if (task.stopping || task.isStopped) return true;
    if (verdict === "unknown") return false;
    if (verdict !== "healthy") {
      await this.#fail(task, `the health check after batch ${task.row.batch + 1}: ${verdict.why}`);
      return true;
    }
    if (next === undefined) return false;
    await store.tasks.advance(task.id, next);
    task.row = { ...task.row, batch: next };
    roster.tell(task, { kind: "task" });
    return false;
  }

  /** Also of the last batch, and of who came late; while somebody is awaited, there is nothing to say yet. */
  async #health(task: ActiveTask): Promise<Verdict> {
    const { health, isAwaited } = this.#options;
    if (task.row.healthCheck === undefined) return "healthy";
    const isLooking = task.row.state === "running" || task.openCount === 0;
    if (!isLooking || !task.isTurnOver((target) => isAwaited(task, target))) return "healthy";
    return health.of(task);
  }

  async #fail(task: ActiveTask, reason: string): Promise<void> {
    const { command } = task.row;
    const entry = { at: this.#options.now(), actor: "vigo", action: "task.stop", subject: task.id };
    await this.stop(task, "stopped", reason, { ...entry, detail: { reason, command } });
  }

  async #guarded(task: ActiveTask, opened: Looked): Promise<void> {
    try {
      await this.goOn(task, opened);
    } catch (caught) {
      this.#options.log.error("a task does not go on", { task: task.id, error: String(caught) });
    }
  }
}

/** What the next step has to heed. */
class Ahead {
  isAny = false;
  #opened: Set<ActiveTarget> | "all" = new Set();

  note(opened: Looked): void {
    this.isAny = true;
    if (opened === "all") this.#opened = "all";
    else if (this.#opened !== "all") for (const target of opened) this.#opened.add(target);
  }

  take(): Looked {
    const taken = this.#opened;
    this.isAny = false;
    this.#opened = new Set();
    return taken;
  }
}
