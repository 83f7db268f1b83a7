/** Work that is done one after the other, in the order in which it was asked for. Must not know what is done. */
export class Line {
  #last: Promise<unknown> = Promise.resolve();

  /** Who asked is told how it ended; who comes next only waits for the end. */
  add<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => "its own caller is told");
    return done;
  }

  /** Everything that was asked for so far has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
