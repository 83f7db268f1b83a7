/** How long a name must wait after wrong passwords. In memory: a restart forgets, and argon2 keeps guessing slow. */
import { VigoError } from "../../../core/errors.ts";

interface Attempts {
  readonly failures: number;
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

  /** Throws `limited` while the name has to wait. */
  assertOpen(name: string): void {
    const wait = (this.#attempts.get(name)?.until ?? 0) - this.#now();
    if (wait <= 0) return;
    throw new VigoError("limited", "too many wrong passwords", {
      hint: `try again in ${Math.ceil(wait / 1000)} s`,
    });
  }

  /** From the fourth on each waits twice as long as the one before, beginning with a second. */
  failed(name: string): void {
    const failures = (this.#attempts.get(name)?.failures ?? 0) + 1;
    const wait = failures <= free ? 0 : Math.min(longestMs, 1_000 * 2 ** (failures - free - 1));
    this.#attempts.delete(name);
    this.#attempts.set(name, { failures, until: this.#now() + wait });
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > most && oldest !== undefined) this.#attempts.delete(oldest);
  }

  passed(name: string): void {
    this.#attempts.delete(name);
  }
}
