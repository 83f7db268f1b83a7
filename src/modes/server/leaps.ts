/**
 * Keeps what is left of the time of things that last, when the clock leaps: their times are moved by as much, in memory at once and in
 * the database as soon as it takes them. Must not know what lasts, nor the clock.
 */
import { tolerance } from "./clock.ts";

interface Lasting {
  /** Moves its times by so many milliseconds. */
  leapt(by: number): void;
}

export class Leaps<T extends Lasting> {
  readonly #keep: (one: T) => Promise<void>;
  /** Of these the database has the times from before. */
  readonly #unkept = new Set<T>();

  /** `keep` writes the times of one as they are in memory; what it rejects is done again. */
  constructor(keep: (one: T) => Promise<void>) {
    this.#keep = keep;
  }

  leapt(all: Iterable<T>, by: number): void {
    for (const one of all) {
      one.leapt(by);
      this.#unkept.add(one);
    }
  }

  /** Left by another process: what began in the time to come began by a clock that has been put right since. */
  takeUp(one: T, begunAt: number, now: number): void {
    if (begunAt - now > tolerance) this.leapt([one], now - begunAt);
  }

  /** To be called now and then. */
  async keep(): Promise<void> {
    for (const one of this.#unkept) {
      await this.#keep(one);
      this.#unkept.delete(one);
    }
  }
}
