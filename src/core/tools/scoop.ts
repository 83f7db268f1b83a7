/** Packages of Windows through scoop, for all users. `scoop export` gives JSON. Must not know what is wanted. */
import type { Host } from "../host.ts";
import {
  asked,
  type Installed,
  type Manners,
  type PackageManager,
  type PackageOptions,
  transact,
} from "./package-manager.ts";
import { compareSemver } from "./semver.ts";

const manners: Manners = {
  env: {},
  signs: [
    [/Couldn't find manifest/i, "failed", "is the name right, and its bucket added? scoop search"],
    [
      /could not be resolved|Unable to connect/i,
      "unavailable",
      "a source does not answer: look at the network",
    ],
  ],
};

export const scoop: PackageManager = {
  name: "scoop",
  compare: compareSemver,
  installed: async (host) =>
    parseScoopExport((await asked(host, ["scoop", "export"], manners)).stdout),
  newest: async (host) =>
    parseScoopStatus((await asked(host, ["scoop", "status"], manners)).stdout),
  lacks: async () => false,

  async install(host, wishes, how, options) {
    const there = await scoop.installed(host, []);
    const words = wishes.map(({ name, version }) =>
      version === undefined ? name : `${name}@${version}`,
    );
    const names = wishes.map(({ name }) => name);
    const held = names.filter((name) => there.get(name)?.held === true);
    if (how.decidesHolds && held.length > 0) await run(host, ["unhold", ...held], {});
    const old = how.newest ? names.filter((name) => there.has(name)) : [];
    const fresh = words.filter((word) => !old.includes(word));
    if (fresh.length > 0) await run(host, ["install", "--global", ...fresh], options);
    if (old.length > 0) await run(host, ["update", "--global", ...old], options);
  },

  remove: async (host, names, { purge }, options) =>
    await run(host, ["uninstall", "--global", ...(purge ? ["--purge"] : []), ...names], options),

  hold: async (host, names, held) =>
    await run(host, [held ? "hold" : "unhold", "--global", ...names], {}),
};

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  const [verb = "", ...rest] = words;
  await transact(host, ["scoop", verb, ...(options.flags ?? []), ...rest], manners, options);
}

/** `{"apps": [{"Name", "Version", "Info"}]}`; `Info` has `Held package`. */
export function parseScoopExport(printed: string): Installed {
  const { apps } = JSON.parse(printed) as {
    readonly apps: readonly {
      readonly Name: string;
      readonly Version: string;
      readonly Info?: string;
    }[];
  };
  return new Map(
    apps.map(({ Name: name, Version: version, Info: info = "" }) => [
      name,
      { version, status: "installed", held: /Held package/.test(info) },
    ]),
  );
}

/** A table: Name, Installed Version, Latest Version, and more. */
export const parseScoopStatus = (printed: string): ReadonlyMap<string, string> =>
  new Map(
    [...(printed.split(/^-{2,}.*$/m)[1] ?? "").matchAll(/^(\S+)\s+(\d\S*)\s+(\d\S*)/gm)].map(
      ([, name = "", , latest = ""]) => [name, latest],
    ),
  );
