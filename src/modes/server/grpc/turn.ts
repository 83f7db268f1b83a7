/**
 * Lets timers run however many call. Bun 1.4.5 reads on while 1,024 connections and more are ready, and meanwhile runs no timer: 4,000
 * envoys that all call again as soon as they are answered kept the clocks of all else from running for six to eleven seconds. Who is
 * answered a turn later calls a turn later. Must not know what is asked.
 */

/** So long may pass without a timer before answers wait for one. */
const lateMs = 500;

export class Turn {
  readonly #now: () => number;
  #ranAt: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#ranAt = now();
  }

  /** To be called by a timer, several times in half a second. */
  ran(): void {
    this.#ranAt = this.#now();
  }

  /** Does it now; when timers are late, once the loop has come round. */
  take(act: () => void): void {
    if (this.#now() - this.#ranAt < lateMs) act();
    else setImmediate(act);
  }
}
