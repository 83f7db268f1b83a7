/** Debian's packages through apt-get(8), apt-cache(8) and apt-mark(8). Must not know what is wanted. */
import type { Host, ReadHost } from "../host.ts";
import { mustBeOffered, offers } from "./apt-policy.ts";
import { aptGet, configureAll, judged, quiet, signs } from "./apt-run.ts";
import {
  compareVersions,
  dpkgDatabase,
  dpkgStatus,
  type Installed,
  journalFolder,
  statusFile,
  vitalPackages,
} from "./dpkg.ts";
import { withNeeds } from "./dpkg-needs.ts";
import { fileText } from "./file-text.ts";
import {
  asked,
  type InstallHow,
  type PackageManager,
  type PackageOptions,
  type RemoveHow,
  type Wish,
} from "./package-manager.ts";

/** dpkg's database says what is there, in the words of dpkg. */
export const apt: PackageManager = {
  name: "apt",
  compare: compareVersions,
  database: [statusFile, journalFolder],
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
  removal,
  remove: removePackages,
  byHand: {
    names: namesByHand,
    takes: (host, names) => goingBy(host, ["remove", "--", ...names]),
  },
  hold: (host, names, held) => markPackages(host, held ? "hold" : "unhold", names),
};

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
  const { arch: own } = host.os;
  return [...database].flatMap(([key, known]) => {
    const [name = "", arch] = key.split(":");
    if (arch === undefined || !isThere(known) || needed.has(name) || stays(name)) return [];
    const isOwn = arch === own || arch === "all";
    const isBrought = [isOwn ? own : arch, ""].some((of) => brought.has(`${name}:${of}`));
    return isBrought ? [] : [isOwn ? name : key];
  });
}

/** `name:architecture` of paragraphs with `Auto-Installed: 1`; packages for all count as the machine's own there. */
export const autoInstalled = (states: string): ReadonlySet<string> =>
  new Set(
    states.split("\n\n").flatMap((paragraph) => {
      if (!/^Auto-Installed: 1$/m.test(paragraph)) return [];
      const field = (name: string) =>
        new RegExp(`^${name}: (\\S+)$`, "m").exec(paragraph)?.[1] ?? "";
      return `${field("Package")}:${field("Architecture")}`;
    }),
  );

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
  const wanted = await notSetUp(host, wishes, how);
  if (wanted.length === 0) return;
  const words = wanted.map(({ name, version }) =>
    version === undefined ? name : `${name}=${version}`,
  );
  const back = how.downgrade ? ["--allow-downgrades"] : [];
  const held = how.decidesHolds ? ["--allow-change-held-packages"] : [];
  await mustBeOffered(host, wanted);
  await aptGet(host, ["install", ...back, ...held, "--", ...words], options);
}

const unset = /^(?:unpacked|half-configured|triggers-)/;

/**
 * What dpkg has only to set up is set up, in the version that is there: apt would bring a newer one, and never ends waiting for
 * triggers. Gives what apt is to do then; it also says what went wrong here.
 */
async function notSetUp(
  host: Host,
  wishes: readonly Wish[],
  { newest }: InstallHow,
): Promise<readonly Wish[]> {
  const before = await dpkgDatabase(host);
  const waiting = wishes.filter(({ name }) => unset.test(before.get(name)?.status ?? ""));
  if (waiting.length === 0) return wishes;
  await configureAll(host);
  const now = await dpkgDatabase(host);
  const isSet = ({ name, version }: Wish) =>
    now.get(name)?.status === "installed" &&
    (version === undefined || compareVersions(now.get(name)?.version ?? "", version) === 0);
  return newest ? wishes : wishes.filter((wish) => !(waiting.includes(wish) && isSet(wish)));
}

/** What apt would remove. */
async function goingBy(host: ReadHost, words: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await asked(host, ["apt-get", "-s", "-q", ...words], { env: quiet, signs });
  return [...stdout.matchAll(/^Remv (\S+)/gm)].map(([, name = ""]) => name);
}

/** With `--auto-remove` apt takes away whatever nobody needs, also what others have left: that stays. */
async function removal(
  host: ReadHost,
  names: readonly string[],
  { autoremove }: RemoveHow,
): Promise<readonly string[]> {
  if (!autoremove) return await goingBy(host, ["remove", "--", ...names]);
  const going = await goingBy(host, ["--auto-remove", "remove", "--", ...names]);
  const idle = new Set(await goingBy(host, ["autoremove"]));
  return going.filter((name) => names.includes(name) || !idle.has(name));
}

/** A hold of what is declared absent goes first: the word of the policy stands above it, for these packages only. */
async function removePackages(
  host: Host,
  names: readonly string[],
  how: RemoveHow,
  options: PackageOptions,
): Promise<void> {
  const database = await dpkgDatabase(host);
  const held = names.filter((name) => database.get(name)?.held === true);
  if (held.length > 0) await markPackages(host, "unhold", held);
  const force = await endBegun(host, names, options);
  const all = how.autoremove ? [...names, ...(await removal(host, names, how))] : names;
  const flags = how.purge ? ["--purge"] : [];
  await aptGet(host, [...force, "remove", ...flags, "--", ...new Set(all)], options);
}

/** What was cut short leaves files that dpkg has not noted yet: it goes when it is whole, or as it is where that cannot be. */
async function endBegun(
  host: Host,
  names: readonly string[],
  options: PackageOptions,
): Promise<readonly string[]> {
  const database = await dpkgDatabase(host);
  const begun = names.filter((name) => database.get(name)?.cutShort === true);
  if (begun.length === 0) return [];
  const known = await offers(host, begun);
  if (known.size > 0) await aptGet(host, ["install", "--", ...known.keys()], options);
  return ["-o", "Dpkg::Options::=--force-remove-reinstreq"];
}

async function markPackages(host: Host, verb: "hold" | "unhold", names: readonly string[]) {
  const result = await host.run({ argv: ["apt-mark", verb, "--", ...names] });
  if (result.code !== 0) throw judged(`apt-mark ${verb} ${names.join(" ")}`, result);
}
