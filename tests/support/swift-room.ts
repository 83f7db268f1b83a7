/**
 * A folder for tests in which processes die and the machine does not: in memory where there is such a place, because a disk that others
 * use makes a second of commits a minute.
 */
import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function swiftRoom(prefix: string): Promise<string> {
  const memory = "/dev/shm";
  const found = await stat(memory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return mkdtemp(join(found === undefined ? tmpdir() : memory, prefix));
}
