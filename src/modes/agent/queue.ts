/**
 * One run at a time; triggers during a run make exactly one more, runs with wishes of their own wait their turn. Must not know
 * what a run does.
 */
import { Line } from "../../core/line.ts";

export class Queue<R> extends Line {
  readonly #work: () => Promise<R>;
  #next: Promise<R> | undefined;

  constructor(work: () => Promise<R>) {
    super();
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
}
