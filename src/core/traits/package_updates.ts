/**
 * The `package_updates` trait: newer versions that the package manager knows of, from the lists it fetched last. It fetches
 * nothing itself. Must not know what is installed besides.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { updatesFromLists } from "../tools/apt-updates.ts";
import { brokenRepos } from "../tools/broken-repos.ts";
import { type DatabaseName, databaseOf } from "../tools/installed-packages.ts";
import { packageManagerOf } from "../tools/package-managers.ts";
import { mustSucceed } from "../tools/exit.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;

export const packageUpdates = defineTrait({
  name: "package_updates",
  summary: "Packages of which newer versions are known.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/software.ts") as typeof import("./darwin/software.ts")).packageUpdates,
    windows: () =>
      (require("./windows/software.ts") as typeof import("./windows/software.ts")).packageUpdates,
  },
  keep: "hour",
  timeoutMs: 30_000,
  value: () =>
    z.strictObject({
      count: z.int().min(0).meta({ description: "Packages with a newer version." }),
      security_count: z.int().min(0).meta({
        description:
          "Those among them that mend a security hole, as far as the distribution tells.",
      }),
      packages: z
        .array(z.strictObject({ name: z.string(), version: z.string(), security: z.boolean() }))
        .meta({ description: `Name, newer version, whether for security; ${most} at most.` }),
      broken_repos: z.array(z.string()).meta({
        description:
          "Sources in use of which there is no list, so that updates from there stay unknown.",
      }),
    }),
  async collect(host) {
    const database = databaseOf(host);
    if (database === undefined) return undefined;
    const [updates, broken_repos] = await Promise.all([
      (readers[database] ?? others)(host),
      brokenRepos(host, database),
    ]);
    return {
      count: updates.length,
      security_count: updates.filter(({ security }) => security).length,
      packages: updates.slice(0, most),
      broken_repos: [...broken_repos],
    };
  },
  example: {
    count: 2,
    security_count: 1,
    packages: [
      { name: "openssl", version: "3.0.16-1~deb12u1", security: true },
      { name: "tzdata", version: "2025b-0+deb12u1", security: false },
    ],
    broken_repos: [],
  },
});

interface Update {
  readonly name: string;
  readonly version: string;
  readonly security: boolean;
}

type Reader = (host: ReadHost) => Promise<Update[]>;

const timeoutMs = 25_000;

const readers: Readonly<Partial<Record<DatabaseName, Reader>>> = {
  async dpkg(host) {
    const read = await updatesFromLists(host);
    if (read !== undefined) return read;
    const argv = ["apt", "list", "--upgradable"];
    return parseAptList((await mustSucceed("apt list", host.query({ argv, timeoutMs }))).stdout);
  },
  async rpm(host) {
    const [updates, security] = await Promise.all([others(host), securityOfRpm(host)]);
    return updates.map((update) => ({ ...update, security: security.has(update.name) }));
  },
};

/** Alpine and Arch do not say what an update is for. */
async function others(host: ReadHost): Promise<Update[]> {
  const newest = await (await packageManagerOf(host)).newest(host, []);
  return [...newest]
    .map(([name, version]) => ({ name, version, security: false }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** `name/archive,archive version arch [upgradable from: version]`. */
export const parseAptList = (printed: string): Update[] =>
  [...printed.matchAll(/^([^/\s]+)\/(\S+) (\S+) \S+ \[/gm)].map(
    ([, name = "", archives = "", version = ""]) => ({
      name,
      version,
      security: archives.split(",").some((archive) => /security/i.test(archive)),
    }),
  );

/** Advisories name the packages they are about; patches of SUSE do not, so there none is known to be for security. */
async function securityOfRpm(host: ReadHost): Promise<ReadonlySet<string>> {
  if (host.os.family === "suse") return new Set();
  const { name } = await packageManagerOf(host);
  const words =
    name === "dnf5" ? ["advisory", "list", "--security"] : ["updateinfo", "list", "--security"];
  const { stdout } = await host.query({ argv: [name, "-q", "-C", ...words], timeoutMs });
  return new Set(parseAdvisories(stdout));
}

/** Columns end with `name-version-release.arch`; dnf5 has a date behind it. */
export const parseAdvisories = (printed: string): readonly string[] =>
  [...printed.matchAll(/^\S+\s.*?\s(\S+)-[^-\s]+-[^-\s]+\.\w+(?:\s+\d{4}-.*)?$/gm)].map(
    ([, name = ""]) => name,
  );
