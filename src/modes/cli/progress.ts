/** Says that something takes its time, to a person who watches. Must not know what it is. */
import type { Screen } from "../../core/command/screen.ts";

/** After a second one line on the screen of messages, and how long it took at its end. */
export async function watched<T>(screen: Screen, what: string, work: () => Promise<T>): Promise<T> {
  if (!screen.watched) return work();
  const started = performance.now();
  let said = false;
  const timer = setTimeout(() => {
    said = true;
    screen.err(`${what} …`);
  }, 1_000);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (said) screen.err(`${what} took ${((performance.now() - started) / 1_000).toFixed(1)} s`);
  }
}
