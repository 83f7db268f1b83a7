/**
 * What is installed on macOS: `packages`, `package_updates`, `java`; from brew(1) where it is there, else from the receipts of installers, and from
 * softwareupdate(8). It fetches nothing. Must not know how packages are installed.
 */
import type { ReadHost } from "../../host.ts";
import { parseOsRelease } from "../../text/os-release.ts";
import { brew, hasBrew } from "../../tools/brew.ts";
import { fileText } from "../../tools/file-text.ts";
import { type Asking, printed } from "../../tools/once.ts";

const mostPackages = 15_000;

export async function packages(host: ReadHost, asking: Asking) {
  const withBrew = await hasBrew(host);
  const versions = withBrew
    ? [...(await brew.installed(host, []))].map(
        ([name, { version = "" }]) => [name, version] as const,
      )
    : parseReceipts(await printed(host, asking, receipts));
  const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    manager: withBrew ? ("brew" as const) : ("pkgutil" as const),
    count: sorted.length,
    installed: Object.fromEntries(sorted.slice(0, mostPackages)),
  };
}

/** With --regexp all of them in one answer: pkgutil(1). */
const receipts = ["pkgutil", "--regexp", "--pkg-info", ".*"];

/** A blank line between two of them: `package-id: …`, `version: …`. */
export const parseReceipts = (text: string) =>
  [...text.matchAll(/^package-id: (.+)\nversion: (.*)$/gm)].map(
    ([, name = "", version = ""]) => [name, version.trim()] as const,
  );

const mostUpdates = 2_000;

export async function packageUpdates(host: ReadHost, asking: Asking) {
  const [system, others] = await Promise.all([
    printed(host, asking, ["softwareupdate", "--list", "--no-scan"]),
    hasBrew(host).then((is) => (is ? brew.newest(host, []) : new Map<string, string>())),
  ]);
  const updates = [
    ...parseSoftwareUpdate(system),
    ...[...others].map(([name, version]) => ({ name, version, security: false })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    count: updates.length,
    security_count: updates.filter(({ security }) => security).length,
    packages: updates.slice(0, mostUpdates),
    broken_repos: [],
  };
}

/** `* Label: X`, then `Title: X, Version: 1, Size: …`; Apple says in a title at most that it is for security. */
export const parseSoftwareUpdate = (text: string) =>
  [...text.matchAll(/^\* Label: (.+)\n\s+Title: (.+?), Version: ([^,\n]*)/gm)].map(
    ([, label = "", title = "", version = ""]) => ({
      name: title || label,
      version: version.trim(),
      security: /\bsecurity\b/i.test(title),
    }),
  );

const runtimes = "/Library/Java/JavaVirtualMachines";
const mostRuntimes = 50;

/** Each runtime has a file `release`; which of them `java` runs, java_home(1) says without a window. */
export async function java(host: ReadHost, asking: Asking) {
  const names = ((await host.list(runtimes)) ?? []).slice(0, mostRuntimes);
  const found = await Promise.all(
    names.map(async (name) => {
      const home = `${runtimes}/${name}/Contents/Home`;
      const release = parseOsRelease((await fileText(host, `${home}/release`)) ?? "");
      const version = release.get("JAVA_VERSION");
      return version === undefined ? [] : [[home, version] as const];
    }),
  );
  const versions = Object.fromEntries(found.flat());
  if (Object.keys(versions).length === 0) return undefined;
  const home = (await printed(host, asking, ["/usr/libexec/java_home"], [0, 1])).trim();
  return { versions, default: versions[home] ?? "" };
}
