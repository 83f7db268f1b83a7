/**
 * What is installed, whatever the package manager, from its database: for those who only want to know. Must not know how
 * packages are installed.
 */
import type { ReadHost } from "../host.ts";
import { apk } from "./apk.ts";
import { dpkgDatabase } from "./dpkg.ts";
import { pacman } from "./pacman.ts";
import { rpmDatabase } from "./rpm.ts";

export type DatabaseName = "dpkg" | "rpm" | "apk" | "pacman";

export interface InstalledPackages {
  readonly manager: DatabaseName;
  /** Versions by name; a foreign architecture's package is `name:i386`. */
  readonly versions: ReadonlyMap<string, string>;
}

const databases: Readonly<Record<string, DatabaseName>> = {
  debian: "dpkg",
  rhel: "rpm",
  suse: "rpm",
  alpine: "apk",
  arch: "pacman",
};

export const databaseOf = ({ os }: ReadHost): DatabaseName | undefined => databases[os.family];

/** Undefined where there is no such database. */
export async function installedPackages(host: ReadHost): Promise<InstalledPackages | undefined> {
  const manager = databaseOf(host);
  if (manager === undefined) return undefined;
  const versions = await readers[manager](host);
  return versions.size === 0 ? undefined : { manager, versions };
}

const readers: Readonly<
  Record<DatabaseName, (host: ReadHost) => Promise<ReadonlyMap<string, string>>>
> = {
  dpkg: async (host) => fromDpkg(await dpkgDatabase(host)),
  rpm: async (host) => withoutArchitectures(await rpmDatabase(host)),
  apk: async (host) => versionsOf(await apk.installed(host, [])),
  pacman: async (host) => versionsOf(await pacman.installed(host, [])),
};

const versionsOf = (found: ReadonlyMap<string, { readonly version: string }>) =>
  new Map([...found].map(([name, { version }]) => [name, version]));

/** A bare name and the one with its architecture are the same object; what is only configured still is not installed. */
function fromDpkg(found: Awaited<ReturnType<typeof dpkgDatabase>>): ReadonlyMap<string, string> {
  const told = [...found].filter(([key, installed]) => {
    const bare = key.split(":", 1)[0] ?? "";
    return installed.status === "installed" && (key === bare || found.get(bare) !== installed);
  });
  return versionsOf(new Map(told));
}

/** Each package is there twice, as `name` and as `name.x86_64`. */
const withoutArchitectures = (found: ReadonlyMap<string, string>) =>
  new Map([...found].filter(([key]) => !found.has(key.replace(/\.[^.]+$/, "")) || !isArch(key)));

const isArch = (key: string) =>
  /\.(?:noarch|x86_64|aarch64|i[3-6]86|armv7hl|ppc64le|s390x|riscv64)$/.test(key);
