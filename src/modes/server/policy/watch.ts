/** Says when `.live` may point elsewhere. Must not know what is published. */
import { watch } from "node:fs";

/**
 * The folder is watched, because a watch on the link is lost with its first rename; and it is looked at now and then,
 * because a watch may miss what it likes. Gives the way to stop.
 */
export function watchLive(home: string, pollMs: number, changed: () => void): () => void {
  const watcher = watch(home, (_, name) => {
    if (name === null || name === ".live") changed();
  });
  const poll = setInterval(changed, pollMs);
  poll.unref();
  return () => {
    watcher.close();
    clearInterval(poll);
  };
}
