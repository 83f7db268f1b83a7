/**
 * Debian's packages through apt-get(8), apt-cache(8) and apt-mark(8). Must not know what is wanted, nor read dpkg's database.
 * apt waits for a dpkg that others hold for two minutes; what then still stands in the way is told apart by its words.
 */
import { VigoError } from "../errors.ts";
import type { Command, CommandResult, Host, ReadHost, Stat } from "../host.ts";
import {
  compareVersions,
  dpkgDatabase,
  dpkgStatus,
  type Installed,
  statusFile,
  vitalPackages,
} from "./dpkg.ts";
import { withNeeds } from "./dpkg-needs.ts";
import { fileText } from "./file-text.ts";
import { tellWaiting } from "./package-lock.ts";
import {
  asked,
  type InstallHow,
  lockSeconds,
  type PackageManager,
  type PackageOptions,
  type RemoveHow,
  type Sign,
  type Wish,
} from "./package-manager.ts";
import { headOf } from "../text/cut.ts";

/** dpkg's database says what is there, in the words of dpkg. */
export const apt: PackageManager = {
  name: "apt",
  compare: compareVersions,
  database: [statusFile],
  installed: (host) => dpkgDatabase(host),
  newest: async (host, names) =>
    new Map([...(await offers(host, names))].map(([name, { candidate }]) => [name, candidate])),

  async lacks(host, wishes) {
    const known = await offers(
      host,
      wishes.map(({ name }) => name),
    );
    return wishes.some(({ name, version }) => {
      const offer = known.get(name);
      return offer === undefined || (version !== undefined && !offer.versions.includes(version));
    });
  },

  lists: {
    fetched: listsFetched,
    fetch: updateLists,
    sources: ["/etc/apt/sources.list", "/etc/apt/sources.list.d"],
  },
  install: installPackages,
  installFile: (host, path) =>
    aptGet(host, ["install", "--allow-downgrades", "--allow-change-held-packages", "--", path], {}),
  archive: "deb",
  remove: removePackages,
  byHand: {
    names: namesByHand,
    async takes(host, names) {
      const { stdout } = await asked(host, ["apt-get", "-s", "-q", "remove", "--", ...names], {
        env: quiet,
        signs,
      });
      return [...stdout.matchAll(/^Remv (\S+)/gm)].map(([, name = ""]) => name);
    },
  },
  hold: (host, names, held) => markPackages(host, held ? "hold" : "unhold", names),
};

const locks = ["/var/lib/dpkg/lock-frontend", "/var/lib/apt/lists/lock"];
const timeoutMs = 30 * 60_000;
const quiet = {
  DEBIAN_FRONTEND: "noninteractive",
  APT_LISTCHANGES_FRONTEND: "none",
  UCF_FORCE_CONFFOLD: "1",
};
/** Config files that were changed by hand or by policy are kept. */
const keepConfig = [
  "-o",
  "Dpkg::Options::=--force-confdef",
  "-o",
  "Dpkg::Options::=--force-confold",
];

/** All that apt has not marked as brought by others, but what every Debian system has. */
async function namesByHand(
  host: ReadHost,
  stays: (name: string) => boolean,
): Promise<readonly string[]> {
  const [states, status, database] = await Promise.all([
    fileText(host, "/var/lib/apt/extended_states"),
    dpkgStatus(host),
    dpkgDatabase(host),
  ]);
  const vital = vitalPackages(status);
  const brought = autoInstalled(states ?? "");
  const needed = withNeeds(status, (name) => stays(name) || vital.has(name));
  // What is half installed is there, and so is what somebody stopped purging: the rest would lie there for ever.
  const isThere = ({ status: is, doomed }: Installed) => is !== "config-files" || doomed === true;
  return [...database].flatMap(([name, known]) =>
    name.includes(":") || !isThere(known) || needed.has(name) || brought.has(name) ? [] : [name],
  );
}

/** Paragraphs of `Package` and `Auto-Installed: 1`. */
export const autoInstalled = (states: string): ReadonlySet<string> =>
  new Set(
    states.split("\n\n").flatMap((paragraph) => {
      const isIt = /^Auto-Installed: 1$/m.test(paragraph);
      return isIt ? (/^Package: (\S+)$/m.exec(paragraph)?.[1] ?? []) : [];
    }),
  );

/** What apt knows of a package that it can install. */
interface Offer {
  /** The version it would choose. */
  readonly candidate: string;
  readonly versions: readonly string[];
}

/** From apt's lists, asked once for all names; a name that cannot be installed is missing. */
async function offers(
  host: ReadHost,
  names: readonly string[],
): Promise<ReadonlyMap<string, Offer>> {
  const argv = ["apt-cache", "policy", "--", ...names];
  const result = await host.query({ argv });
  if (result.code !== 0) throw judged(`apt-cache policy ${names.join(" ")}`, result);
  return parsePolicy(result.stdout);
}

/** `name:` at the margin, `Candidate: version` or `(none)`, then a table of versions with their priorities. */
export function parsePolicy(printed: string): ReadonlyMap<string, Offer> {
  const found = new Map<string, Offer>();
  for (const paragraph of printed.split(/^(?=\S)/m)) {
    const name = /^(\S+):$/m.exec(paragraph)?.[1];
    const candidate = /^ {2}Candidate: (\S+)$/m.exec(paragraph)?.[1];
    if (name === undefined || candidate === undefined || candidate === "(none)") continue;
    const table = paragraph.matchAll(/^ (?: {4}|\*\*\* )(\S+) -?\d+$/gm);
    found.set(name, { candidate, versions: [...table].map(([, version = ""]) => version) });
  }
  return found;
}

/**
 * When the lists were fetched last, by us or by others; undefined when never, or when they were thrown away since (as images do).
 * Repositories on the machine itself leave no lists: then only our stamp tells.
 */
async function listsFetched(host: ReadHost): Promise<Date | undefined> {
  const [stamp, folder] = await Promise.all([host.stat(stampFile), host.stat(listsFolder)]);
  const names = (await host.list(listsFolder)) ?? [];
  const any = names.some((name) => /_(?:InRelease|Release|Packages)/.test(name));
  const times = [stamp, any ? folder : undefined].flatMap((found) => found?.modified ?? []);
  const last = times.sort((a, b) => b.getTime() - a.getTime())[0];
  const thrownAway = !any && folder !== undefined && last !== undefined && last < folder.modified;
  return thrownAway ? undefined : last;
}

const listsFolder = "/var/lib/apt/lists";
const stampFile = "/var/lib/apt/periodic/update-success-stamp";

async function updateLists(host: Host, options: PackageOptions): Promise<void> {
  await aptGet(host, ["update"], options);
  await host.run({ argv: ["mkdir", "-p", "/var/lib/apt/periodic"] });
  await host.run({ argv: ["touch", stampFile] });
}

async function installPackages(
  host: Host,
  wishes: readonly Wish[],
  how: InstallHow,
  options: PackageOptions,
): Promise<void> {
  const words = wishes.map(({ name, version }) =>
    version === undefined ? name : `${name}=${version}`,
  );
  const back = how.downgrade ? ["--allow-downgrades"] : [];
  const held = how.decidesHolds ? ["--allow-change-held-packages"] : [];
  await aptGet(host, ["install", ...back, ...held, "--", ...words], options);
}

/** A hold of what is declared absent goes first: the word of the policy stands above it, for these packages only. */
async function removePackages(
  host: Host,
  names: readonly string[],
  { purge, autoremove }: RemoveHow,
  options: PackageOptions,
): Promise<void> {
  const database = await dpkgDatabase(host);
  const held = names.filter((name) => database.get(name)?.held === true);
  if (held.length > 0) await markPackages(host, "unhold", held);
  const flags = [...(purge ? ["--purge"] : []), ...(autoremove ? ["--auto-remove"] : [])];
  await aptGet(host, ["remove", ...flags, "--", ...names], options);
}

async function markPackages(host: Host, verb: "hold" | "unhold", names: readonly string[]) {
  const result = await host.run({ argv: ["apt-mark", verb, "--", ...names] });
  if (result.code !== 0) throw judged(`apt-mark ${verb} ${names.join(" ")}`, result);
}

/**
 * apt knows dpkg's database again by its size and whole second: of two changes within one second it misses the later one, takes
 * what was replaced for installed and does nothing. A cache from about that second goes; apt makes a new one.
 */
async function dropStaleCache(host: Host): Promise<void> {
  const cache = "/var/cache/apt/pkgcache.bin";
  const [made, changed] = await Promise.all([host.stat(cache), host.stat(statusFile)]);
  if (made === undefined || changed === undefined) return;
  const later = wholeSecond(made) - wholeSecond(changed);
  if (later === 0 || later === 1) await host.remove(cache, { snapshot: false });
}

const wholeSecond = ({ modified }: Stat) => Math.floor(modified.getTime() / 1000);

/** A dpkg that was killed half-way is finished first, once. */
async function aptGet(
  host: Host,
  words: readonly string[],
  options: PackageOptions,
): Promise<void> {
  await tellWaiting(host, locks, lockSeconds);
  await dropStaleCache(host);
  const { flags = [], environment = {} } = options;
  const waiting = ["-o", `DPkg::Lock::Timeout=${lockSeconds}`];
  const command: Command = {
    argv: ["apt-get", "-q", "-y", ...keepConfig, ...waiting, ...flags, ...words],
    env: { ...quiet, ...environment },
    timeoutMs,
    outlives: true,
  };
  let result = await host.run(command);
  if (result.code !== 0 && /dpkg --configure -a/.test(result.stderr + result.stdout)) {
    const argv = ["dpkg", "--configure", "-a", "--force-confdef", "--force-confold"];
    const finished = await host.run({ argv, env: quiet, timeoutMs, outlives: true });
    if (finished.code !== 0) throw judged("dpkg --configure -a", finished);
    result = await host.run(command);
  }
  const told = words[0] === "update" ? /^(?:W|Err):/m.test(result.stdout + result.stderr) : false;
  if (result.code !== 0 || (told && /Failed to fetch/.test(result.stderr)))
    throw judged(`apt-get ${words.join(" ")}`, result);
}

/** Words of apt that say more than its exit code, which is nearly always 100. */
const signs: readonly Sign[] = [
  [
    /Could not get lock|Unable to acquire the dpkg frontend lock|Unable to lock/,
    "unavailable",
    `another package manager still holds the lock after ${lockSeconds} s; the next run tries again`,
  ],
  [
    /Failed to fetch|Could not resolve|Temporary failure|Could not connect|Unable to connect|timed out/,
    "unavailable",
    "a repository does not answer: look at /etc/apt/sources.list and the network",
  ],
  [/No space left|don't have enough free space/, "unavailable", "free some space (df -h /var)"],
  [
    /Unable to locate package|has no installation candidate|was not found/,
    "failed",
    "is the name right, and is its repository declared?",
  ],
  [
    /Held packages were changed/,
    "failed",
    "somebody holds it back (apt-mark showhold): unhold it, or say lock_version to decide",
  ],
  [
    /unmet dependencies|held broken packages|pkgProblemResolver/,
    "failed",
    "apt cannot fit these packages together: try `apt-get install` by hand to see why",
  ],
];

function judged(what: string, { code, stdout, stderr }: CommandResult): VigoError {
  const sign = signs.find(([words]) => words.test(stderr) || words.test(stdout));
  const lines = [
    ...stdout
      .split("\n")
      .filter((line) => / : (?:Pre-?)?(?:Depends|Conflicts|Breaks): /.test(line)),
    ...stderr.split("\n").filter((line) => /^(?:E|W|dpkg|Err)/.test(line)),
  ];
  const said = (lines.length > 0 ? lines : [stderr.trim() || stdout.trim()])
    .slice(-4)
    .map((line) => line.trim())
    .join("; ");
  return new VigoError(sign?.[1] ?? "failed", `${what}: exit ${code}: ${headOf(said, 1000)}`, {
    hint: sign?.[2],
  });
}
