/**
 * Long work in small steps, so that a server can answer others between them. Each `yield` is a place to pause, a few milliseconds
 * apart at most where that can be had. Must not know what the work is, nor what is done in between.
 */
export type Steps<T> = Generator<undefined, T>;

/** Without a pause. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
