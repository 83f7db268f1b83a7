/**
 * The `os` trait: which system this is, from os-release(5), `/proc/sys/kernel` and the notes that package managers leave when
 * a restart is due. Must not know hardware.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { parseOsRelease } from "../text/os-release.ts";
import { fileLine, fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const fixed = (description: string) => z.string().meta({ description, stable: true });

export const os = defineTrait({
  name: "os",
  summary: "The operating system and its kernel.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/system.ts") as typeof import("./darwin/system.ts")).os,
    windows: () => (require("./windows/system.ts") as typeof import("./windows/system.ts")).os,
  },
  keep: "boot",
  value: () =>
    z.strictObject({
      family: fixed("Kind of system: debian, rhel, suse, arch, alpine, darwin, windows."),
      distro: fixed("Distribution, lower case: debian, ubuntu, rocky; macos, windows."),
      version: fixed("Version of the distribution; empty where it has none, as in a rolling one."),
      codename: fixed("Name of the release; empty where it has none."),
      kernel: fixed("Release of the running kernel, as uname(1) -r prints it."),
      arch: fixed("Architecture as packages name it: amd64, arm64."),
      arch_raw: fixed("Architecture as the kernel names it: x86_64, aarch64."),
      upstream_id: fixed("The distribution this one is made from, or its own name."),
      upstream_codename: fixed("Release of that distribution; empty where it is not told."),
      init: fixed("What runs as first process: systemd, openrc, sysv, launchd, windows."),
      pretty_name: fixed("Name and version for people."),
      machine_id: fixed("Id of this installation, machine-id(5); empty where there is none."),
      boot_id: z.string().meta({ description: "Id of this start of the machine." }),
      reboot_required: z.boolean().meta({
        description: "An update waits for a restart; false on macOS, which does not say.",
      }),
      reboot_reasons: z.array(z.string()).meta({ description: "Packages that ask for it." }),
    }),
  async collect(host) {
    const told = parseOsRelease((await osRelease(host)) ?? "");
    const { family, distro, version, init, arch } = host.os;
    return {
      family,
      distro,
      version,
      codename: told.get("VERSION_CODENAME") ?? "",
      kernel: await fileLine(host, "/proc/sys/kernel/osrelease"),
      arch,
      arch_raw: (await fileLine(host, "/proc/sys/kernel/arch")) || (rawArch[arch] ?? arch),
      ...(await upstream(host, told, distro)),
      init,
      pretty_name: told.get("PRETTY_NAME") ?? distro,
      machine_id: await fileLine(host, "/etc/machine-id"),
      boot_id: await fileLine(host, "/proc/sys/kernel/random/boot_id"),
      ...(await restart(host)),
    };
  },
  example: {
    family: "debian",
    distro: "debian",
    version: "12",
    codename: "bookworm",
    kernel: "6.1.0-37-amd64",
    arch: "amd64",
    arch_raw: "x86_64",
    upstream_id: "debian",
    upstream_codename: "bookworm",
    init: "systemd",
    pretty_name: "Debian GNU/Linux 12 (bookworm)",
    machine_id: "9d4a1c1f5b0e4d3c8a7b6f5e4d3c2b1a",
    boot_id: "5b1a7f6e-6f0a-4f0e-9d57-0d2b1c3a4e5f",
    reboot_required: false,
    reboot_reasons: [],
  },
});

/** Before Linux 6.1 the kernel does not say it in a file. */
const rawArch: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
  arm: "armv7l",
};

const osRelease = async (host: ReadHost) =>
  (await fileText(host, "/etc/os-release")) ?? (await fileText(host, "/usr/lib/os-release"));

/**
 * The nearest relative of ID_LIKE. Its codename is told outright (`UBUNTU_CODENAME` on Mint), or stands in debian_version as
 * `trixie/sid`, or is the own one where that file has a number, as on Raspberry Pi OS.
 */
async function upstream(host: ReadHost, told: ReadonlyMap<string, string>, distro: string) {
  const own = told.get("VERSION_CODENAME") ?? "";
  const [id] = (told.get("ID_LIKE") ?? "").split(/\s+/);
  if (id === undefined || id === "") return { upstream_id: distro, upstream_codename: own };
  const debian = id === "debian" ? await fileLine(host, "/etc/debian_version") : "";
  const [, testing = /^\d/.test(debian) ? own : ""] = /^(\w+)\/sid$/.exec(debian) ?? [];
  return {
    upstream_id: id,
    upstream_codename: told.get(`${id.toUpperCase()}_CODENAME`) ?? testing,
  };
}

/** Debian and Ubuntu leave the first, SUSE the second. */
async function restart(host: ReadHost) {
  const left = await Promise.all(
    ["/run/reboot-required", "/run/reboot-needed"].map((path) => host.stat(path)),
  );
  const packages = (await fileText(host, "/run/reboot-required.pkgs")) ?? "";
  const names = packages.split("\n").map((line) => line.trim());
  return {
    reboot_required: left.some((note) => note !== undefined),
    reboot_reasons: [...new Set(names.filter((name) => name !== ""))].sort(),
  };
}
