/**
 * SELinux contexts, where the kernel has SELinux at all: read with stat(1), set with chcon(1) and restorecon(8).
 * Must not know which files are managed. Elsewhere it does nothing and spawns nothing.
 */
import fs from "node:fs";
import { VigoError } from "../../../core/errors.ts";
import type { Command, CommandResult } from "../../../core/host.ts";

type Run = (command: Command) => Promise<CommandResult>;

export const hasSelinux = (): boolean => fs.existsSync("/sys/fs/selinux/enforce");

export async function contextOf(run: Run, path: string): Promise<string | undefined> {
  const { code, stdout } = await run({ argv: ["stat", "-c", "%C", "--", path] });
  return code === 0 ? stdout.trim() : undefined;
}

export async function setContext(run: Run, path: string, context: string): Promise<void> {
  if (!hasSelinux())
    throw new VigoError("failed", `cannot set the SELinux context of ${path}: no SELinux here`, {
      hint: "leave out secontext on this machine, with `when:` or a var",
    });
  await must(run, ["chcon", "-h", "--", context, path]);
}

/** The new file beside `path` gets the context asked for, else that of the file it replaces. */
export async function labelNew(
  run: Run,
  fresh: string,
  path: string,
  wanted: string | undefined,
): Promise<void> {
  if (wanted !== undefined) await setContext(run, fresh, wanted);
  else if (hasSelinux() && fs.existsSync(path))
    await must(run, ["chcon", "-h", `--reference=${path}`, "--", fresh]);
}

/** A file that replaced none has its folder's type; the policy may name another for its path. */
export async function labelByPolicy(run: Run, path: string): Promise<void> {
  if (hasSelinux()) await must(run, ["restorecon", "--", path]);
}

async function must(run: Run, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await run({ argv });
  if (code !== 0) throw new VigoError("failed", `${argv[0]}: exit ${code}: ${stderr.trim()}`);
}
