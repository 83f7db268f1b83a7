/**
 * The runs of workflows: each carried on step by step, every turn written down before anything follows from it, so that whatever dies
 * in between, the next process goes on with the same step and begins none twice. Must not know HTTP, nor how a step is done.
 */
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { Next, RunState, Slot } from "../../../core/workflows/course.ts";
import type { Clock } from "../clock.ts";
import { Leaps } from "../leaps.ts";
import type { AuditEntry } from "../store/store.ts";
import type {
  WorkflowMemberRow,
  WorkflowRunRow,
  WorkflowStepEnding,
  WorkflowStepRow,
} from "../store/workflows.ts";
import { ActiveRun } from "./active.ts";
import { type Follower, Followers, type Happened } from "./followers.ts";
import { cancel } from "./order.ts";
import { endingOf, good, isForNobody, type Outcome } from "./outcome.ts";
import { type Means, perform } from "./perform.ts";
import { chosen } from "./watching.ts";

export interface WorkflowsOptions extends Means {
  readonly log: Log;
  /** Told of each leap of the clock, before `now` gives anything that leapt. */
  readonly onLeap?: Clock["onLeap"];
}

export class Workflows {
  readonly #options: WorkflowsOptions;
  readonly #active = new Map<string, ActiveRun>();
  readonly #followers = new Followers();
  readonly #watched = new Set<string>();
  readonly #leaps = new Leaps<ActiveRun>((run) => this.#retime(run));

  private constructor(options: WorkflowsOptions) {
    this.#options = options;
    options.onLeap?.((by) => this.#leaps.leapt(this.#active.values(), by));
  }

  /** Takes up what an earlier process has left. */
  static async open(options: WorkflowsOptions): Promise<Workflows> {
    const workflows = new Workflows(options);
    const { workflows: store } = options.store;
    for (const row of await store.unfinished()) {
      const run = new ActiveRun(row, await store.members(row.id), await store.steps(row.id));
      workflows.#active.set(row.id, run);
      workflows.#leaps.takeUp(run, row.createdAt, options.now());
    }
    return workflows;
  }

  #retime(run: ActiveRun): Promise<void> {
    const started = run.open().map(({ key, startedAt }) => [key, startedAt] as const);
    return this.#options.store.workflows.retime(run.id, run.row.createdAt, started);
  }

  /** Undefined: it has ended, or never was. */
  find(id: string): ActiveRun | undefined {
    return this.#active.get(id);
  }

  /** Its first step may have begun when it resolves. */
  async begin(
    row: WorkflowRunRow,
    members: readonly Pick<WorkflowMemberRow, "envoyId" | "hostname" | "batch">[],
    audit: AuditEntry,
  ): Promise<ActiveRun> {
    await this.#options.store.workflows.create(row, members, audit);
    const fresh = { runId: row.id, failedAt: undefined, reason: "" };
    const run = new ActiveRun(
      row,
      members.map((member) => ({ ...member, ...fresh })),
      [],
    );
    this.#active.set(row.id, run);
    await this.#guarded(run);
    return run;
  }

  /** Rejects with `conflict` unless it waits for an approval; `may` says, or throws, whether this one is good enough. */
  approve(
    run: ActiveRun,
    by: string,
    may: (slot: Slot) => void,
    audit: (slot: Slot) => AuditEntry,
  ): Promise<void> {
    return run.alone(async () => {
      const next = run.next();
      const begun = next.kind === "work" ? run.step(next.slot.key) : undefined;
      if (next.kind !== "work" || next.slot.step.kind !== "approval" || begun === undefined)
        throw new VigoError("conflict", "the run does not wait for an approval");
      may(next.slot);
      await this.#settle(run, next.slot, { ...good, by }, audit(next.slot));
      await this.#goOn(run);
    });
  }

  /** What `on_failure` says is done then; `hard`: nothing is. Rejects with `conflict` when it is so already. */
  abort(run: ActiveRun, hard: boolean, reason: string, audit: AuditEntry): Promise<void> {
    return run.alone(async () => {
      const { row } = run;
      if (row.endedAt !== undefined) throw new VigoError("conflict", "the run has ended already");
      if (row.state === "undoing" && (!hard || row.undoBatch < 0))
        throw new VigoError("conflict", "the run is being broken off already", {
          hint: "with --hard what on_failure does is stopped too",
        });
      const batch = hard ? -1 : batchNow(run.next(), row.undoBatch);
      await this.#turn(
        run,
        { state: "undoing", verdict: "aborted", undoBatch: batch, reason },
        audit,
      );
      await this.#goOn(run);
    });
  }

  /** Until the returned function is called. */
  follow(id: string, follower: Follower): () => void {
    return this.#followers.add(id, follower);
  }

  /** What time brings. One that is still being worked on has its turn with the next tick. */
  async tick(): Promise<void> {
    this.#options.now();
    await this.#leaps.keep();
    const idle = [...this.#active.values()].filter(({ busy }) => busy === 0);
    await Promise.all(idle.map((run) => this.#guarded(run)));
  }

  /** Of work that nobody waits for; the next tick does it again. */
  async #guarded(run: ActiveRun): Promise<void> {
    try {
      await run.alone(() => this.#goOn(run));
    } catch (caught) {
      const { id, row } = run;
      const about = { run: id, workflow: row.workflow, error: String(caught) };
      this.#options.log.error("a workflow does not go on", about);
    }
  }

  /** As far as it gets now. */
  async #goOn(run: ActiveRun): Promise<void> {
    while (run.row.endedAt === undefined) {
      await this.#outOfTime(run);
      if (!(await this.#take(run, run.next()))) return;
    }
  }

  /** False: it has to wait. */
  async #take(run: ActiveRun, next: Next): Promise<boolean> {
    if (next.kind === "end") await this.#end(run, next.state);
    else if (next.kind === "undo") await this.#fail(run, next.slot);
    else if (next.kind === "drop") await this.#drop(run, next.slot);
    else {
      if (next.kind === "begin") await this.#begin(run, next.slot);
      return this.#work(run, next.slot);
    }
    return true;
  }

  async #begin(run: ActiveRun, slot: Slot): Promise<void> {
    const { store, now } = this.#options;
    const { kind } = slot.step;
    const isOrder = kind === "run" || kind === "task";
    const envoys = await chosen(this.#options, slot.step.when, run.membersFor(slot));
    const step = {
      runId: run.id,
      key: slot.key,
      startedAt: now(),
      taskId: isOrder ? Bun.randomUUIDv7() : undefined,
      envoys: envoys.map(({ envoyId }) => envoyId),
    };
    const detail = { step: slot.key, name: slot.step.name };
    const audit = kind === "approval" ? this.#entry(run, "workflow.wait", detail) : undefined;
    run.began(await store.workflows.begin(step, audit));
    this.#tell(run, { kind: "step", key: slot.key });
  }

  async #work(run: ActiveRun, slot: Slot): Promise<boolean> {
    const begun = run.step(slot.key);
    if (begun === undefined) throw new Error(`the step ${slot.key} has not begun`);
    if (isForNobody(slot, begun)) {
      const ending = { state: "skipped", reason: "it is for nobody" } as const;
      await this.#close(
        run,
        slot,
        { ...ending, endedAt: this.#options.now(), by: undefined },
        good,
      );
      return true;
    }
    const poke = () => void this.#guarded(run);
    const work = { ...this.#options, run, step: slot.step, begun, members: run.membersOf(begun) };
    const outcome = await perform({ ...work, poke });
    if (outcome === undefined) this.#watch(run, begun);
    else await this.#settle(run, slot, outcome);
    return outcome !== undefined;
  }

  /** The end of its task is the next turn of the run. */
  #watch(run: ActiveRun, { taskId, key }: WorkflowStepRow): void {
    const { tasks } = this.#options;
    if (taskId === undefined || this.#watched.has(taskId)) return;
    if (tasks.find(taskId) === undefined) return;
    this.#watched.add(taskId);
    const stop = tasks.follow(taskId, ({ kind }) => {
      if (kind === "target") this.#tell(run, { kind: "step", key });
      if (kind !== "end") return;
      stop();
      this.#watched.delete(taskId);
      void this.#guarded(run);
    });
  }

  async #settle(run: ActiveRun, slot: Slot, outcome: Outcome, audit?: AuditEntry): Promise<void> {
    const ending = endingOf(run, slot, outcome, this.#options.now());
    await this.#close(run, slot, ending, outcome, audit);
  }

  async #close(
    run: ActiveRun,
    { key }: Slot,
    ending: WorkflowStepEnding,
    { failures }: Outcome,
    audit?: AuditEntry,
  ): Promise<void> {
    await this.#options.store.workflows.settle(run.id, key, ending, failures, audit);
    run.ended(key, ending, failures);
    this.#tell(run, { kind: "step", key });
  }

  /** What was going on is stopped before anything is undone. */
  async #drop(run: ActiveRun, slot: Slot): Promise<void> {
    const begun = run.step(slot.key);
    if (begun !== undefined) await cancel({ ...this.#options, begun, run }, run.row.reason);
    const endedAt = this.#options.now();
    const ending = { state: "aborted", endedAt, reason: run.row.reason, by: undefined } as const;
    await this.#close(run, slot, ending, good);
  }

  async #outOfTime(run: ActiveRun): Promise<void> {
    const now = this.#options.now();
    const { row } = run;
    if (row.state !== "running" || now < row.createdAt + row.pinned.timeoutMs) return;
    const undoBatch = batchNow(run.next(), row.undoBatch);
    const reason = "it took longer than its timeout";
    await this.#undo(run, undoBatch, reason);
  }

  async #fail(run: ActiveRun, { key, batch, step }: Slot): Promise<void> {
    const why = run.step(key)?.ending?.reason ?? "";
    await this.#undo(run, batch, `step ${key} (${step.name}): ${why}`);
  }

  async #undo(run: ActiveRun, undoBatch: number, reason: string): Promise<void> {
    const turn = { state: "undoing", verdict: "failed", undoBatch, reason } as const;
    await this.#turn(run, turn, this.#entry(run, "workflow.fail", { reason }));
  }

  async #end(run: ActiveRun, state: Exclude<RunState, "running" | "undoing">): Promise<void> {
    const { verdict, undoBatch, reason } = run.row;
    const endedAt = this.#options.now();
    const audit = this.#entry(run, "workflow.end", {
      state,
      failed: run.failed,
      ...(reason === "" ? {} : { reason }),
    });
    await this.#turn(run, { state, verdict, undoBatch, reason, endedAt }, audit);
    this.#active.delete(run.id);
    this.#tell(run, { kind: "end" });
  }

  async #turn(
    run: ActiveRun,
    turn: Pick<WorkflowRunRow, "state" | "verdict" | "undoBatch" | "reason"> & {
      readonly endedAt?: number;
    },
    audit: AuditEntry,
  ): Promise<void> {
    const whole = { endedAt: undefined, ...turn };
    await this.#options.store.workflows.turn(run.id, whole, audit);
    run.row = { ...run.row, ...whole };
    this.#tell(run, { kind: "run" });
  }

  #entry(run: ActiveRun, action: string, detail: AuditEntry["detail"]): AuditEntry {
    const about = { workflow: run.row.workflow, ...Object(detail) };
    return { at: this.#options.now(), actor: "vigo", action, subject: run.id, detail: about };
  }

  #tell({ id }: ActiveRun, happened: Happened): void {
    this.#followers.tell(id, happened);
  }
}

const batchNow = (next: Next, before: number): number =>
  "slot" in next ? next.slot.batch : before;
