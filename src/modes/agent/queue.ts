/**
 * One run at a time; triggers during a run make exactly one more, runs with wishes of their own wait their turn. Must not know
 * what a run does.
 */
export class Queue<R> {
  readonly #work: () => Promise<R>;
  #tail: Promise<unknown> = Promise.resolve();
  #next: Promise<R> | undefined;

  constructor(work: () => Promise<R>) {
    this.#work = work;
  }

  /** The ordinary run; one that waits already serves all who ask for it. */
  trigger(): Promise<R> {
    this.#next ??= this.add(() => {
      this.#next = undefined;
      return this.#work();
    });
    return this.#next;
  }

  add<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** Everything that was asked for so far has ended. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
