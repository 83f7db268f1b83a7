/**
 * Packages of Arch Linux through pacman(8). Must not know what is wanted. It gives up at once when others hold its lock, so
 * that is waited for here.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import {
  asked,
  type Installed,
  lockSeconds,
  type Manners,
  type PackageManager,
  type PackageOptions,
  transact,
  type Wish,
} from "./package-manager.ts";
import { waitForLock } from "./package-lock.ts";
import { comparePacmanVersions } from "./pacman-version.ts";

const local = "/var/lib/pacman/local";
const sync = "/var/lib/pacman/sync";
const lock = "/var/lib/pacman/db.lck";
const cache = "/var/cache/pacman/pkg";

const manners: Manners = {
  env: { LC_ALL: "C" },
  signs: [
    [/unable to lock database/, "unavailable", `another pacman runs, or left ${lock} behind`],
    [
      /failed retrieving file|failed to synchronize|Could not resolve host|download library error/,
      "unavailable",
      "a repository does not answer: look at /etc/pacman.conf and the network",
    ],
    [/not enough free disk space|No space left/, "unavailable", "free some space (df -h /var)"],
    [
      /signature from .* is|invalid or corrupted package \(PGP/,
      "failed",
      "declare the repository with its key (type repository, key_url)",
    ],
    [/target not found/, "failed", "is the name right, and is its repository declared?"],
    [/required by|breaks dependency/, "failed", "other packages need it: declare those absent too"],
  ],
};

export const pacman: PackageManager = {
  name: "pacman",
  compare: comparePacmanVersions,

  async installed(host) {
    const ignored = parseIgnored((await fileText(host, "/etc/pacman.conf")) ?? "");
    return parseLocal((await host.list(local)) ?? [], ignored);
  },

  async newest(host) {
    const { stdout } = await asked(host, ["pacman", "-Qu"], { ...manners, fine: [0, 1] });
    return parseUpgrades(stdout);
  },

  async lacks(host, wishes) {
    const known = await offered(host, wishes);
    return wishes.some(({ name, version }) => {
      const offer = known.get(name);
      return (
        offer === undefined ||
        (version !== undefined && comparePacmanVersions(offer, version) !== 0)
      );
    });
  },

  lists: {
    fetched: async (host) =>
      ((await host.list(sync)) ?? []).some((name) => name.endsWith(".db"))
        ? (await host.stat(sync))?.modified
        : undefined,
    /** What has not changed is not written; the folder's time says that somebody has asked. */
    async fetch(host, options) {
      await run(host, ["-Sy"], options);
      await host.run({ argv: ["touch", sync] });
    },
    sources: ["/etc/pacman.conf"],
  },

  install: (host, wishes, _how, options) => install(host, wishes, options),

  installFile: async (host, path) => await run(host, ["-U", "--", path], {}),
  archive: "pkg.tar.zst",

  remove: async (host, names, { purge, autoremove }, options) =>
    await run(host, [`-R${autoremove ? "s" : ""}${purge ? "n" : ""}`, "--", ...names], options),

  byHand: {
    async names(host) {
      const { stdout } = await asked(host, ["pacman", "-Qqe"], { ...manners, fine: [0, 1] });
      return stdout.split("\n").filter(Boolean);
    },
    async takes(host, names) {
      const argv = ["pacman", "-Rcp", "--print-format", "%n", "--", ...names];
      return (await asked(host, argv, manners)).stdout.split("\n").filter(Boolean);
    },
  },

  cannotHold: "IgnorePkg in /etc/pacman.conf does it",
};

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  await waitForLock(host, lock, lockSeconds);
  await transact(
    host,
    ["pacman", "--noconfirm", ...(options.flags ?? []), ...words],
    manners,
    options,
  );
}

/** A version that no repository has any more may still be in the cache of what was installed before. */
async function install(host: Host, wishes: readonly Wish[], options: PackageOptions) {
  const known = await offered(host, wishes);
  const kept: string[] = [];
  const words: string[] = [];
  for (const { name, version } of wishes) {
    const isOffered =
      version === undefined || comparePacmanVersions(known.get(name) ?? "", version) === 0;
    if (isOffered) words.push(name);
    else kept.push(await cached(host, name, version));
  }
  if (words.length > 0) await run(host, ["-S", "--", ...words], options);
  if (kept.length > 0) await run(host, ["-U", "--", ...kept], options);
}

async function cached(host: ReadHost, name: string, version: string): Promise<string> {
  const found = ((await host.list(cache)) ?? []).find((file) => {
    const [, of, is = ""] = /^(.+)-([^-]+-[^-]+)-[^-]+\.pkg\.tar(?:\.\w+)?$/.exec(file) ?? [];
    return of === name && comparePacmanVersions(is, version) === 0;
  });
  if (found !== undefined) return `${cache}/${found}`;
  throw new VigoError("failed", `no repository has ${name} ${version}, nor has ${cache}`, {
    hint: "Arch keeps one version only: use nonrepo_package with an address of its archive",
  });
}

/** One question for all names; those that are not known are left out of the answer (exit 1, and 2 before any lists). */
async function offered(
  host: ReadHost,
  wishes: readonly Wish[],
): Promise<ReadonlyMap<string, string>> {
  const argv = ["pacman", "-Si", "--", ...wishes.map(({ name }) => name)];
  return parseInfo((await asked(host, argv, { ...manners, fine: [0, 1, 2] })).stdout);
}

/** Folders `name-version-release`. */
export function parseLocal(folders: readonly string[], ignored: ReadonlySet<string>): Installed {
  const found = folders.flatMap((folder) => {
    const [, name, version] = /^(.+)-([^-]+-[^-]+)$/.exec(folder) ?? [];
    if (name === undefined || version === undefined) return [];
    return [[name, { version, status: "installed", held: ignored.has(name) }] as const];
  });
  return new Map(found);
}

/** Words of `IgnorePkg` in pacman.conf(5). */
export const parseIgnored = (conf: string): ReadonlySet<string> =>
  new Set(
    [...conf.matchAll(/^[ \t]*IgnorePkg[ \t]*=(.*)$/gm)].flatMap(([, words = ""]) =>
      words.split(/\s+/).filter(Boolean),
    ),
  );

/** `name old -> new`, with `[ignored]` behind what stays. */
export const parseUpgrades = (printed: string): ReadonlyMap<string, string> =>
  new Map(
    [...printed.matchAll(/^(\S+) \S+ -> (\S+)$/gm)].map(([, name = "", version = ""]) => [
      name,
      version,
    ]),
  );

/** Of several repositories the first one counts. */
export function parseInfo(printed: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const paragraph of printed.split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}\\s*: (\\S+)`, "m").exec(paragraph)?.[1];
    const [name, version] = [field("Name"), field("Version")];
    if (name !== undefined && version !== undefined && !found.has(name)) found.set(name, version);
  }
  return found;
}
