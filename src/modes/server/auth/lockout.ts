/** How long a name must wait after wrong passwords. In memory: a restart forgets, and argon2 keeps guessing slow. */
import { VigoError } from "../../../core/errors.ts";

interface Attempts {
  readonly count: number;
  readonly until: number;
}

/** Wrong passwords that cost nothing: people mistype. */
const free = 3;
const longestMs = 15 * 60_000;
/** Names that are remembered; the oldest is forgotten first. */
const most = 10_000;

export class Lockout {
  readonly #attempts = new Map<string, Attempts>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts an attempt before it is known how it ends, so that a thousand at once are no more guesses than one after the
   * other; `passed` takes it back. From the fourth on each makes the name wait twice as long as the one before, beginning
   * with a second. Throws `limited` while it waits.
   */
  attempt(name: string): void {
    const { count, until } = this.#attempts.get(name) ?? { count: 0, until: 0 };
    const wait = until - this.#now();
    if (wait > 0)
      throw new VigoError("limited", "too many wrong passwords", {
        hint: `try again in ${Math.ceil(wait / 1000)} s`,
        retryAfter: Math.ceil(wait / 1000),
      });
    this.#remember(name, count + 1);
  }

  passed(name: string): void {
    this.#attempts.delete(name);
  }

  #remember(name: string, count: number): void {
    const wait = count <= free ? 0 : Math.min(longestMs, 1_000 * 2 ** (count - free - 1));
    this.#attempts.delete(name);
    this.#attempts.set(name, { count, until: this.#now() + wait });
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > most && oldest !== undefined) this.#attempts.delete(oldest);
  }
}
