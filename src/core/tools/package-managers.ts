/** Which package manager a machine has. Must not know what it is asked for. */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { apk } from "./apk.ts";
import { apt } from "./apt.ts";
import { brew } from "./brew.ts";
import { choco } from "./choco.ts";
import { redhat } from "./dnf.ts";
import type { PackageManager } from "./package-manager.ts";
import { pacman } from "./pacman.ts";
import { scoop } from "./scoop.ts";
import { winget } from "./winget.ts";
import { zypper } from "./zypper.ts";

/** By family, and where a family has several, by the program that is there. */
const managers: Readonly<Record<string, readonly (readonly [path: string, PackageManager])[]>> = {
  debian: [["", apt]],
  rhel: [
    ["/usr/bin/dnf5", redhat("dnf5")],
    ["/usr/bin/dnf", redhat("dnf")],
    ["/usr/bin/yum", redhat("yum")],
  ],
  suse: [["", zypper]],
  arch: [["", pacman]],
  alpine: [["", apk]],
  darwin: [["", brew]],
  windows: [
    ["C:/ProgramData/chocolatey/bin/choco.exe", choco],
    ["C:/ProgramData/scoop/shims/scoop.cmd", scoop],
    ["", winget],
  ],
};

export async function packageManagerOf(host: ReadHost): Promise<PackageManager> {
  const { family, distro } = host.os;
  for (const [path, manager] of managers[family] ?? [])
    if (path === "" || (await host.stat(path, { follow: true })) !== undefined) return manager;
  throw new VigoError("failed", `not for ${distro}: no package manager that Vigo knows`, {
    hint: "apt, dnf, yum, zypper, pacman, apk, brew, choco, scoop and winget are known",
  });
}
