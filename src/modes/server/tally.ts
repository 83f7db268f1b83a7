/** Counts how often each of many things was met. Must not know what they are. */

/** Different things that are counted: one more is not, so that what strangers send cannot fill the memory. */
const mostKinds = 50_000;

export class Tally {
  readonly #times = new Map<string, number>();

  get size(): number {
    return this.#times.size;
  }

  add(what: string): void {
    const times = this.#times.get(what);
    if (times !== undefined || this.#times.size < mostKinds)
      this.#times.set(what, (times ?? 0) + 1);
  }

  /** The most frequent first, by name where as frequent. */
  most(limit: number): readonly (readonly [string, number])[] {
    return [...this.#times]
      .sort(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1))
      .slice(0, limit);
  }
}
