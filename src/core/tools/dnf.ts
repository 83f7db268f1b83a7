/**
 * Packages of Fedora and Red Hat through dnf(8), and through yum(8) where there is no dnf. Must not know what is wanted. Both
 * wait by themselves for others that hold their locks.
 */
import type { Host, ReadHost } from "../host.ts";
import { fileText } from "./file-text.ts";
import {
  asked,
  type InstallHow,
  type Installed,
  lockSeconds,
  type Manners,
  newestBelow,
  type PackageManager,
  type PackageOptions,
  type RemoveHow,
  transact,
  type Wish,
} from "./package-manager.ts";
import { tellWaiting } from "./package-lock.ts";
import { rpmDatabase } from "./rpm.ts";
import { compareRpmVersions } from "./rpm-version.ts";

type Tool = "dnf" | "dnf5" | "yum";

const manners: Manners = {
  env: { LC_ALL: "C" },
  signs: [
    [
      /Failed to download metadata|Cannot download|Cannot prepare internal mirrorlist|Could not resolve host|Couldn't connect|Timeout was reached|Cannot retrieve repository metadata|No more mirrors|No available mirrors|Error downloading packages/i,
      "unavailable",
      "a repository does not answer: look at /etc/yum.repos.d and the network",
    ],
    [
      /No space left|At least \d+\s?[MG]B more space needed/,
      "unavailable",
      "free some space (df -h /var)",
    ],
    [
      /Failed to obtain the transaction lock|Existing lock|is held by|already running/,
      "unavailable",
      "another package manager holds the lock; the next run tries again",
    ],
    [
      /GPG check FAILED|is not signed|Public key .* is not installed/i,
      "failed",
      "declare the repository with its key (type repository, key_url)",
    ],
    [
      /No such command: versionlock/,
      "failed",
      "install the plugin: python3-dnf-plugin-versionlock, or yum-plugin-versionlock",
    ],
    [
      /filtered out by exclude|excluded by versionlock/i,
      "failed",
      "it is excluded or locked: look at `exclude=` in dnf.conf and at dnf versionlock",
    ],
    [
      /No match for argument|Unable to find a match|No package .* available|Failed to resolve the transaction/,
      "failed",
      "is the name right, and is its repository declared?",
    ],
  ],
};

const locks = ["/var/cache/dnf/metadata_lock.pid", "/var/lib/dnf/rpmdb_lock.pid", "/run/yum.pid"];
/** What the plugin of each writes. */
const lockLists = [
  "/etc/dnf/plugins/versionlock.list",
  "/etc/dnf/versionlock.toml",
  "/etc/yum/pluginconf.d/versionlock.list",
];

export const redhat = (tool: Tool): PackageManager => ({
  name: tool,
  compare: compareRpmVersions,

  async installed(host): Promise<Installed> {
    const [database, locked] = await Promise.all([rpmDatabase(host), versionLocks(host)]);
    const isHeld = (name: string, version: string) =>
      locked.get(name)?.every((it) => it === "" || compareRpmVersions(it, version) === 0) === true;
    return new Map(
      [...database].map(([name, version]) => [
        name,
        { version, status: "installed", held: isHeld(name, version) },
      ]),
    );
  },

  async newest(host, names) {
    const argv = [tool, "-q", ...fromCache(tool), "check-update", "--", ...names];
    const { stdout } = await asked(host, argv, { ...manners, fine: [0, 100] });
    return parseCheckUpdate(stdout);
  },

  async lacks(host, wishes) {
    const names = wishes.map(({ name }) => name);
    const argv =
      tool === "yum"
        ? ["yum", "-q", "-C", "--showduplicates", "list", "available", "--", ...names]
        : [tool, "-q", "-C", "repoquery", "--qf", "%{name}.%{arch} %{evr} x\\n", "--", ...names];
    const { code, stdout } = await host.query({ argv, env: manners.env, timeoutMs: 300_000 });
    return code !== 0 || !knowsAll(parseColumns(stdout), wishes);
  },

  lists: {
    fetched: (host) =>
      tool === "dnf5"
        ? newestBelow(host, "/var/cache/libdnf5", "repodata", /primary|repomd/)
        : newestBelow(host, `/var/cache/${tool}`, "repodata", /primary|repomd/),
    fetch: async (host, options) => await run(host, tool, refreshing(tool), options),
    sources: ["/etc/yum.repos.d"],
  },

  install: (host, wishes, how, options) => install(host, tool, wishes, how, options),
  installFile: async (host, path) =>
    await run(host, tool, [tool === "yum" ? "localinstall" : "install", "--", path], {}),
  archive: "rpm",
  remove: (host, names, how, options) => remove(host, tool, names, how, options),
  hold: (host, names, held) => hold(host, tool, names, held),
  ...(tool !== "yum" && {
    byHand: byHand(tool),
    removal: (host, names, { autoremove }) => goingBy(host, tool, names, autoremove),
  }),
});

const byHand = (tool: Tool): NonNullable<PackageManager["byHand"]> => ({
  async names(host) {
    const words = ["-q", "-C", "repoquery", "--userinstalled", "--qf", "%{name}\\n"];
    const { stdout } = await asked(host, [tool, ...words], manners);
    return stdout.split("\n").filter(Boolean);
  },
  takes: (host, names) => goingBy(host, tool, names, false),
});

const idle = (autoremove: boolean) => `--setopt=clean_requirements_on_remove=${autoremove ? 1 : 0}`;

async function goingBy(
  host: ReadHost,
  tool: Tool,
  names: readonly string[],
  autoremove: boolean,
): Promise<readonly string[]> {
  const argv = [tool, "-C", "remove", "--assumeno", idle(autoremove), "--", ...names];
  return parseRemoval((await asked(host, argv, { ...manners, fine: [0, 1] })).stdout);
}

/** Rows of the table from `Removing:` on; what did not fit on a line goes on far to the right. */
export function parseRemoval(printed: string): readonly string[] {
  const [, table = ""] = /^Removing:$([\s\S]*?)^Transaction Summary/m.exec(printed) ?? [];
  return [...table.matchAll(/^ (\S+)/gm)].map(([, name = ""]) => name);
}

/** `check` looks at what was fetched; yum of old does not say what is cached, and asks. */
const fromCache = (tool: Tool) => (tool === "yum" ? [] : ["-C"]);
const refreshing = (tool: Tool) =>
  tool === "yum" ? ["makecache", "fast"] : ["makecache", "--refresh"];

async function run(host: Host, tool: Tool, words: readonly string[], options: PackageOptions) {
  await tellWaiting(host, locks, lockSeconds);
  await transact(host, [tool, "-q", "-y", ...(options.flags ?? []), ...words], manners, options);
}

async function install(
  host: Host,
  tool: Tool,
  wishes: readonly Wish[],
  how: InstallHow,
  options: PackageOptions,
): Promise<void> {
  const names = wishes.map(({ name }) => name);
  if (how.decidesHolds) await unlock(host, tool, names);
  const words = wishes.map(({ name, version }) =>
    version === undefined ? name : `${name}-${version}`,
  );
  const best = how.newest && tool !== "yum" ? ["--best"] : [];
  const verb = tool === "yum" && how.downgrade ? "downgrade" : "install";
  await run(host, tool, [...best, verb, "--", ...words], options);
}

async function remove(
  host: Host,
  tool: Tool,
  names: readonly string[],
  { autoremove }: RemoveHow,
  options: PackageOptions,
): Promise<void> {
  await unlock(host, tool, names);
  const keep = tool === "yum" ? [] : [idle(autoremove)];
  const verb = tool === "yum" && autoremove ? "autoremove" : "remove";
  await run(host, tool, [...keep, verb, "--", ...names], options);
}

async function unlock(host: Host, tool: Tool, names: readonly string[]): Promise<void> {
  const locked = await versionLocks(host);
  const inTheWay = names.filter((name) => locked.has(name));
  if (inTheWay.length > 0) await run(host, tool, ["versionlock", "delete", ...inTheWay], {});
}

/** By its name alone dnf would lock every version that there is; so the one that is there is named. */
async function hold(host: Host, tool: Tool, names: readonly string[], held: boolean) {
  await unlock(host, tool, names);
  const database = await rpmDatabase(host);
  const words = names.map((name) => `${name}-${database.get(name) ?? ""}`);
  if (held) await run(host, tool, ["versionlock", "add", ...words], {});
}

/** From what the versionlock plugins write. */
async function versionLocks(host: ReadHost): Promise<ReadonlyMap<string, readonly string[]>> {
  const texts = await Promise.all(lockLists.map((path) => fileText(host, path)));
  return parseVersionLocks(texts.join("\n"));
}

/**
 * Versions by name, from lines `name-epoch:version-release.arch`, of yum `epoch:name-version-release.arch`, and from dnf5's
 * `name = "…"`, whose version stays empty. A line that begins with `!` excludes, and holds nothing.
 */
export function parseVersionLocks(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const toml = /^\s*name\s*=\s*["'](.+)["']/.exec(line)?.[1];
    const [, before, plain, epoch = before, version = ""] =
      /^(?:(\d+):)?([^#!\s]\S*?)-(?:(\d+):)?([^-\s:]+-[^-\s]+)\.[^.\s]+$/.exec(line.trim()) ?? [];
    const name = toml ?? plain;
    if (name === undefined) continue;
    const evr = toml === undefined ? `${epoch === undefined ? "" : `${epoch}:`}${version}` : "";
    found.set(name, [...(found.get(name) ?? []), evr]);
  }
  return found;
}

/** `name.arch  version  repository`, which dnf breaks where it finds a line too long. Obsoletes follow, and are others. */
export function parseCheckUpdate(printed: string): ReadonlyMap<string, string> {
  const [updates = ""] = printed.split(/^Obsoleting Packages/m, 1);
  const found = new Map<string, string>();
  for (const [key, versions] of parseColumns(updates)) {
    const newest = [...versions].sort(compareRpmVersions).at(-1);
    if (newest !== undefined) found.set(key, newest);
  }
  return found;
}

/** Versions by `name` and `name.arch`. */
function parseColumns(printed: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of printed.replace(/\n[ \t]+(?=\S)/g, " ").split("\n")) {
    const [, name, arch, version = ""] = /^(\S+)\.(\S+)\s+(\d\S*)\s+\S+/.exec(line) ?? [];
    if (name === undefined || arch === undefined) continue;
    for (const key of [name, `${name}.${arch}`])
      found.set(key, [...(found.get(key) ?? []), version]);
  }
  return found;
}

const knowsAll = (known: ReadonlyMap<string, readonly string[]>, wishes: readonly Wish[]) =>
  wishes.every(({ name, version }) => {
    const versions = known.get(name) ?? [];
    return version === undefined
      ? versions.length > 0
      : versions.some((it) => compareRpmVersions(it, version) === 0);
  });
