/** What an agent tells over its stream, in the order it was said, until it is closed. Must not know what it says. */

export class Told<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** Said, and not on its way yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  say(message: T): void {
    if (this.#closed) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#closed) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
