/** The least of many numbers, again and again: a binary heap. */
export class Heap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((items[parent] ?? 0) <= item) break;
      items[at] = items[parent] ?? 0;
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return least;
  }

  #sink(item: number): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (
        (items[child + 1] ?? Number.POSITIVE_INFINITY) < (items[child] ?? Number.POSITIVE_INFINITY)
      )
        child++;
      const value = items[child];
      if (value === undefined || value >= item) break;
      items[at] = value;
      at = child;
    }
    items[at] = item;
  }
}
