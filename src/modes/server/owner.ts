/**
 * Whose a home is. What another user, root too, makes in it the server could not read afterwards: keys are for their owner
 * alone. Must not know what is made.
 */
import { lchown, lstat } from "node:fs/promises";
import { VigoError } from "../../core/errors.ts";
import { ifThere } from "../../core/publish/errno.ts";
import type { Home } from "./home.ts";

/** Rejects with `denied` for the home of another user. One that is not there yet is nobody's; Windows has no such owners. */
export async function assertOwn({ folder }: Home, command: string): Promise<void> {
  const me = process.getuid?.();
  const owner = (await ifThere(lstat(folder)))?.uid;
  if (me === undefined || owner === undefined || owner === me) return;
  throw new VigoError("denied", `${folder} belongs to another user`, {
    hint: `run it as that one: runuser -u $(id -nu ${owner}) -- vigo server ${command}`,
  });
}

/** Gives what root has put there to the owner of the home. */
export async function leaveToOwner({ folder }: Pick<Home, "folder">, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await lstat(folder);
  await lchown(path, uid, gid);
}
