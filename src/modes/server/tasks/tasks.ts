/**
 * The tasks of a server: begun, told of by envoys, each target ended exactly once (semantics §10), whatever is lost on the way. Must
 * not know HTTP, nor how targets are chosen.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type {
  StreamRequest,
  TaskOutput,
  TaskResult,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Clock } from "../clock.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Correspondent, Streams } from "../grpc/streams.ts";
import type { AuditEntry, Store } from "../store/store.ts";
import type { TargetRow, TaskEnding, TaskRow } from "../store/tasks.ts";
import { type ActiveTarget, ActiveTask } from "./active.ts";
import { Leaps } from "../leaps.ts";
import { Course } from "./course.ts";
import { Dispatch } from "./dispatch.ts";
import { asTold, moment, overdue, shutOut } from "./endings.ts";
import { type AskHealth, Health } from "./health.ts";
import type { Signing } from "./orders.ts";
import { type Happened, Roster } from "./roster.ts";
import { Settling } from "./settling.ts";

export interface TasksOptions {
  readonly store: Pick<Store, "tasks">;
  readonly fleet: Pick<Fleet, "get" | "onRevoke" | "status">;
  readonly streams: Pick<Streams, "send" | "isOpen" | "serve">;
  readonly signing: Signing;
  readonly log: Log;
  readonly askHealth: AskHealth;
  /** Is told of each task of people that is over. */
  readonly over?: (task: ActiveTask) => void;
  /** How long an address that is asked for health may take to be well (d: 30 s). */
  readonly patienceMs?: number;
  readonly now?: () => number;
  /** Told of each leap of it, before `now` gives anything that leapt. */
  readonly onLeap?: Clock["onLeap"];
  /** Without a word from an envoy that may have begun, beyond the time it had (d: 24 h). */
  readonly lostMs?: number;
}

export class Tasks implements Correspondent {
  readonly #options: TasksOptions;
  readonly #now: () => number;
  readonly #roster = new Roster();
  readonly #dispatch: Dispatch;
  readonly #settling: Settling;
  readonly #course: Course;
  readonly #leaps = new Leaps<ActiveTask>((task) => this.#retime(task));

  private constructor(options: TasksOptions) {
    const { store, log, askHealth: ask, patienceMs } = options;
    this.#options = options;
    const now = options.now ?? Date.now;
    this.#now = now;
    const roster = this.#roster;
    const isAway = (target: ActiveTarget) => this.#isAway(target);
    const isAwaited = (task: ActiveTask, target: ActiveTarget) =>
      task.awaits(target, isAway(target), now());
    this.#dispatch = new Dispatch(options, roster, { isAway, isAwaited }, now);
    this.#settling = new Settling(store, roster, now, (task) => this.#ended(task));
    const health = new Health({
      store,
      roster,
      ask,
      now,
      known: (task) => this.#course.soon(task),
      begin: (...words) => this.begin(...words),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    options.onLeap?.((by) => {
      health.leapt(by);
      this.#leaps.leapt(roster.all(), by);
    });
    const parts = { store, roster, dispatch: this.#dispatch, settling: this.#settling, health };
    this.#course = new Course({ ...parts, now, log, isAwaited });
  }

  /** Takes up what an earlier process has left. */
  static async open(options: TasksOptions): Promise<Tasks> {
    const tasks = new Tasks(options);
    const { store, streams, fleet } = options;
    for (const row of await store.tasks.unfinished())
      tasks.#takeUp(new ActiveTask(row, await store.tasks.targets(row.id)));
    streams.serve(tasks);
    fleet.onRevoke((envoy) => tasks.#lose(envoy.id));
    return tasks;
  }

  #takeUp(task: ActiveTask): void {
    this.#roster.take(task);
    this.#leaps.takeUp(task, task.row.createdAt, this.#now());
  }

  #retime(task: ActiveTask): Promise<void> {
    return this.#options.store.tasks.retime(task.id, task.row, task.sent());
  }

  get results(): Settling["results"] {
    return this.#settling.results;
  }

  /** Undefined: it has ended, or never was. */
  find(id: string): ActiveTask | undefined {
    return this.#roster.find(id);
  }

  /** Orders leave before it resolves, for those who have a stream. */
  async begin(
    row: TaskRow,
    targets: readonly Pick<TargetRow, "envoyId" | "hostname" | "batch">[],
    audit: AuditEntry,
  ): Promise<ActiveTask> {
    const fresh = { taskId: row.id, sentAt: undefined, ending: undefined };
    const task = new ActiveTask(
      row,
      targets.map((target) => ({ ...target, ...fresh })),
    );
    const now = this.#now();
    const first = this.#dispatch.claim(task, now);
    const sent = (target: ActiveTarget) => (target.dispatching ? now : undefined);
    const rows = [...task.targets.values()].map((each) => ({ ...each, sentAt: sent(each) }));
    await this.#options.store.tasks.create(row, rows, audit);
    this.#roster.take(task);
    await this.#dispatch.leave(task, first, now);
    return task;
  }

  /** When it is over on every target. */
  async ended(id: string): Promise<void> {
    if (this.find(id) === undefined) return;
    const over = Promise.withResolvers<void>();
    const stop = this.follow(id, ({ kind }) => {
      if (kind === "end") over.resolve();
    });
    await over.promise;
    stop();
  }

  /** Nobody begins it any more, and who runs it is stopped. It may be over when this resolves. */
  cancel(task: ActiveTask, reason: string, audit: AuditEntry): Promise<void> {
    return this.#course.stop(task, "cancelled", reason, audit);
  }

  /** Nobody begins it any more; those who run it go on to their end. */
  abort(task: ActiveTask, reason: string, audit: AuditEntry): Promise<void> {
    return this.#course.stop(task, "stopped", reason, audit);
  }

  /** Nobody begins it until it is resumed. Rejects with `conflict` when it is not running, or not paused. */
  async pause(
    task: ActiveTask,
    isPaused: boolean,
    reason: string,
    audit: AuditEntry,
  ): Promise<void> {
    const { store } = this.#options;
    const changed = await store.tasks.pause(task.id, isPaused, reason, audit);
    if (!changed)
      throw new VigoError(
        "conflict",
        `the task is ${task.row.state}, not ${isPaused ? "running" : "paused"}`,
      );
    task.row = { ...task.row, state: isPaused ? "paused" : "running", reason };
    this.#roster.tell(task, { kind: "task" });
    this.#course.soon(task);
  }

  /** Until the returned function is called. */
  follow(id: string, follower: (happened: Happened) => void): () => void {
    return this.#roster.follow(id, follower);
  }

  wants(envoyId: string): boolean {
    return this.#roster.of(envoyId).some((task) => {
      const target = task.targets.get(envoyId);
      return target !== undefined && task.isSoonTurnOf(target);
    });
  }

  opened(envoy: Envoy): void {
    for (const task of this.#roster.of(envoy.id)) {
      const target = task.targets.get(envoy.id);
      if (target?.isOut === true) this.#dispatch.order(task, target);
      else if (target !== undefined) this.#course.soon(task, [target]);
    }
  }

  async heard(envoy: Envoy, { case: kind, value }: StreamRequest["message"]): Promise<void> {
    if (kind === "result") return this.#result(envoy, value);
    if (kind !== "started" && kind !== "output") return;
    const task = this.#roster.find(value.taskId);
    const target = task?.targets.get(envoy.id);
    if (task === undefined || target?.isOut !== true) return;
    if (kind === "output") this.#printed(task, target, value);
    else if (target.state !== "running") {
      target.state = "running";
      target.startedAt = moment(value.atMs);
      this.#roster.tell(task, { kind: "target", target });
    }
  }

  /** What time brings: orders that nobody fetched, envoys that are silent for ever, batches whose turn came. */
  async tick(): Promise<void> {
    this.#now();
    await this.#leaps.keep();
    for (const task of this.#roster.all()) {
      await this.#settling.settle(task, this.#overdue(task, this.#now()));
      await this.#course.goOn(task);
    }
  }

  /** An open stream says little: a machine that was cut off has one for minutes. */
  #isAway({ envoyId }: ActiveTarget): boolean {
    const { fleet } = this.#options;
    const envoy = fleet.get(envoyId);
    return envoy !== undefined && fleet.status(envoy) === "offline";
  }

  #overdue(task: ActiveTask, now: number): readonly TaskEnding[] {
    const { lostMs = 86_400_000, fleet } = this.#options;
    return task.open().flatMap((target) => {
      const envoy = fleet.get(target.envoyId);
      const isOut = envoy === undefined || envoy.row.revokedAt !== undefined;
      return (isOut ? shutOut(target, now) : overdue(task.row, target, now, lostMs)) ?? [];
    });
  }

  /** Its targets are found to be shut out at the next tick, should the database fail now. */
  #lose(envoyId: string): void {
    for (const task of this.#roster.of(envoyId)) {
      const target = task.targets.get(envoyId);
      if (target?.isOpen !== true) continue;
      const { log } = this.#options;
      this.#settling.settle(task, [shutOut(target, this.#now())]).then(
        () => this.#course.soon(task),
        (caught: unknown) => log.error("a task does not go on", { error: String(caught) }),
      );
    }
  }

  #printed(task: ActiveTask, target: ActiveTarget, { number, isError, text }: TaskOutput): void {
    const stream = isError ? ("err" as const) : ("out" as const);
    const offset = target.take(number, { stream, text }, task.row.outputLimit);
    if (offset !== undefined)
      this.#roster.tell(task, { kind: "output", target, offset, stream, text });
  }

  /** Taken once it is on disk; one that is not awaited any more is taken too, so that the agent may forget it. */
  async #result(envoy: Envoy, told: TaskResult): Promise<void> {
    const { streams, log } = this.#options;
    const { taskId } = told;
    const task = this.#roster.find(taskId);
    const target = task?.targets.get(envoy.id);
    if (task === undefined || target?.isOpen !== true)
      log.info("result not awaited", { task: taskId.slice(0, 36), envoy_id: envoy.id });
    else if (target.sentAt === undefined)
      throw new VigoError("invalid", "the result of an order that was never given");
    else await this.#settling.settle(task, [asTold(target, told)]);
    streams.send(envoy.id, { case: "taken", value: { taskId } });
    if (task !== undefined) this.#course.soon(task, []);
  }

  /** A batch that waited for its health check may go on. */
  #ended(task: ActiveTask): void {
    const { row } = task;
    if (row.checkOf === undefined) this.#options.over?.(task);
    const checked = row.checkOf === undefined ? undefined : this.find(row.checkOf);
    if (checked !== undefined) this.#course.soon(checked);
  }
}
