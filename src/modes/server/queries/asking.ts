/**
 * One query on its way: who has not answered yet, what those who have said, until all have or the time is over. Must not know streams,
 * nor who reads what it tells.
 */
import type { QueryEvent } from "../../../core/api/query.ts";
import type { Json } from "../../../core/json.ts";
import type { QueryAnswer } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { Envoy } from "../envoys/envoy.ts";
import { nesting } from "./nesting.ts";
import type { QueryTally } from "./tally.ts";

export interface AskingOptions {
  readonly id: string;
  readonly envoys: readonly Envoy[];
  readonly tally: QueryTally;
  /** Values that each of them gives. */
  readonly paths: number;
  readonly answerLimit: number;
  readonly waitMs: number;
  /** It may yet answer in time; who may not is not waited for. */
  mayAnswer(envoy: Envoy): boolean;
  /** Why it has not answered, when the time is over. */
  excuse(envoy: Envoy): string;
  ended(): void;
}

const progressMs = 250;
/** Of values inside of one another. */
const deepest = 64;
const mostReason = 500;

export class Asking {
  readonly #options: AskingOptions;
  /** Who has not answered. */
  readonly #open: Map<string, Envoy>;
  /** Of these, those that are waited for. */
  readonly #awaited: Set<string>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #events: QueryEvent[] = [];
  #isOver = false;
  #wake: (() => void) | undefined;
  #told = performance.now();

  constructor(options: AskingOptions) {
    this.#options = options;
    const { envoys, waitMs } = options;
    this.#open = new Map(envoys.map((envoy) => [envoy.id, envoy]));
    this.#awaited = new Set(envoys.filter((one) => options.mayAnswer(one)).map(({ id }) => id));
    this.#timer = setTimeout(() => this.#finish(), waitMs);
    if (this.#awaited.size === 0) this.#finish();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  isOpen(envoyId: string): boolean {
    return this.#open.has(envoyId);
  }

  /** Once of each. */
  take(envoy: Envoy, answer: QueryAnswer): void {
    if (this.#isOver || !this.#open.delete(envoy.id)) return;
    const event = this.#eventOf(envoy, answer);
    if (event !== undefined) this.#events.push(event);
    else if (performance.now() - this.#told > progressMs) this.#events.push(this.#progress());
    this.#awaited.delete(envoy.id);
    if (this.#awaited.size === 0) this.#finish();
    this.#wake?.();
  }

  /** The envoy is shut out: nobody waits for it. */
  lose(envoyId: string): void {
    this.#awaited.delete(envoyId);
    if (this.#awaited.size === 0) this.#finish();
  }

  /** Nobody reads it any more. */
  stop(): void {
    this.#open.clear();
    this.#finish();
  }

  /** What happens, until it is over. */
  async *events(): AsyncGenerator<QueryEvent> {
    try {
      for (;;) {
        const events = this.#events;
        this.#events = [];
        yield* events;
        if (this.#events.length > 0) continue;
        if (this.#isOver) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      this.stop();
    }
  }

  /** Undefined: there is nothing to show of it. */
  #eventOf(envoy: Envoy, { passedOver, error, values }: QueryAnswer): QueryEvent | undefined {
    const { tally } = this.#options;
    const reason = error.slice(0, mostReason);
    if (passedOver) return void tally.passedOver();
    if (values.length === 0) return tally.erred(envoy, reason || "its answer is empty");
    const read = this.#read(values);
    if (typeof read === "string") return tally.erred(envoy, read);
    return tally.said(envoy, read, reason === "" ? {} : { warning: reason });
  }

  /** Or why they cannot be read: an envoy may say anything. */
  #read(values: Uint8Array): readonly Json[] | string {
    const { answerLimit, paths } = this.#options;
    if (values.length > answerLimit) return `its answer has more than ${answerLimit} bytes`;
    const unreadable = "its answer cannot be read";
    if (nesting(values) > deepest) return unreadable;
    try {
      const read: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(values));
      return Array.isArray(read) && read.length === paths ? (read as Json[]) : unreadable;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof TypeError) return unreadable;
      throw error;
    }
  }

  #progress(): QueryEvent {
    this.#told = performance.now();
    return this.#options.tally.progress();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const { tally, excuse, ended } = this.#options;
    for (const envoy of this.#open.values()) this.#events.push(tally.silent(envoy, excuse(envoy)));
    this.#events.push(...tally.end());
    ended();
    this.#wake?.();
  }
}
