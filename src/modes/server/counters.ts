/** Numbers that `/metrics` prints. Must not know what is counted, nor how it is printed. */

/** How often each label has been seen. */
export class Tally<Label extends string> {
  readonly #counts = new Map<Label, number>();

  add(label: Label): void {
    this.#counts.set(label, this.of(label) + 1);
  }

  of(label: Label): number {
    return this.#counts.get(label) ?? 0;
  }

  entries(): IterableIterator<[Label, number]> {
    return this.#counts.entries();
  }
}

/** Durations in seconds; each is counted in the first bucket whose bound it does not exceed, or in none. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    this.sum += seconds;
    this.count++;
    const at = this.bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.counts[at] = (this.counts[at] ?? 0) + 1;
  }
}
