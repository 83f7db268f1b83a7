/** What machine this is, from os-release(5) and what runs as its init. Must not know traits, which tell more. */
import fs from "node:fs";
import type { Os, Platform } from "../../../core/host.ts";

const arches: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm" };

export function thisOs(): Os {
  const platform: Platform =
    process.platform === "win32" ? "windows" : process.platform === "darwin" ? "darwin" : "linux";
  const arch = arches[process.arch] ?? process.arch;
  if (platform !== "linux") {
    const init = platform === "darwin" ? "launchd" : "windows";
    return { platform, family: platform, distro: platform, version: "", init, arch };
  }
  return { platform, ...parseOsRelease(osRelease()), init: initSystem(), arch };
}

const osRelease = () => {
  const path = ["/etc/os-release", "/usr/lib/os-release"].find((place) => fs.existsSync(place));
  return path === undefined ? "" : fs.readFileSync(path, "utf8");
};

const families = ["debian", "rhel", "suse", "arch", "alpine"] as const;
const cousins: Readonly<Record<string, string>> = {
  ubuntu: "debian",
  fedora: "rhel",
  centos: "rhel",
  opensuse: "suse",
};

/** ID is the distribution; the family is the first word of ID and ID_LIKE that names one. */
export function parseOsRelease(text: string): Pick<Os, "family" | "distro" | "version"> {
  const value = (name: string) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, "m").exec(text)?.[1] ?? "";
  const distro = value("ID") || "linux";
  const words = [distro, ...value("ID_LIKE").split(" ")].map((word) => cousins[word] ?? word);
  const family = words.find((word) => families.some((name) => name === word)) ?? distro;
  return { family, distro, version: value("VERSION_ID") };
}

function initSystem(): string {
  if (fs.existsSync("/run/systemd/system")) return "systemd";
  return fs.existsSync("/run/openrc") ? "openrc" : "sysv";
}
