/** Does long work without keeping others waiting. Must not know what the work is. */
import { setImmediate } from "node:timers/promises";
import type { Step, Steps } from "../../core/steps.ts";

/** So long at most is nobody else answered, in milliseconds; a step that takes longer is not cut. */
const stretch = 10;

/** `at` is told how far it is. */
export async function gently<T>(steps: Steps<T>, at?: (step: Step) => void): Promise<T> {
  let since = performance.now();
  let latest: Step | undefined;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    latest = value ?? latest;
    if (performance.now() - since < stretch) continue;
    if (latest !== undefined) at?.(latest);
    await setImmediate();
    since = performance.now();
  }
}
