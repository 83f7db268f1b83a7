/**
 * More packages for the hosts of one test than the system they all share has: a layer over it, made once and kept beside it
 * under the hash of both. Must not know hosts.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { outside } from "./outside.ts";

/** Raise it when `finish` changes. */
const recipe = 1;

/** Timers that packages bring along. */
const wakeUps = ["dnf-makecache.timer", "man-db.timer", "flatpak-system-helper.service"];

/** A folder to lie over `base`. Needs a Debian mirror the first time; the host's network is used, nothing of it is started. */
export function packageLayer(base: string, packages: readonly string[]): string {
  const hash = createHash("sha256").update(JSON.stringify([basename(base), packages, recipe]));
  const layer = `${base}+${hash.digest("hex").slice(0, 12)}`;
  if (existsSync(layer)) return layer;
  const building = `${layer}.${process.pid}`;
  const [upper, work, root] = ["upper", "work", "root"].map((name) => join(building, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [upper, work, root]) mkdirSync(path, { recursive: true, mode: 0o755 });
  try {
    const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
    outside("mount", "-t", "overlay", "-o", layers, "vigo-layer", root);
    try {
      install(root, packages);
    } finally {
      outside("umount", root);
    }
    finish(upper);
    if (!existsSync(layer)) renameSync(upper, layer);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return layer;
}

const source = "deb http://deb.debian.org/debian bookworm main\n";

/** In a container without an init: what packages want started stays off. */
function install(root: string, packages: readonly string[]): void {
  writeFileSync(join(root, "etc/apt/sources.list"), source);
  const inside = (...argv: readonly string[]) =>
    outside(
      ...["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--pipe", "-D", root],
      ...["--resolv-conf=replace-host", "--timezone=off", "-E", "DEBIAN_FRONTEND=noninteractive"],
      ...argv,
    );
  inside("apt-get", "-qq", "update");
  inside("apt-get", "-qq", "-y", "install", "--no-install-recommends", ...packages);
  inside("systemctl", "-q", "mask", ...wakeUps);
  inside("apt-get", "clean");
}

/** As bare as the system below: no package source, no lists, no name servers. */
function finish(upper: string): void {
  writeFileSync(join(upper, "etc/apt/sources.list"), "");
  for (const path of ["var/lib/apt/lists", "var/cache/apt", "etc/resolv.conf"])
    rmSync(join(upper, path), { recursive: true, force: true });
}
