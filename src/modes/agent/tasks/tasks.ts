/**
 * The tasks of this machine: started at most once, told until the server has taken the result (docs/design/semantics.md §10). Must not
 * know how a stream is opened, nor who is at its other end.
 */
import { join } from "node:path";
import { VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { heldBack } from "../../../core/tasks/guardrails.ts";
import type { FinalState, Piece } from "../../../core/tasks/states.ts";
import type { SignedOrder, TaskOrder } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { OrderTrust } from "../../../core/wire/order.ts";
import type { Cache, TaskRecord } from "../cache.ts";
import { runTask, type TaskEnd } from "../machine/task-process.ts";
import { markOf, stopLeft } from "../machine/orphans.ts";
import { type Program, type Wanted, wantedBy } from "./orders.ts";
import { TaskRecords, type TaskResult } from "./records.ts";
import { forgetTranscript, readTranscript, Transcript } from "./transcript.ts";

/** Whom it is all told to. */
export interface TaskListener {
  started(id: string, at: number): void;
  printed(id: string, number: number, piece: Piece): void;
  ended(id: string, startedAt: number | undefined, result: TaskResult): void;
}

export interface TasksOptions {
  readonly cache: Pick<Cache, "get" | "set">;
  /** A folder of our own. */
  readonly folder: string;
  readonly log: Log;
  readonly now: () => number;
  readonly trust: () => OrderTrust;
  /** This system says what runs on it (d: as it is found). */
  readonly tells?: boolean;
}

/** At once; more are refused, so that nothing waits where nobody sees it. */
const mostAtOnce = 16;
/** Of what one prints, whatever the order says. */
const mostPrinted = 1024 * 1024;
const longestMs = 86_400_000;

const nobody: TaskListener = { started: () => {}, printed: () => {}, ended: () => {} };

export class Tasks {
  readonly #options: TasksOptions;
  readonly #records: TaskRecords;
  readonly #running = new Map<string, { readonly end: AbortController; done: Promise<void> }>();
  #listener = nobody;
  #closing = false;

  constructor(options: TasksOptions) {
    this.#options = options;
    this.#records = new TaskRecords(options.cache, options.now);
    for (const [id, record] of this.#records.all())
      if (record.result === undefined) this.#takeUp(id, record);
  }

  /** The server lacks a result. */
  get hasNews(): boolean {
    return this.#records.all().some(([, { result, taken }]) => result !== undefined && !taken);
  }

  get isIdle(): boolean {
    return this.#running.size === 0 && !this.hasNews;
  }

  /** A stream is there: everything is told that the server has not taken, from the beginning. */
  attach(listener: TaskListener): void {
    this.#listener = listener;
    for (const [id, record] of this.#records.all())
      if (record.taken !== true) this.#tell(id, record);
  }

  detach(): void {
    this.#listener = nobody;
  }

  /** What must not be obeyed is said in the log, and nowhere else. */
  obey(order: SignedOrder): void {
    const { log, trust } = this.#options;
    try {
      this.#do(wantedBy(order, trust()));
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      log.error("order refused", { reason: error.message, hint: error.hint });
    }
  }

  /** The server has the result. */
  taken(id: string): void {
    this.#records.taken(id);
    if (this.#records.find(id)?.taken === true) forgetTranscript(this.#file(id));
  }

  /** Stops what runs. */
  async close(): Promise<void> {
    this.#closing = true;
    const all = [...this.#running.values()];
    for (const { end } of all) end.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #do(wanted: Wanted): void {
    if (this.#closing) return;
    if (wanted.kind === "cancel") this.#cancel(wanted);
    else this.#begin(wanted);
  }

  /** One that never came is recorded as well, so that it does not start when it comes. */
  #cancel({ id, expiresAt }: Wanted): void {
    const known = this.#records.find(id);
    if (known === undefined) this.#finish(id, { expiresAt }, "cancelled", "before it started");
    else if (known.result !== undefined) this.#tell(id, known);
    else this.#running.get(id)?.end.abort();
  }

  #begin(wanted: Wanted & { readonly kind: "task" }): void {
    const known = this.#records.find(wanted.id);
    if (known === undefined) this.#first(wanted);
    else this.#tell(wanted.id, known);
  }

  #first({ id, expiresAt, task, program }: Wanted & { readonly kind: "task" }): void {
    const { log, now } = this.#options;
    const startedAt = now();
    const late = expiresAt <= startedAt;
    const why = late ? "it came too late, by this machine's clock" : this.#refusal(task);
    if (why !== undefined) {
      this.#finish(id, { expiresAt }, late ? "expired" : "refused", why);
      return;
    }
    const record = { expiresAt, startedAt };
    this.#records.put(id, record);
    log.info("task started", { task: id });
    this.#listener.started(id, startedAt);
    const end = new AbortController();
    this.#running.set(id, { end, done: this.#run(id, record, { task, program }, end.signal) });
  }

  /** What ran when the agent ended is stopped before it is told how it ended. */
  #takeUp(id: string, record: TaskRecord): void {
    const { tells } = this.#options;
    const done = stopLeft(id, record.process, tells).then(
      (found) => this.#lost(id, record, wordsOf(found)),
      (error: unknown) => this.#lost(id, record, `what it left running was not stopped: ${error}`),
    );
    this.#running.set(id, { end: new AbortController(), done });
  }

  #lost(id: string, record: TaskRecord, left: string): void {
    this.#running.delete(id);
    this.#finish(id, record, "interrupted", `${afterAll}; ${left}`);
  }

  #refusal({ command, argv, force }: TaskOrder): string | undefined {
    const why = force ? undefined : heldBack(argv.length > 0 ? argv.join(" ") : command);
    if (why !== undefined) return `a guardrail of the agent holds it back: ${why}`;
    if (this.#running.size < mostAtOnce) return undefined;
    return `${mostAtOnce} tasks run on this machine already`;
  }

  async #run(
    id: string,
    record: TaskRecord,
    { task, program }: { readonly task: TaskOrder; readonly program: Program },
    end: AbortSignal,
  ): Promise<void> {
    const limit = Math.min(task.outputLimit, mostPrinted);
    const transcript = new Transcript(this.#file(id), limit, (number, piece) =>
      this.#listener.printed(id, number, piece),
    );
    const timeoutMs = Math.min(task.timeoutMs, longestMs);
    const command = {
      ...program,
      timeoutMs,
      end,
      printed: (stream: Piece["stream"], bytes: Uint8Array) => transcript.add(stream, bytes),
    };
    const started = (pid: number) => {
      const process = markOf(pid);
      if (process !== undefined) this.#records.put(id, { ...record, process });
    };
    const [state, reason, exitCode] = await runTask(command, started).then(
      (ended) => this.#verdict(ended, timeoutMs),
      (error: unknown) => ["failed", `it could not be started: ${String(error)}`] as const,
    );
    transcript.end();
    this.#running.delete(id);
    this.#finish(id, record, state, reason, { exitCode, dropped: transcript.dropped });
  }

  #verdict(ended: TaskEnd, timeoutMs: number): Verdict {
    if (ended.kind === "timed out")
      return ["timed out", `it took longer than ${timeoutMs / 1000} s and was stopped`];
    if (ended.kind === "ended")
      return this.#closing
        ? ["interrupted", "the agent was told to end while it ran"]
        : ["cancelled", "it was stopped"];
    return [ended.code === 0 ? "ok" : "failed", "", ended.code];
  }

  #finish(
    id: string,
    record: TaskRecord,
    state: FinalState,
    reason: string,
    { exitCode, dropped = 0 }: { readonly exitCode?: number | undefined; dropped?: number } = {},
  ): void {
    const { log, now } = this.#options;
    const code = exitCode === undefined ? {} : { exitCode };
    const ended = { ...record, result: { state, reason, dropped, endedAt: now(), ...code } };
    this.#records.put(id, ended);
    log.info("task ended", { task: id, state, reason: reason || undefined });
    this.#listener.ended(id, record.startedAt, ended.result);
  }

  #tell(id: string, { startedAt, result }: TaskRecord): void {
    if (startedAt !== undefined) this.#listener.started(id, startedAt);
    for (const [number, piece] of readTranscript(this.#file(id)).entries())
      this.#listener.printed(id, number, piece);
    if (result !== undefined) this.#listener.ended(id, startedAt, result);
  }

  #file(id: string): string {
    return join(this.#options.folder, id);
  }
}

type Verdict = readonly [state: FinalState, reason: string, exitCode?: number];

const afterAll = "the agent ended while it ran, and did not start it again";

/** Undefined: nobody can say. */
function wordsOf(found: number | undefined): string {
  if (found === undefined)
    return "what it may have left running was not stopped: this system does not tell what that is";
  if (found === 0) return "nothing of it was left running";
  return `${found === 1 ? "1 process" : `${found} processes`} of it ${found === 1 ? "was" : "were"} stopped`;
}
