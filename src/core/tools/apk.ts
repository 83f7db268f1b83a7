/**
 * Packages of Alpine Linux through apk(8). Must not know what is wanted. Its database is a text: format in apk's `installed` (5).
 */
import type { Host } from "../host.ts";
import { compareApkVersions } from "./apk-version.ts";
import { fileText } from "./file-text.ts";
import {
  asked,
  type Installed,
  lockSeconds,
  type Manners,
  newestBelow,
  type PackageManager,
  type PackageOptions,
  transact,
} from "./package-manager.ts";
import { tellWaiting } from "./package-lock.ts";

const database = "/lib/apk/db/installed";
const world = "/etc/apk/world";
const cache = "/var/cache/apk";

const manners: Manners = {
  env: { LC_ALL: "C" },
  signs: [
    [
      /Unable to lock database|Resource temporarily unavailable/,
      "unavailable",
      `another apk still holds the lock after ${lockSeconds} s; the next run tries again`,
    ],
    [
      /temporary error|network error|DNS lookup error|Connection (?:refused|timed out)|could not connect/i,
      "unavailable",
      "a repository does not answer: look at /etc/apk/repositories and the network",
    ],
    [/No space left/, "unavailable", "free some space (df -h /)"],
    [
      /UNTRUSTED signature|BAD signature/,
      "failed",
      "declare the repository with its key (type repository, key_url)",
    ],
    [
      /no such package|unable to select packages/,
      "failed",
      "is the name right, and is its repository declared?",
    ],
  ],
};

export const apk: PackageManager = {
  name: "apk",
  compare: compareApkVersions,

  async installed(host) {
    const [packages, wanted] = await Promise.all(
      [database, world].map((path) => fileText(host, path)),
    );
    return parseInstalled(packages ?? "", wanted ?? "");
  },

  async newest(host) {
    const { stdout } = await asked(host, ["apk", "--no-network", "list", "--upgradable"], manners);
    return parseList(stdout);
  },

  async lacks(host, wishes) {
    const names = wishes.map(({ name }) => name);
    const argv = ["apk", "--no-network", "list", "--available", "--", ...names];
    const { code, stdout } = await host.query({ argv, env: manners.env });
    const known = parseList(stdout);
    return (
      code !== 0 ||
      wishes.some(({ name, version }) => {
        const offer = known.get(name);
        return (
          offer === undefined || (version !== undefined && compareApkVersions(offer, version) !== 0)
        );
      })
    );
  },

  lists: {
    fetched: async (host) =>
      (await newestBelow(host, cache, undefined, /^APKINDEX/)) &&
      (await host.stat(cache))?.modified,
    /** What has not changed is not written; the folder's time says that somebody has asked. */
    async fetch(host, options) {
      await run(host, ["update"], options);
      await host.run({ argv: ["touch", cache] });
    },
    sources: ["/etc/apk/repositories"],
  },

  async install(host, wishes, how, options) {
    const words = wishes.map(({ name, version }) =>
      version === undefined ? name : `${name}=${version}`,
    );
    await run(host, ["add", ...(how.newest ? ["--upgrade"] : []), "--", ...words], options);
  },

  /** The caller has proven the file; apk would want it signed by a key it knows. */
  installFile: async (host, path) => await run(host, ["add", "--allow-untrusted", "--", path], {}),
  archive: "apk",

  /** What only the package needed goes with it always: that is what apk's world means. */
  remove: async (host, names, { purge }, options) =>
    await run(host, ["del", ...(purge ? ["--purge"] : []), "--", ...names], options),

  byHand: {
    /** The world names them; a package that others need stays without it. */
    names: async (host) =>
      ((await fileText(host, world)) ?? "")
        .split(/\s+/)
        .flatMap((word) => /^[^<>=~@!.][^<>=~@]*/.exec(word)?.[0] ?? []),
    takes: async (_host, names) => names,
  },

  /** A version that the world names is not left by an upgrade. */
  async hold(host, names, held) {
    const there = await apk.installed(host, names);
    const words = names.map((name) => (held ? `${name}=${there.get(name)?.version}` : name));
    await run(host, ["add", "--", ...words], {});
  },
};

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  await tellWaiting(host, ["/lib/apk/db/lock"], lockSeconds);
  const argv = [
    "apk",
    "--no-progress",
    "--wait",
    `${lockSeconds}`,
    ...(options.flags ?? []),
    ...words,
  ];
  await transact(host, argv, manners, options);
}

/** Paragraphs with `P:name` and `V:version`; the world holds what stands in it with `=version`. */
export function parseInstalled(packages: string, wanted: string): Installed {
  const held = new Set([...wanted.matchAll(/^([^\s<>=~@]+)=\S+$/gm)].map(([, name = ""]) => name));
  const found = packages.split(/\n\n/).flatMap((paragraph) => {
    const name = /^P:(.+)$/m.exec(paragraph)?.[1];
    const version = /^V:(.+)$/m.exec(paragraph)?.[1];
    if (name === undefined || version === undefined) return [];
    return [[name, { version, status: "installed", held: held.has(name) }] as const];
  });
  return new Map(found);
}

/** `name-version-rN arch {origin} (license) [state]`, the newest of each name. */
export function parseList(printed: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", version = ""] of printed.matchAll(/^(\S+)-(\d[^-\s]*-r\d+) /gm)) {
    const known = found.get(name);
    if (known === undefined || compareApkVersions(known, version) < 0) found.set(name, version);
  }
  return found;
}
