/**
 * Tells envoys to check in and run now: at once over an open stream, else as soon as the next check-in has opened one. Must not know who
 * asks, nor what the run does.
 */
import type { Envoy } from "../envoys/envoy.ts";
import { type Correspondent, framed, type Streams } from "../grpc/streams.ts";

/** An envoy that does not come by then is not told any more. */
const keptMs = 86_400_000;

export interface PushOptions {
  readonly streams: Pick<Streams, "sendFramed" | "serve">;
  readonly now?: () => number;
}

const checkNow = framed({ case: "checkNow", value: {} });

export class Push implements Correspondent {
  readonly #options: PushOptions;
  readonly #now: () => number;
  /** Until when, by envoy. */
  readonly #waiting = new Map<string, number>();
  /** When it was told last, by envoy. */
  readonly #told = new Map<string, number>();

  constructor(options: PushOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    options.streams.serve(this);
  }

  /** Told now; false: it will be, once it has opened a stream. */
  push(envoyId: string): boolean {
    const told = this.#options.streams.sendFramed(envoyId, checkNow);
    if (told) {
      this.#waiting.delete(envoyId);
      this.#told.set(envoyId, this.#now());
    } else this.#waiting.set(envoyId, this.#now() + keptMs);
    return told;
  }

  /** Undefined while it is still to be told, and before anybody asked. */
  toldAt(envoyId: string): number | undefined {
    return this.#waiting.has(envoyId) ? undefined : this.#told.get(envoyId);
  }

  wants(envoyId: string): boolean {
    const until = this.#waiting.get(envoyId);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#waiting.delete(envoyId);
    return false;
  }

  opened({ id }: Envoy): void {
    if (this.wants(id)) this.push(id);
  }

  heard(): void {}
}
