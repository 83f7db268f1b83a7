/** Packages of Windows through Chocolatey 2. Must not know what is wanted. It asks its sources each time, so it has no lists. */
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
  /** Done; done, and 1641 and 3010: Windows wants to be started again; 2: something is outdated. */
  fine: [0, 2, 1641, 3010],
  signs: [
    [
      /already running|locked by/i,
      "unavailable",
      "another chocolatey runs; the next run tries again",
    ],
    [
      /Unable to connect|could not be resolved|timed out/i,
      "unavailable",
      "a source does not answer: look at choco source list",
    ],
    [
      /was not found with the source|Unable to find package/i,
      "failed",
      "are the name and the version right? choco search",
    ],
  ],
};

export const choco: PackageManager = {
  name: "choco",
  compare: compareSemver,

  async installed(host, names) {
    const [list, pins] = await Promise.all([
      asked(host, ["choco", "list", "--limit-output"], manners),
      asked(host, ["choco", "pin", "list", "--limit-output"], manners),
    ]);
    return parseChocoList(list.stdout, pins.stdout, names);
  },

  async newest(host, names) {
    const { stdout } = await asked(host, ["choco", "outdated", "--limit-output"], manners);
    return parseChocoOutdated(stdout, names);
  },

  lacks: async () => false,

  /** `upgrade` installs what is not there, too. */
  async install(host, wishes, how, options) {
    const version = wishes.flatMap((wish) =>
      wish.version === undefined ? [] : [`--version=${wish.version}`],
    );
    const back = how.downgrade ? ["--allow-downgrade"] : [];
    const names = wishes.map(({ name }) => name);
    if (how.decidesHolds) await pin(host, names, false);
    await run(host, ["upgrade", ...version, ...back, ...names], options);
  },

  async remove(host, names, { autoremove }, options) {
    const more = autoremove ? ["--remove-dependencies"] : [];
    await run(host, ["uninstall", ...more, ...names], options);
  },

  hold: (host, names, held) => pin(host, names, held),
};

async function run(host: Host, words: readonly string[], options: PackageOptions): Promise<void> {
  const [verb = "", ...rest] = words;
  const quiet = ["--yes", "--no-progress", "--limit-output"];
  await transact(
    host,
    ["choco", verb, ...quiet, ...(options.flags ?? []), ...rest],
    manners,
    options,
  );
}

/** One at a time: that is all it can. */
async function pin(host: Host, names: readonly string[], held: boolean): Promise<void> {
  for (const name of names)
    await transact(host, ["choco", "pin", held ? "add" : "remove", `--name=${name}`], manners, {});
}

const rows = (printed: string) => printed.split("\n").map((line) => line.trim().split("|"));

/** Ids differ in case only by who writes them: told as they were asked. */
const spelled = (names: readonly string[], id: string) =>
  names.find((name) => name.toLowerCase() === id.toLowerCase()) ?? id;

/** `id|version`. */
export function parseChocoList(list: string, pins: string, names: readonly string[]): Installed {
  const held = new Set(rows(pins).map(([id = ""]) => id.toLowerCase()));
  return new Map(
    rows(list).flatMap(([id = "", version = ""]) =>
      version === ""
        ? []
        : [
            [
              spelled(names, id),
              { version, status: "installed", held: held.has(id.toLowerCase()) },
            ],
          ],
    ),
  );
}

/** `id|current|available|pinned`. */
export const parseChocoOutdated = (
  printed: string,
  names: readonly string[],
): ReadonlyMap<string, string> =>
  new Map(
    rows(printed).flatMap(([id = "", , available = ""]) =>
      available === "" ? [] : [[spelled(names, id), available] as const],
    ),
  );
