/**
 * The Debian system that every host of the lab starts from: made once, kept outside of the repository under the hash of what it
 * was made with, never written to afterwards. Must not know hosts.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
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
  install(Object.entries(needed).flatMap(([command, name]) => (hasTool(command) ? [] : [name])));
  const hash = createHash("sha256").update(JSON.stringify([packages, recipe, process.arch]));
  const key = hash.digest("hex").slice(0, 12);
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vigo-lab");
  const root = join(cache, `bookworm-${key}`);
  if (existsSync(root)) return root;
  mkdirSync(cache, { recursive: true });
  const building = `${root}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  const include = `--include=${packages.join(",")}`;
  outside("debootstrap", "--variant=minbase", include, "bookworm", building);
  finish(building);
  if (existsSync(root)) rmSync(building, { recursive: true });
  else renameSync(building, root);
  return root;
}

const hasTool = (command: string) =>
  ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(`${folder}/${command}`));

function install(names: readonly string[]): void {
  if (names.length === 0) return;
  const apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"];
  outside(...apt, "update");
  outside(...apt, "install", "--no-install-recommends", ...names);
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
