/** The calls under way, so that one that drips its request byte by byte is cut. Must not know what they are about. */
import type { ServerHttp2Stream } from "node:http2";

/** One timer for all: a timer for each would cost more than the check-in. */
export class Calls {
  readonly #beganAt = new Map<ServerHttp2Stream, number>();
  readonly #sweeper: ReturnType<typeof setInterval>;

  constructor(limitMs: number) {
    this.#sweeper = setInterval(() => this.#sweep(limitMs), Math.min(limitMs, 5_000));
    this.#sweeper.unref();
  }

  watch(stream: ServerHttp2Stream): void {
    this.#beganAt.set(stream, performance.now());
    stream.once("close", () => this.#beganAt.delete(stream));
  }

  stop(): void {
    clearInterval(this.#sweeper);
  }

  #sweep(limitMs: number): void {
    const latest = performance.now() - limitMs;
    for (const [stream, began] of this.#beganAt) if (began < latest) stream.close();
  }
}
