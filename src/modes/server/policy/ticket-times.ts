/**
 * When tickets are issued, by all processes of a server: agents refuse one that was issued before the one they have, and a clock that
 * was ahead may be put right while no server runs. Must not know tickets.
 */
import type { MetaStore } from "../store/store.ts";

const fact = "tickets.issued_at";

/** So long at most a process lives on after it has issued a ticket, and has not noted it. */
export const noteEveryMs = 5_000;

export class TicketTimes {
  /** An envoy may have one of then, and takes none of before. */
  readonly #least: number;
  #newest = 0;
  #noted = 0;

  constructor(least = 0) {
    this.#least = least;
  }

  /** After a process that issued tickets in what is the time to come, none is issued before those. */
  static async open(meta: Pick<MetaStore, "get">, now: number): Promise<TicketTimes> {
    const noted = Number((await meta.get(fact)) ?? 0);
    return new TicketTimes(noted > now ? noted + 2 * noteEveryMs : 0);
  }

  /** For one who has a ticket of `before`. */
  next(now: number, before: number): number {
    const at = Math.max(now, before, this.#least);
    this.#newest = Math.max(this.#newest, at);
    return at;
  }

  /** To be called as often as `noteEveryMs` says. */
  async note(meta: Pick<MetaStore, "set">): Promise<void> {
    const newest = this.#newest;
    if (newest === this.#noted) return;
    await meta.set(fact, String(newest));
    this.#noted = newest;
  }
}
