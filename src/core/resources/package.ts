/**
 * The `package` type: packages of the machine's own package manager, apt only in this version. Must not know repositories:
 * those have a type of their own. One resource is one question and one transaction, however many packages it names.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, list, pairs, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  type AptOptions,
  installPackages,
  listsFetched,
  markPackages,
  type Offer,
  offers,
  removePackages,
  updateLists,
} from "../tools/apt.ts";
import { compareVersions, dpkgDatabase, type Installed } from "../tools/dpkg.ts";

const named = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9-]+)?$/,
  wanted: "the name of a package",
};

const params = () =>
  parameters({
    package: z
      .union([text("A package.", named), z.array(text("A package.", named)).min(1).max(1000)], {
        error: "must be the name of a package, or a list of names",
      })
      .describe("Name of the package, or a list of names."),
    state: choice(
      "Latest follows the repositories, but what somebody holds back (apt-mark hold); absent removes.",
      ["present", "latest", "absent"],
    ).default("present"),
    version: text("Exactly this version, as the package manager prints it; for one package.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9.+~:_-]*$/,
      wanted: "a version",
    }).exactOptional(),
    allow_downgrade: flag("Go back to `version` from a newer one.").default(false),
    purge: flag("With absent, remove its configuration too.").default(false),
    update_cache: flag(
      "Fetch the package lists when they lack the package or, for latest, are a day old.",
    ).default(true),
    lock_version: flag(
      "Hold the installed version back from upgrades by hand (apt-mark hold).",
    ).exactOptional(),
    autoremove: flag("With absent, remove what was only needed by it too.").default(false),
    flags: list("More words for the package manager.", text("A word.")).exactOptional(),
    environment: pairs("Variables for the package manager.").exactOptional(),
  }).refine((p) => p.version === undefined || (p.state === "present" && namesOf(p).length === 1), {
    path: ["version"],
    message: "is for one package that is present",
  });

type Params = z.output<ReturnType<typeof params>>;

const namesOf = ({ package: names }: { readonly package: string | readonly string[] }) =>
  typeof names === "string" ? [names] : names;

const day = 24 * 3_600_000;

export const packageType = defineResource<Params>({
  name: "package",
  summary: "Keeps packages installed, current, or absent.",
  platforms: ["linux"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => namesOf(p).map((name) => ({ id: `package:${name}` })),

  async check(p, host) {
    mustBeDebian(host);
    const database = await dpkgDatabase(host);
    const wanted = await versionsWanted(p, host);
    return [
      ...(await staleLists(p, host)),
      ...namesOf(p).flatMap((name) =>
        versionChange(p, name, database.get(name), wanted.get(name)?.candidate),
      ),
      ...namesOf(p).flatMap((name) => holdChange(p, name, database.get(name))),
    ];
  },

  async apply(p, host, changes) {
    const options = optionsOf(p);
    const lacking = await lacks(p, changes, host);
    if (changes.some(({ field }) => field === "lists") || lacking) await updateLists(host, options);
    const todo = (await packageType.check(p, host)).filter(({ field }) =>
      field.startsWith(versionOf("")),
    );
    const names = todo.map(({ field }) => field.slice(versionOf("").length));
    if (names.length > 0 && p.state === "absent") await remove(p, names, host);
    else if (names.length > 0) await install(p, names, host);
    await hold(p, host);
  },

  examples: [
    { title: "Installed", params: { package: "nginx" } },
    {
      title: "Several at once, always current",
      params: { package: ["curl", "jq"], state: "latest" },
    },
    {
      title: "One version, held",
      params: { package: "nginx", version: "1.22.1-9", lock_version: true },
    },
    {
      title: "Gone, with its configuration",
      params: { package: "telnetd", state: "absent", purge: true },
    },
  ],
});

/** The fields of a report. */
const versionOf = (name: string) => `package ${name}`;
const holdOf = (name: string) => `hold ${name}`;

function mustBeDebian({ os }: ReadHost): void {
  if (os.family !== "debian")
    throw new VigoError(
      "failed",
      `not for ${os.distro}: packages are managed with apt only in this version`,
    );
}

const optionsOf = ({ flags, environment }: Params): AptOptions => ({
  ...(flags !== undefined && { flags }),
  ...(environment !== undefined && { environment }),
});

/** What apt would install, asked once for all names, and only where an installed version is no answer. */
const versionsWanted = async (p: Params, host: ReadHost): Promise<ReadonlyMap<string, Offer>> =>
  p.state === "latest" ? await offers(host, namesOf(p)) : new Map();

async function staleLists(p: Params, host: ReadHost): Promise<readonly Change[]> {
  if (p.state !== "latest" || !p.update_cache) return [];
  const fetched = await listsFetched(host);
  const age = fetched === undefined ? undefined : host.now().getTime() - fetched.getTime();
  if (age !== undefined && age < day) return [];
  const from = age === undefined ? "never fetched" : `${Math.floor(age / 3_600_000)} hours old`;
  return differing("lists", from, "fetched", "upstream");
}

function versionChange(
  p: Params,
  name: string,
  there: Installed | undefined,
  candidate: string | undefined,
): readonly Change[] {
  const is = there?.status === "installed" ? there.version : undefined;
  const field = versionOf(name);
  if (p.state === "absent") {
    const left = p.purge && there !== undefined ? "configuration only" : undefined;
    return differing(
      field,
      is ?? (there?.status === "config-files" ? left : there?.status),
      undefined,
    );
  }
  if (p.version !== undefined) return exactVersion(p, p.version, is, field);
  if (is === undefined) return differing(field, undefined, candidate ?? "installed");
  const heldByOthers = there?.held === true && p.lock_version === undefined;
  if (candidate === undefined || heldByOthers || compareVersions(candidate, is) <= 0) return [];
  return differing(field, is, candidate, "upstream");
}

function exactVersion(p: Params, version: string, is: string | undefined, field: string) {
  const order = is === undefined ? -1 : compareVersions(is, version);
  if (order > 0 && !p.allow_downgrade)
    throw new VigoError("failed", `${field} is at ${is}, which is newer than ${version}`, {
      hint: "say allow_downgrade: true to go back, or declare the newer version",
    });
  return order === 0 ? [] : differing(field, is, version);
}

function holdChange(p: Params, name: string, there: Installed | undefined): readonly Change[] {
  if (p.lock_version === undefined || p.state === "absent") return [];
  return differing(holdOf(name), `${there?.held === true}`, `${p.lock_version}`);
}

/** Does apt not know what is to be installed? Then its lists are old, or were never fetched. */
async function lacks(p: Params, changes: readonly Change[], host: ReadHost): Promise<boolean> {
  if (!p.update_cache || p.state === "absent") return false;
  const missing = changes.filter(({ field }) => field.startsWith(versionOf("")));
  const names = missing.map(({ field }) => field.slice(versionOf("").length));
  if (names.length === 0) return false;
  const known = await offers(host, names);
  return names.some((name) => {
    const offer = known.get(name);
    return offer === undefined || (p.version !== undefined && !offer.versions.includes(p.version));
  });
}

async function install(p: Params, names: readonly string[], host: Host): Promise<void> {
  const words = names.map((name) => (p.version === undefined ? name : `${name}=${p.version}`));
  await installPackages(
    host,
    words,
    [
      ...(p.allow_downgrade ? ["--allow-downgrades"] : []),
      ...(p.lock_version === undefined ? [] : ["--allow-change-held-packages"]),
    ],
    optionsOf(p),
  );
}

/** A hold of what is declared absent goes first: the word of the policy stands above it, for these packages only. */
async function remove(p: Params, names: readonly string[], host: Host): Promise<void> {
  const database = await dpkgDatabase(host);
  const held = names.filter((name) => database.get(name)?.held === true);
  if (held.length > 0) await markPackages(host, "unhold", held);
  await removePackages(
    host,
    names,
    [...(p.purge ? ["--purge"] : []), ...(p.autoremove ? ["--auto-remove"] : [])],
    optionsOf(p),
  );
}

async function hold(p: Params, host: Host): Promise<void> {
  if (p.lock_version === undefined || p.state === "absent") return;
  const database = await dpkgDatabase(host);
  const names = namesOf(p).filter((name) => holdChange(p, name, database.get(name)).length > 0);
  if (names.length > 0) await markPackages(host, p.lock_version ? "hold" : "unhold", names);
}
