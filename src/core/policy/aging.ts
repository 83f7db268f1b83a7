/**
 * Things kept by name for as long as somebody asks for them now and then: with each turn goes what was not asked for since the turn
 * before. Must not know what they are, nor when to turn.
 */
export class Aging<V> {
  #now = new Map<string, V>();
  #before = new Map<string, V>();

  /** Beyond `most` in one turn they are forgotten and made anew. */
  constructor(readonly most: number) {}

  of(name: string, make: () => V): V {
    const known = this.#now.get(name);
    if (known !== undefined) return known;
    const value = this.#before.get(name) ?? make();
    if (this.#now.size >= this.most) this.#now.clear();
    this.#now.set(name, value);
    return value;
  }

  turn(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** All that it still has. */
  *values(): Iterable<V> {
    yield* this.#now.values();
    yield* this.#before.values();
  }
}
