/**
 * Tells envoys to check in and run now: at once over an open stream, else as soon as the next check-in has opened one. Must not know who
 * asks, nor what the run does.
 */
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import { type Correspondent, framed, type Streams } from "../grpc/streams.ts";
import type { MetaStore } from "../store/store.ts";

/** An envoy that does not come by then is not told any more; that one was told is remembered for as long. */
const keptMs = 86_400_000;

/** Who is still to be told, as `{"ID": milliseconds}`: over a restart too. */
const fact = "push.waiting";

export interface PushOptions {
  readonly streams: Pick<Streams, "sendFramed" | "serve">;
  readonly meta: Pick<MetaStore, "get" | "set">;
  readonly fleet: Pick<Fleet, "onRevoke">;
  readonly now?: () => number;
}

const checkNow = framed({ case: "checkNow", value: {} });

export class Push implements Correspondent {
  readonly #options: PushOptions;
  readonly #now: () => number;
  /** Until when, by envoy. */
  readonly #waiting: Map<string, number>;
  /** They are others than those on disk. */
  #isNew = false;
  /** When it was told last, by envoy. */
  readonly #told = new Map<string, number>();

  private constructor(options: PushOptions, waiting: Map<string, number>) {
    this.#options = options;
    this.#waiting = waiting;
    this.#now = options.now ?? Date.now;
    options.streams.serve(this);
    options.fleet.onRevoke(({ id }) => {
      this.#forget(id);
      this.#told.delete(id);
    });
  }

  static async open(options: PushOptions): Promise<Push> {
    const waiting = JSON.parse((await options.meta.get(fact)) ?? "{}") as Record<string, number>;
    return new Push(options, new Map(Object.entries(waiting)));
  }

  /** Told now; false: it will be, once it has opened a stream, and after a restart if `keep` has resolved before. */
  push(envoyId: string): boolean {
    const told = this.#options.streams.sendFramed(envoyId, checkNow);
    if (told) {
      this.#forget(envoyId);
      this.#told.set(envoyId, this.#now());
    } else {
      this.#waiting.set(envoyId, this.#now() + keptMs);
      this.#isNew = true;
    }
    return told;
  }

  /** Who waits now is on disk when it resolves. */
  async keep(): Promise<void> {
    this.#forgetOld();
    if (!this.#isNew) return;
    this.#isNew = false;
    try {
      await this.#options.meta.set(fact, JSON.stringify(Object.fromEntries(this.#waiting)));
    } catch (error) {
      this.#isNew = true;
      throw error;
    }
  }

  /** The clock leapt: who waits has no less time to come, and who was told was told as long ago. */
  leapt(by: number): void {
    for (const [id, until] of this.#waiting) this.#waiting.set(id, until + by);
    for (const [id, at] of this.#told) this.#told.set(id, at + by);
    this.#isNew ||= this.#waiting.size > 0;
  }

  /** Machines that never come again would be kept for ever. */
  #forgetOld(): void {
    const now = this.#now();
    for (const [id, until] of this.#waiting) if (until <= now) this.#forget(id);
    for (const [id, at] of this.#told) if (at + keptMs <= now) this.#told.delete(id);
  }

  #forget(envoyId: string): void {
    if (this.#waiting.delete(envoyId)) this.#isNew = true;
  }

  /** Undefined while it is still to be told, and before anybody asked. */
  toldAt(envoyId: string): number | undefined {
    return this.#waiting.has(envoyId) ? undefined : this.#told.get(envoyId);
  }

  wants(envoyId: string): boolean {
    const until = this.#waiting.get(envoyId);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#forget(envoyId);
    return false;
  }

  opened({ id }: Envoy): void {
    if (this.wants(id)) this.push(id);
  }

  heard(): void {}
}
