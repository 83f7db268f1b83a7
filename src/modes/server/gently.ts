/** Does long work without keeping others waiting. Must not know what the work is. */
import { setImmediate } from "node:timers/promises";
import type { Steps } from "../../core/steps.ts";

/** So long at most is nobody else answered, in milliseconds; a step that takes longer is not cut. */
const stretch = 10;

export async function gently<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since < stretch) continue;
    await setImmediate();
    since = performance.now();
  }
}
