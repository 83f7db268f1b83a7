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
    [
      /unable to lock database/,
      "unavailable",
      `another pacman has begun meanwhile and holds ${lock}; the next run tries again`,
    ],
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
    [
      /exists in filesystem/,
      "failed",
      "files that are no package's lie where its files belong: move them away, or say once flags: [--overwrite, '*']",
    ],
    [/required by|breaks dependency/, "failed", "other packages need it: declare those absent too"],
  ],
};

export const pacman: PackageManager = {
  name: "pacman",
  compare: comparePacmanVersions,

  async installed(host, names) {
    const ignored = parseIgnored((await fileText(host, "/etc/pacman.conf")) ?? "");
    const found = new Map(parseLocal((await host.list(local)) ?? [], ignored));
    const half = new Set(await unfinished(host, names));
    for (const [name, known] of found)
      if (half.has(name)) found.set(name, { ...known, status: "half-installed" });
    return found;
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

  installFile: async (host, path) => {
    const over = await overLeft(host, () => true, {});
    await run(host, ["-U", ...over, "--", path], {});
  },
  archive: "pkg.tar.zst",

  async remove(host, names, { purge, autoremove }, options) {
    await overLeft(host, () => false, options);
    await run(host, [`-R${autoremove ? "s" : ""}${purge ? "n" : ""}`, "--", ...names], options);
  },

  /** What needs them stands in the way, so that only what they need can go along. */
  async removal(host, names, { autoremove }) {
    if (!autoremove || (await unfinished(host)).length > 0) return names;
    return await printed(host, ["-Rsp", "--print-format", "%n", "--", ...names]);
  },

  byHand: {
    async names(host) {
      const { stdout } = await asked(host, ["pacman", "-Qqe"], { ...manners, fine: [0, 1] });
      return stdout.split("\n").filter(Boolean);
    },
    takes: (host, names) => printed(host, ["-Rcp", "--print-format", "%n", "--", ...names]),
  },

  cannotHold: "IgnorePkg in /etc/pacman.conf does it",
};

const printed = async (host: ReadHost, words: readonly string[]): Promise<readonly string[]> =>
  (await asked(host, ["pacman", ...words], manners)).stdout.split("\n").filter(Boolean);

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  await waitForLock(host, lock, lockSeconds);
  await transact(
    host,
    ["pacman", "--noconfirm", ...(options.flags ?? []), ...words],
    manners,
    options,
  );
}

/**
 * A pacman that was killed leaves files that are no package's yet, and an entry with which it refuses every change. The entries
 * go; what is not wished now is made whole here. Gives the words by which files that lie there already are no hindrance.
 */
async function overLeft(
  host: Host,
  isWished: (name: string) => boolean,
  options: PackageOptions,
): Promise<readonly string[]> {
  await waitForLock(host, lock, lockSeconds);
  const left = await unfinished(host);
  if (left.length === 0) return [];
  for (const folder of (await host.list(local)) ?? [])
    if (left.includes(entryOf(folder).name ?? ""))
      await host.remove(`${local}/${folder}`, { recursive: true, snapshot: false });
  const over = ["--overwrite", "*"];
  const others = left.filter((name) => !isWished(name));
  if (others.length > 0) await run(host, ["-S", "--asdeps", ...over, "--", ...others], options);
  return over;
}

/** Packages of which pacman has begun an entry; it writes the list of their files last. */
async function unfinished(host: ReadHost, names?: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of (await host.list(local)) ?? []) {
    const { name } = entryOf(folder);
    if (name === undefined || names?.includes(name) === false) continue;
    if ((await host.stat(`${local}/${folder}/files`)) === undefined) found.push(name);
  }
  return found;
}

/** `name-version-release`. */
const entryOf = (folder: string) => {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)$/.exec(folder) ?? [];
  return { name, version };
};

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
  const over = await overLeft(host, (name) => wishes.some((wish) => wish.name === name), options);
  if (words.length > 0) await run(host, ["-S", ...over, "--", ...words], options);
  if (kept.length > 0) await run(host, ["-U", ...over, "--", ...kept], options);
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
    const { name, version } = entryOf(folder);
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
