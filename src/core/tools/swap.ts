/** Swap that is in use (`/proc/swaps`), and mkswap(8), swapon(8), swapoff(8). Must not know fstab. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { realDevice, withoutLinks } from "./block-device.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";
import { parseMounts } from "./mountinfo.ts";

export interface SwapInUse {
  readonly path: string;
  /** Negative: the kernel chose it. */
  readonly priority: number;
}

/** Columns between blanks: Filename, Type, Size, Used, Priority. A name's own blanks are octal. */
export const parseSwaps = (text: string): readonly SwapInUse[] =>
  text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length >= 5)
    .map(([path = "", , , , priority = ""]) => ({
      path: path.replaceAll("\\040", " "),
      priority: Number(priority),
    }));

export async function swapInUse(host: ReadHost, path: string): Promise<SwapInUse | undefined> {
  const real = await realDevice(host, path);
  return parseSwaps((await fileText(host, "/proc/swaps")) ?? "").find((swap) => swap.path === real);
}

export async function swapOn(host: Host, path: string, priority?: number): Promise<void> {
  const words = priority === undefined ? [] : ["-p", `${priority}`];
  await mustSucceed(`swapon ${path}`, host.run({ argv: ["swapon", ...words, path] }));
}

export async function swapOff(host: Host, path: string): Promise<void> {
  await mustSucceed(`swapoff ${path}`, host.run({ argv: ["swapoff", path] }));
}

export async function makeSwap(host: Host, path: string): Promise<void> {
  await mustSucceed(`mkswap ${path}`, host.run({ argv: ["mkswap", path] }));
}

/** Space that is on the disk as a whole and stays where it is: the kernel refuses a swap file with holes, and one that is copied on write. */
export async function reserve(host: Host, path: string, bytes: number): Promise<void> {
  await host.write(path, new Uint8Array(), { mode: 0o600, uid: 0, gid: 0, snapshot: false });
  if (await isOnBtrfs(host, path))
    await mustSucceed(`chattr +C ${path}`, host.run({ argv: ["chattr", "+C", path] }));
  await mustSucceed(`fallocate ${path}`, host.run({ argv: ["fallocate", "-l", `${bytes}`, path] }));
}

async function isOnBtrfs(host: ReadHost, path: string): Promise<boolean> {
  const mounts = parseMounts((await fileText(host, "/proc/self/mounts")) ?? "");
  const real = await withoutLinks(host, path);
  const above = mounts.filter((mount) => mount.path === "/" || real.startsWith(`${mount.path}/`));
  const nearest = above.toSorted((a, b) => a.path.length - b.path.length).at(-1);
  return nearest?.kind === "btrfs";
}

/** Nothing was ever written in it (cmp(1)). */
export async function isZeros(host: ReadHost, path: string, bytes: number): Promise<boolean> {
  const argv = ["cmp", "-s", "-n", `${bytes}`, path, "/dev/zero"];
  const { code, stderr } = await host.query({ argv, timeoutMs: 600_000 });
  if (code <= 1) return code === 0;
  throw new VigoError("failed", `cmp ${path}: ${stderr.trim() || `exit ${code}`}`, {
    hint: "is the package diffutils installed?",
  });
}
