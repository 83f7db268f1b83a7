/**
 * Root on the server's host, for as long as it works in the server's home, as whom the home belongs to: what it makes there the server
 * can read, replace and take away, and where a link of that user's leads it gets no further than that user. Must not know what is done.
 */
import { stat } from "node:fs/promises";

/** Anybody but root stays who it is. The names that are asked for afterwards are still root's: only the effective user changes. */
export async function asOwner<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { uid, gid } = await stat(folder);
  const group = process.getegid?.() ?? 0;
  if (process.geteuid?.() !== 0 || uid === 0) return work();
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(group);
  }
}
