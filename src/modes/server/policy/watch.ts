/** Says when `.live` may point elsewhere. Must not know what is published. */
import { type FSWatcher, watch } from "node:fs";

export interface Watch {
  readonly pollMs: number;
  readonly changed: () => void;
  /** The folder cannot be watched, or no longer: then it is only looked at now and then. */
  readonly blind: (error: Error) => void;
}

/**
 * The folder is watched, because a watch on the link is lost with its first rename; and it is looked at now and then,
 * because a watch may miss what it likes. Gives the way to stop.
 */
export function watchLive(home: string, { pollMs, changed, blind }: Watch): () => void {
  const watcher = watched(home, changed, blind);
  const poll = setInterval(changed, pollMs);
  poll.unref();
  return () => {
    watcher?.close();
    clearInterval(poll);
  };
}

/** The kernel gives out a limited number of watches, and other programs may have them all. */
function watched(
  home: string,
  changed: () => void,
  blind: (error: Error) => void,
): FSWatcher | undefined {
  try {
    const watcher = watch(home, (_, name) => {
      if (name === null || name === ".live") changed();
    });
    return watcher.on("error", blind);
  } catch (caught) {
    if (!(caught instanceof Error && "code" in caught)) throw caught;
    blind(caught);
    return undefined;
  }
}
