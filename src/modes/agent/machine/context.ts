/**
 * SELinux contexts, where the kernel has SELinux at all: read with stat(1), set with chcon(1) and restorecon(8).
 * Must not know which files are managed. Elsewhere it does nothing and spawns nothing.
 */
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import type { Command, CommandResult } from "../../../core/host.ts";
import { orFail } from "./failure.ts";
import { nameOf } from "./hold.ts";
import { nameOnly, type Spot } from "./walk.ts";

type Run = (command: Command) => Promise<CommandResult>;

export const hasSelinux = (): boolean => fs.existsSync("/sys/fs/selinux/enforce");

export async function contextOf(run: Run, path: string): Promise<string | undefined> {
  const { code, stdout } = await run({ argv: ["stat", "-c", "%C", "--", path] });
  return code === 0 ? stdout.trim() : undefined;
}

/** `name` leads to the entry at `path`, and nobody can make it lead elsewhere. */
export async function setContext(
  run: Run,
  path: string,
  name: string,
  context: string,
): Promise<void> {
  if (!hasSelinux())
    throw new VigoError("failed", `cannot set the SELinux context of ${path}: no SELinux here`, {
      hint: "leave out secontext on this machine, with `when:` or a var",
    });
  await must(run, ["chcon", "--", context, name]);
}

/** The new file for a spot gets the context asked for, else that of the file it replaces. `fresh` is its name as above. */
export async function labelNew(
  run: Run,
  fresh: string,
  spot: Spot,
  wanted: string | undefined,
): Promise<void> {
  if (wanted !== undefined) return await setContext(run, spot.path, fresh, wanted);
  if (!hasSelinux() || !fs.existsSync(spot.at)) return;
  const fd = orFail("look at", spot.path, () => nameOnly(spot.at));
  try {
    await must(run, ["chcon", `--reference=${nameOf(fd)}`, "--", fresh]);
  } finally {
    fs.closeSync(fd);
  }
}

/** A file that replaced none has its folder's type; the policy may name another for its path. */
export async function labelByPolicy(run: Run, path: string): Promise<void> {
  if (hasSelinux()) await must(run, ["restorecon", "--", path]);
}

async function must(run: Run, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await run({ argv });
  if (code !== 0) throw new VigoError("failed", `${argv[0]}: exit ${code}: ${stderr.trim()}`);
}
