/**
 * Carries tasks out: orders leave for the batch whose turn it is, what envoys tell is kept, each target ends exactly once (semantics
 * §10), whatever is lost on the way. Must not know HTTP, nor how targets are chosen.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { FinalState } from "../../../core/tasks/states.ts";
import type {
  StreamRequest,
  TaskOutput,
  TaskResult,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Correspondent, Streams } from "../grpc/streams.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { TargetRow, TaskEnding, TaskRow } from "../store/tasks.ts";
import { type ActiveTarget, ActiveTask } from "./active.ts";
import { asTold, ending, moment, overdue, shutOut } from "./endings.ts";
import { cancelOrder, type Signing, taskOrder } from "./orders.ts";

/** What those who follow a task are told of. */
export type Happened =
  | { readonly kind: "target"; readonly target: ActiveTarget; readonly ending?: TaskEnding }
  | {
      readonly kind: "output";
      readonly target: ActiveTarget;
      readonly offset: number;
      readonly stream: "out" | "err";
      readonly text: string;
    }
  | { readonly kind: "task" }
  | { readonly kind: "end" };

export interface TasksOptions {
  readonly store: Pick<Store, "tasks">;
  readonly fleet: Pick<Fleet, "get" | "onRevoke">;
  readonly streams: Pick<Streams, "send" | "isOpen" | "serve">;
  readonly signing: Signing;
  readonly log: Log;
  readonly now?: () => number;
  /** Without a word from an envoy that may have begun, beyond the time it had (d: 24 h). */
  readonly lostMs?: number;
}

export class Tasks implements Correspondent {
  readonly #options: TasksOptions;
  readonly #now: () => number;
  readonly #active = new Map<string, ActiveTask>();
  readonly #ofEnvoy = new Map<string, Set<ActiveTask>>();
  /** vigo_tasks_total{result} */
  readonly results = new Map<FinalState, number>();
  readonly #followers = new Map<string, Set<(happened: Happened) => void>>();

  private constructor(options: TasksOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Takes up what an earlier process has left. */
  static async open(options: TasksOptions): Promise<Tasks> {
    const tasks = new Tasks(options);
    const { store, streams, fleet } = options;
    for (const row of await store.tasks.unfinished())
      tasks.#take(new ActiveTask(row, await store.tasks.targets(row.id)));
    streams.serve(tasks);
    fleet.onRevoke((envoy) => void tasks.#guarded(() => tasks.#lose(envoy.id)));
    return tasks;
  }

  find(id: string): ActiveTask | undefined {
    return this.#active.get(id);
  }

  /** Orders leave before it resolves, for those who have a stream. */
  async begin(
    row: TaskRow,
    targets: readonly Pick<TargetRow, "envoyId" | "hostname" | "batch">[],
    audit: AuditEntry,
  ): Promise<ActiveTask> {
    await this.#options.store.tasks.create(row, targets, audit);
    const fresh = { taskId: row.id, sentAt: undefined, ending: undefined };
    const task = new ActiveTask(
      row,
      targets.map((target) => ({ ...target, ...fresh })),
    );
    this.#take(task);
    await this.#dispatch(task);
    return task;
  }

  /** Of one that has not ended; it may be over when this resolves. */
  async cancel(task: ActiveTask, reason: string, audit: AuditEntry): Promise<void> {
    await this.#stop(task, "cancelled", reason, audit);
  }

  /** Until the returned function is called. */
  follow(id: string, follower: (happened: Happened) => void): () => void {
    const all = this.#followers.get(id) ?? new Set();
    this.#followers.set(id, all.add(follower));
    return () => {
      all.delete(follower);
      if (all.size === 0) this.#followers.delete(id);
    };
  }

  wants(envoyId: string): boolean {
    for (const task of this.#ofEnvoy.get(envoyId) ?? []) {
      const target = task.targets.get(envoyId);
      if (target !== undefined && task.isTurnOf(target)) return true;
    }
    return false;
  }

  opened(envoy: Envoy): void {
    for (const task of this.#ofEnvoy.get(envoy.id) ?? []) {
      const target = task.targets.get(envoy.id);
      if (target?.isOut === true) this.#order(task, target);
      else void this.#guarded(() => this.#dispatch(task));
    }
  }

  async heard(envoy: Envoy, { case: kind, value }: StreamRequest["message"]): Promise<void> {
    if (kind === "result") return this.#result(envoy, value);
    if (kind !== "started" && kind !== "output") return;
    const task = this.#active.get(value.taskId);
    const target = task?.targets.get(envoy.id);
    if (task === undefined || target?.isOut !== true) return;
    if (kind === "output") this.#printed(task, target, value);
    else if (target.state !== "running") {
      target.state = "running";
      target.startedAt = moment(value.atMs);
      this.#tell(task, { kind: "target", target });
    }
  }

  /** What time brings: orders that nobody fetched, envoys that are silent for ever, batches whose turn came. */
  async tick(): Promise<void> {
    const now = this.#now();
    for (const task of [...this.#active.values()]) {
      await this.#settle(task, this.#overdue(task, now));
      await this.#goOn(task);
    }
  }

  #overdue(task: ActiveTask, now: number): readonly TaskEnding[] {
    const { lostMs = 86_400_000, fleet } = this.#options;
    return task.open().flatMap((target) => {
      const envoy = fleet.get(target.envoyId);
      const isOut = envoy === undefined || envoy.row.revokedAt !== undefined;
      return (isOut ? shutOut(target, now) : overdue(task.row, target, now, lostMs)) ?? [];
    });
  }

  async #lose(envoyId: string): Promise<void> {
    for (const task of [...(this.#ofEnvoy.get(envoyId) ?? [])]) {
      const target = task.targets.get(envoyId);
      if (target?.isOpen === true) await this.#settle(task, [shutOut(target, this.#now())]);
      await this.#goOn(task);
    }
  }

  /** Written down before it leaves: whatever happens then, it counts as one that the envoy may have. */
  async #dispatch(task: ActiveTask): Promise<void> {
    const { store, streams } = this.#options;
    const now = this.#now();
    if (task.isStopped || task.stopping || now >= task.row.expiresAt) return;
    const due = task
      .open()
      .filter(
        (target) =>
          target.sentAt === undefined &&
          !target.dispatching &&
          task.isTurnOf(target) &&
          streams.isOpen(target.envoyId),
      );
    if (due.length === 0) return;
    for (const target of due) target.dispatching = true;
    try {
      await store.tasks.sent(
        task.id,
        due.map(({ envoyId }) => envoyId),
        now,
      );
    } finally {
      for (const target of due) target.dispatching = false;
    }
    for (const target of due) {
      target.sentAt = now;
      if (target.state === "waiting") target.state = "sent";
      this.#order(task, target);
      this.#tell(task, { kind: "target", target });
    }
  }

  #order({ row }: ActiveTask, { envoyId }: ActiveTarget): void {
    const { streams, signing } = this.#options;
    const make = row.state === "cancelled" ? cancelOrder : taskOrder;
    streams.send(envoyId, { case: "order", value: make(row, envoyId, signing) });
  }

  #printed(task: ActiveTask, target: ActiveTarget, { number, isError, text }: TaskOutput): void {
    const stream = isError ? ("err" as const) : ("out" as const);
    const offset = target.take(number, { stream, text }, task.row.outputLimit);
    if (offset !== undefined) this.#tell(task, { kind: "output", target, offset, stream, text });
  }

  /** Taken once it is on disk; one that is not awaited any more is taken too, so that the agent may forget it. */
  async #result(envoy: Envoy, told: TaskResult): Promise<void> {
    const { streams, log } = this.#options;
    const { taskId } = told;
    const task = this.#active.get(taskId);
    const target = task?.targets.get(envoy.id);
    if (task === undefined || target?.isOpen !== true)
      log.info("result not awaited", { task: taskId.slice(0, 36), envoy_id: envoy.id });
    else if (target.sentAt === undefined)
      throw new VigoError("invalid", "the result of an order that was never given");
    else await this.#settle(task, [asTold(target, told)]);
    streams.send(envoy.id, { case: "taken", value: { taskId } });
    if (task !== undefined) void this.#guarded(() => this.#goOn(task));
  }

  async #settle(task: ActiveTask, endings: readonly TaskEnding[]): Promise<void> {
    if (endings.length === 0) return;
    const settled = new Set(await this.#options.store.tasks.settle(task.id, endings));
    for (const one of endings) {
      const target = task.targets.get(one.envoyId);
      if (target === undefined || !settled.has(one.envoyId)) continue;
      target.ended(one.state);
      this.results.set(one.state, (this.results.get(one.state) ?? 0) + 1);
      this.#ofEnvoy.get(one.envoyId)?.delete(task);
      this.#tell(task, { kind: "target", target, ending: one });
    }
  }

  /** After an ending: too many failures stop it, else the next batch may have its turn. */
  async #goOn(task: ActiveTask): Promise<void> {
    if (task.hasTooManyFailures && !task.isStopped && !task.stopping) {
      const reason = `more than ${task.row.maxFailures} have failed`;
      const detail = { reason, command: task.row.command };
      const entry = {
        at: this.#now(),
        actor: "vigo",
        action: "task.stop",
        subject: task.id,
        detail,
      };
      await this.#stop(task, "stopped", reason, entry);
      return;
    }
    if (task.isStopped) return this.#callOff(task);
    task.advance();
    await this.#dispatch(task);
    await this.#close(task);
  }

  async #stop(
    task: ActiveTask,
    state: "stopped" | "cancelled",
    reason: string,
    audit: AuditEntry,
  ): Promise<void> {
    task.stopping = true;
    try {
      await this.#options.store.tasks.stop(task.id, state, reason, audit);
      task.row = { ...task.row, state, reason };
    } finally {
      task.stopping = false;
    }
    this.#tell(task, { kind: "task" });
    if (state === "cancelled") for (const target of task.open()) this.#order(task, target);
    await this.#callOff(task);
  }

  /** Of one that was stopped: nobody else begins, and those who have begun are told when it was cancelled. */
  async #callOff(task: ActiveTask): Promise<void> {
    const now = this.#now();
    const unsent = task.open().filter((each) => each.sentAt === undefined && !each.dispatching);
    await this.#settle(
      task,
      unsent.map((target) => ending(target, "cancelled", task.row.reason, now)),
    );
    await this.#close(task);
  }

  /** When the last target has ended. */
  async #close(task: ActiveTask): Promise<void> {
    if (task.open().length > 0 || task.closing || !this.#active.has(task.id)) return;
    task.closing = true;
    try {
      const at = this.#now();
      await this.#options.store.tasks.end(task.id, at);
      const state = task.row.state === "running" ? "done" : task.row.state;
      task.row = { ...task.row, state, endedAt: at };
      this.#active.delete(task.id);
    } finally {
      task.closing = false;
    }
    this.#tell(task, { kind: "end" });
  }

  #take(task: ActiveTask): void {
    this.#active.set(task.id, task);
    for (const { envoyId } of task.open()) {
      const all = this.#ofEnvoy.get(envoyId) ?? new Set();
      this.#ofEnvoy.set(envoyId, all.add(task));
    }
  }

  #tell(task: ActiveTask, happened: Happened): void {
    for (const follower of this.#followers.get(task.id) ?? []) follower(happened);
  }

  /** Of work that nobody waits for; the next tick does it again. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (caught) {
      this.#options.log.error("a task does not go on", { error: String(caught) });
    }
  }
}
