/** Removes a test's folder with all that is in it: published versions are read-only, which stops everybody but root. */
import { rm } from "node:fs/promises";

export async function removeRoom(room: string): Promise<void> {
  Bun.spawnSync(["chmod", "-R", "u+w", room]);
  await rm(room, { recursive: true });
}
