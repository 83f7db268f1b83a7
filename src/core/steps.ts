/**
 * Long work in small steps, so that a server can answer others between them. Each `yield` is a place to pause, a few milliseconds
 * apart at most where that can be had. Must not know what the work is, nor what is done in between.
 */
export type Steps<T> = Generator<Step | undefined, T>;

/** How far it is, for who waits: so much of a part. */
export interface Step {
  readonly part: string;
  readonly done: number;
  readonly all: number;
}

/** To be yielded again and again while a part is gone through: each time there is one more done. */
export function stepsOf(part: string, all: number): () => Step {
  const step = { part, done: 0, all };
  return () => {
    step.done++;
    return step;
  };
}

/** Without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
