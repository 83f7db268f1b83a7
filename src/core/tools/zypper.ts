/**
 * Packages of SUSE through zypper(8). Must not know what is wanted. It waits for others by itself, as long as ZYPP_LOCK_TIMEOUT says.
 */
import type { Host, ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import {
  asked,
  lockSeconds,
  type Manners,
  newestBelow,
  type PackageManager,
  type PackageOptions,
  transact,
} from "./package-manager.ts";
import { tellWaiting } from "./package-lock.ts";
import { isPlainName, rpmDatabase } from "./rpm.ts";
import { compareRpmVersions } from "./rpm-version.ts";

const manners: Manners = {
  env: { LC_ALL: "C", ZYPP_LOCK_TIMEOUT: `${lockSeconds}` },
  /** Done, and: updates are needed, a reboot is needed, zypper itself was changed. */
  fine: [0, 100, 102, 103],
  signs: [
    [
      /System management is locked/,
      "unavailable",
      `another package manager still holds the lock after ${lockSeconds} s; the next run tries again`,
    ],
    [
      /Could not resolve host|Connection failed|Timeout exceeded|Download \(curl\) error|Valid metadata not found|File '.*' not found on medium|Problem retrieving/,
      "unavailable",
      "a repository does not answer: look at /etc/zypp/repos.d and the network",
    ],
    [/Not enough space|No space left/, "unavailable", "free some space (df -h /var)"],
    [
      /Signature verification failed|is not signed|unknown key/i,
      "failed",
      "declare the repository with its key (type repository, key_url)",
    ],
    [
      /No provider of|not found in package names/,
      "failed",
      "is the name right, and is its repository declared?",
    ],
    [
      /is locked|locked and cannot/,
      "failed",
      "somebody locked it (zypper locks): say lock_version to decide",
    ],
  ],
};

const locksFile = "/etc/zypp/locks";

export const zypper: PackageManager = {
  name: "zypper",
  compare: compareRpmVersions,

  async installed(host) {
    const [database, held] = await Promise.all([rpmDatabase(host), lockedNames(host)]);
    return new Map(
      [...database].map(([name, version]) => [
        name,
        { version, status: "installed", held: held.has(name) },
      ]),
    );
  },

  async newest(host) {
    const argv = ["zypper", "-n", "--no-refresh", "--xmlout", "list-updates", "-t", "package"];
    return parseUpdates((await asked(host, argv, manners)).stdout);
  },

  async lacks(host, wishes) {
    const names = wishes.map(({ name }) => name);
    const search = ["search", "-s", "--match-exact", "-t", "package", "--", ...names];
    const argv = ["zypper", "-n", "--no-refresh", "--xmlout", ...search];
    const { code, stdout } = await host.query({ argv, env: manners.env, timeoutMs: 300_000 });
    const known = parseSearch(stdout);
    return (
      code !== 0 ||
      wishes.some(({ name, version }) => {
        const versions = known.get(name) ?? [];
        return version === undefined
          ? versions.length === 0
          : !versions.some((it) => compareRpmVersions(it, version) === 0);
      })
    );
  },

  lists: {
    fetched: (host) => newestBelow(host, "/var/cache/zypp/raw", "repodata", /^repomd\.xml$/),
    fetch: async (host, options) => await run(host, ["refresh"], options),
    sources: ["/etc/zypp/repos.d"],
  },

  async install(host, wishes, how, options) {
    const names = wishes.map(({ name }) => name);
    if (how.decidesHolds) await unlock(host, names);
    const words = wishes.map(({ name, version }) =>
      version === undefined ? name : `${name}=${version}`,
    );
    const back = how.downgrade ? ["--oldpackage"] : [];
    await run(host, ["install", "-y", "-l", ...back, "--", ...words], options);
  },

  installFile: async (host, path) =>
    await run(
      host,
      ["install", "-y", "-l", "--oldpackage", "--allow-unsigned-rpm", "--", path],
      {},
    ),
  archive: "rpm",

  async remove(host, names, { autoremove }, options) {
    await unlock(host, names);
    await run(host, ["remove", "-y", ...idle(autoremove), "--", ...names], options);
  },

  removal: (host, names, { autoremove }) => goingBy(host, names, autoremove),

  byHand: {
    async names(host) {
      const brought = new Set((await fileText(host, "/var/lib/zypp/AutoInstalled"))?.split("\n"));
      const database = await rpmDatabase(host);
      return [...database.keys()].filter((name) => isPlainName(name) && !brought.has(name));
    },
    takes: (host, names) => goingBy(host, names, false),
  },

  async hold(host, names, held) {
    await run(host, [held ? "addlock" : "removelock", "--", ...names], {});
  },
};

const idle = (autoremove: boolean) => (autoremove ? ["-u"] : []);

/** It refuses to think of removing what is locked; the lock goes right before that itself does. */
async function goingBy(
  host: ReadHost,
  all: readonly string[],
  autoremove: boolean,
): Promise<readonly string[]> {
  const held = await lockedNames(host);
  const names = all.filter((name) => !held.has(name));
  if (names.length === 0) return all;
  const words = ["remove", "--dry-run", ...idle(autoremove), "--", ...names];
  const argv = ["zypper", "-n", "--no-refresh", "--xmlout", ...words];
  const { stdout } = await asked(host, argv, manners);
  const [, removed = ""] = /<to-remove>([\s\S]*?)<\/to-remove>/.exec(stdout) ?? [];
  const going = [...removed.matchAll(/<solvable\s[^>]*>/g)];
  return [
    ...all.filter((name) => held.has(name)),
    ...going.map(([tag]) => attributes(tag).get("name") ?? ""),
  ];
}

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  await tellWaiting(host, ["/run/zypp.pid"], lockSeconds);
  await transact(host, ["zypper", "-n", ...(options.flags ?? []), ...words], manners, options);
}

async function unlock(host: Host, names: readonly string[]): Promise<void> {
  const held = await lockedNames(host);
  const inTheWay = names.filter((name) => held.has(name));
  if (inTheWay.length > 0) await run(host, ["removelock", "--", ...inTheWay], {});
}

const lockedNames = async (host: ReadHost) => parseLocks((await fileText(host, locksFile)) ?? "");

/** Paragraphs of fields; those of packages by their name alone are what we set and lift. */
export const parseLocks = (text: string): ReadonlySet<string> =>
  new Set(
    text.split(/\n\s*\n/).flatMap((paragraph) => {
      const name = /^solvable_name: (\S+)$/m.exec(paragraph)?.[1];
      const isPackage = /^type: package$/m.test(paragraph);
      return isPackage && name !== undefined ? [name] : [];
    }),
  );

const attributes = (tag: string) =>
  new Map(
    [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );

/** `<update kind="package" name="…" edition="…" …>`, one for each. */
export function parseUpdates(xml: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [tag] of xml.matchAll(/<update\s[^>]*>/g)) {
    const of = attributes(tag);
    found.set(of.get("name") ?? "", of.get("edition") ?? "");
    found.set(`${of.get("name")}.${of.get("arch")}`, of.get("edition") ?? "");
  }
  return found;
}

/** `<solvable name="…" edition="…" repository="…"/>`: what only the machine itself has is in no repository. */
export function parseSearch(xml: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [tag] of xml.matchAll(/<solvable\s[^>]*>/g)) {
    const of = attributes(tag);
    if (of.get("repository") === "(System Packages)") continue;
    for (const name of [of.get("name") ?? "", `${of.get("name")}.${of.get("arch")}`])
      found.set(name, [...(found.get(name) ?? []), of.get("edition") ?? ""]);
  }
  return found;
}
