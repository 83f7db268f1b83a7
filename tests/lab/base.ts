/**
 * The Debian system that every host of the lab starts from: made once, kept outside of the repository under the hash of what it
 * was made with, never written to afterwards. Must not know hosts.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachePath, folderIn, needTools } from "./cache.ts";
import { outside } from "./outside.ts";

/** What the hosts have besides Debian's smallest system. */
const packages = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "iproute2",
  "procps",
  "openssh-server",
  "sudo",
  "logrotate",
];

/** Raise it when `finish` changes. */
const recipe = 3;

/** What this machine needs, by the command that comes with it. */
const needed: Readonly<Record<string, string>> = {
  debootstrap: "debootstrap",
  "systemd-nspawn": "systemd-container",
  ip: "iproute2",
  "dpkg-scanpackages": "dpkg-dev",
};

/** The folder of the system. Takes most of a minute the first time, on a machine that reaches a Debian mirror. */
export function baseSystem(): string {
  needTools(needed);
  const path = cachePath("bookworm", [packages, recipe, process.arch]);
  return folderIn(path, (folder) => debian(folder, packages));
}

/** Debian's smallest system with these packages and what they need, at peace. */
export function debian(folder: string, names: readonly string[]): void {
  outside("debootstrap", "--variant=minbase", `--include=${names.join(",")}`, "bookworm", folder);
  finish(folder);
}

/** Each host gets its own machine id, no package source but ours, and nothing that wakes up by itself. */
function finish(root: string): void {
  writeFileSync(join(root, "etc/machine-id"), "");
  rmSync(join(root, "var/lib/dbus/machine-id"), { force: true });
  writeFileSync(join(root, "etc/apt/sources.list"), "");
  rmSync(join(root, "var/cache/apt"), { recursive: true, force: true });
  rmSync(join(root, "var/lib/apt/lists"), { recursive: true, force: true });
  for (const folder of ["var/cache/apt/archives/partial", "var/lib/apt/lists/partial"])
    mkdirSync(join(root, folder), { recursive: true });
  const timers = ["apt-daily", "apt-daily-upgrade", "dpkg-db-backup", "fstrim", "e2scrub_all"];
  outside("systemctl", `--root=${root}`, "mask", ...timers.map((name) => `${name}.timer`));
  outside("systemctl", `--root=${root}`, "disable", "ssh.service", "logrotate.timer");
}
