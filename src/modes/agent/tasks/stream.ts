/**
 * Keeps a stream to the server open while the server wishes it or a result waits to be taken, and opens it again with growing, random
 * pauses when it breaks. Must not know how tasks are done.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { asVigoError, VigoError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import { stateToWire } from "../../../core/tasks/states-wire.ts";
import {
  OrderKind,
  type SignedOrder,
  type StreamRequest,
  StreamRequestSchema,
  type StreamResponse,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { kindOf } from "../../../core/wire/order.ts";
import { beatMs } from "../../../core/wire/service.ts";
import { machineFacts } from "../facts.ts";
import type { Link } from "../link.ts";
import type { Queries } from "../queries.ts";
import { reconnectMs } from "./reconnect.ts";
import type { TaskListener, Tasks } from "./tasks.ts";
import { Told } from "./told.ts";

export interface StreamOptions {
  readonly link: () => Promise<Link>;
  readonly tasks: Tasks;
  readonly queries: Pick<Queries, "answer">;
  /** The server asks for a check-in and a run, now. */
  readonly checkNow: () => void;
  readonly log: Log;
  readonly stop: AbortSignal;
  /** Of the first pause, in milliseconds (d: 500). */
  readonly pauseMs?: number;
}

/** One that was open for so long broke for a reason of its own. */
const steadyMs = 60_000;
/** Answers that are not on their way yet. */
const mostWaiting = 256;

export class StreamKeeper {
  readonly #options: StreamOptions;
  #wished = false;
  readonly #wake = new EventTarget();

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** What the last check-in said. A stream that is open is the server's to end. */
  wish(open: boolean): void {
    this.#wished = open;
    if (open) this.#wake.dispatchEvent(new Event("wish"));
  }

  /** Until told to stop. */
  async run(): Promise<void> {
    const { stop, tasks, pauseMs = 500 } = this.#options;
    let failures = 0;
    while (!stop.aborted) {
      if (!this.#wished && !tasks.hasNews) {
        await this.#sleep(undefined);
        failures = 0;
        continue;
      }
      const failure = await this.#once();
      failures = failure === undefined ? 0 : failures + 1;
      if (!stop.aborted) await this.#sleep(reconnectMs(failure, failures, pauseMs, Math.random()));
    }
  }

  /** Why it broke; undefined when the server had no more use of it. */
  async #once(): Promise<VigoError | undefined> {
    const { link, tasks, log, stop } = this.#options;
    const told = new Told<StreamRequest>();
    const cut = new AbortController();
    const { bootId, machineId } = machineFacts();
    const beat = setInterval(() => told.say(message({ case: "beat", value: {} })), beatMs);
    const signal = AbortSignal.any([stop, cut.signal]);
    const began = performance.now();
    try {
      const answers = (await link()).stream({ bootId, machineId }, told, signal);
      tasks.attach(listener(told));
      for await (const answer of answers) this.#heed(answer, told);
      this.#wished = false;
      return undefined;
    } catch (error) {
      if (stop.aborted) return undefined;
      const failure = asVigoError(error);
      if (failure.failure === "internal") throw error;
      const old = performance.now() - began > steadyMs;
      log.warn("stream broken", { reason: failure.message, hint: failure.hint });
      return old ? new VigoError("unavailable", failure.message) : failure;
    } finally {
      clearInterval(beat);
      tasks.detach();
      told.close();
      cut.abort();
    }
  }

  #heed({ message: { case: kind, value } }: StreamResponse, told: Told<StreamRequest>): void {
    const { tasks, checkNow } = this.#options;
    if (kind === "order") this.#obey(value, told);
    if (kind === "taken") tasks.taken(value.taskId);
    if (kind === "checkNow") checkNow();
  }

  #obey(order: SignedOrder, told: Told<StreamRequest>): void {
    const { tasks, log } = this.#options;
    try {
      if (kindOf(order) === OrderKind.QUERY) void this.#ask(order, told);
      else tasks.obey(order);
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      log.error("order refused", { reason: error.message, hint: error.hint });
    }
  }

  /** An answer that the server does not take is not kept: the next one is as good. */
  async #ask(order: SignedOrder, told: Told<StreamRequest>): Promise<void> {
    const { queries, log } = this.#options;
    try {
      const answer = await queries.answer(order);
      if (answer === undefined) return;
      if (told.waiting < mostWaiting) told.say(message({ case: "answer", value: answer }));
      else log.warn("query not answered", { reason: "the server takes nothing" });
    } catch (error) {
      log.error("query failed", { reason: error instanceof Error ? error.stack : String(error) });
    }
  }

  /** Until the time is over, somebody wishes a stream (when there is no time), or all is to stop. */
  async #sleep(ms: number | undefined): Promise<void> {
    const { stop } = this.#options;
    const done = Promise.withResolvers<void>();
    const over = () => done.resolve();
    const timer = ms === undefined ? undefined : setTimeout(over, ms);
    stop.addEventListener("abort", over);
    if (ms === undefined) this.#wake.addEventListener("wish", over);
    if (!stop.aborted) await done.promise;
    clearTimeout(timer);
    stop.removeEventListener("abort", over);
    this.#wake.removeEventListener("wish", over);
  }
}

const message = (value: MessageInitShape<typeof StreamRequestSchema>["message"]): StreamRequest =>
  create(StreamRequestSchema, { message: value ?? { case: undefined } });

const listener = (told: Told<StreamRequest>): TaskListener => ({
  started: (taskId, at) =>
    told.say(message({ case: "started", value: { taskId, atMs: BigInt(at) } })),
  printed: (taskId, number, { stream, text }) =>
    told.say(
      message({ case: "output", value: { taskId, number, isError: stream === "err", text } }),
    ),
  ended: (taskId, startedAt, { state, exitCode, reason, dropped, endedAt }) =>
    told.say(
      message({
        case: "result",
        value: {
          taskId,
          state: stateToWire(state),
          reason,
          droppedBytes: BigInt(dropped),
          endedAtMs: BigInt(endedAt),
          ...(exitCode === undefined ? {} : { exitCode }),
          ...(startedAt === undefined ? {} : { startedAtMs: BigInt(startedAt) }),
        },
      }),
    ),
});
