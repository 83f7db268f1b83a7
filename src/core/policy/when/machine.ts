/** What conditions ask the machine itself: its files and its processes. Must not know CEL, nor traits. */
import type { ReadHost } from "../../host.ts";
import { CannotDecide } from "./condition.ts";

/** Why a path makes no sense. */
export const notAbsolute = (path: unknown): string | undefined =>
  String(path).startsWith("/") ? undefined : "the path must be absolute";

/** Links are followed. */
export async function isThere(
  host: ReadHost,
  path: unknown,
  kind: "file" | "directory",
): Promise<boolean> {
  const reason = notAbsolute(path);
  if (reason !== undefined) throw new CannotDecide(`"${path}": ${reason}`);
  const stat = await host.stat(String(path), { follow: true });
  return stat?.kind === kind;
}

/** By the name of its program: `comm` holds 15 bytes of it, the command line the whole (proc_pid_comm(5)). */
export async function isRunning(host: ReadHost, name: string): Promise<boolean> {
  if (host.os.platform !== "linux")
    throw new CannotDecide(`process_running is not for ${host.os.platform}`);
  const entries = (await host.list("/proc")) ?? [];
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const comm = await textOf(host, `/proc/${entry}/comm`);
    if (comm?.trim() === name) return true;
    if (comm === undefined || !name.startsWith(comm.trim())) continue;
    const [program = ""] = ((await textOf(host, `/proc/${entry}/cmdline`)) ?? "").split("\0");
    if (program.slice(program.lastIndexOf("/") + 1) === name) return true;
  }
  return false;
}

async function textOf(host: ReadHost, path: string): Promise<string | undefined> {
  const bytes = await host.read(path, { limit: 4096 });
  return bytes && new TextDecoder().decode(bytes);
}
