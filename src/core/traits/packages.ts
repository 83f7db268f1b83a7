/** The `packages` trait: what is installed, from the package manager's own database. Must not know what could be updated. */
import { z } from "zod";
import { installedPackages } from "../tools/installed-packages.ts";
import { defineTrait } from "../trait.ts";

const most = 15_000;

export const packages = defineTrait({
  name: "packages",
  summary: "Installed packages and their versions.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/software.ts") as typeof import("./darwin/software.ts")).packages,
    windows: () =>
      (require("./windows/software.ts") as typeof import("./windows/software.ts")).packages,
  },
  keep: "hour",
  timeoutMs: 30_000,
  value: () =>
    z.strictObject({
      manager: z.enum(["dpkg", "rpm", "apk", "pacman", "brew", "pkgutil", "windows"]).meta({
        description:
          "Whose database was read; of macOS brew where it is, else the receipts of installers; of Windows the list of programs that can be uninstalled.",
      }),
      count: z.int().min(0).meta({ description: "Installed packages." }),
      installed: z.record(z.string(), z.string()).meta({
        description: `Version by name; a foreign architecture's package as \`name:i386\`; of several versions of one the newest. By name, ${most} at most.`,
      }),
    }),
  async collect(host) {
    const found = await installedPackages(host);
    if (found === undefined) return undefined;
    const { manager, versions } = found;
    const sorted = [...versions].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      manager,
      count: versions.size,
      installed: Object.fromEntries(sorted.slice(0, most)),
    };
  },
  example: {
    manager: "dpkg",
    count: 2,
    installed: { bash: "5.2.15-2+b7", openssl: "3.0.16-1~deb12u1" },
  },
});
