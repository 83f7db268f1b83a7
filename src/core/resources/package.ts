/**
 * The `package` type: packages of the machine's own package manager. Must not know repositories: those have a type of their own;
 * nor which managers there are. One resource is one question and one transaction, however many packages it names.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { choice, flag, list, pairs, parameters, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import {
  type Installed,
  type InstalledPackage,
  type PackageManager,
  type PackageOptions,
  standing,
} from "../tools/package-manager.ts";
import { packageManagerOf } from "../tools/package-managers.ts";

const named = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9+._@-]*(?::[a-z0-9-]+)?$/,
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
      "Latest follows the repositories, but what somebody holds back; absent removes.",
      ["present", "latest", "absent"],
    ).default("present"),
    version: text("Exactly this version, as the package manager prints it; for one package.", {
      pattern: /^[A-Za-z0-9][A-Za-z0-9.+~^:_-]*$/,
      wanted: "a version",
    }).exactOptional(),
    allow_downgrade: flag("Go back to `version` from a newer one.").default(false),
    purge: flag(
      "With absent, remove its configuration too, where the package manager tells that apart (apt, pacman, apk).",
    ).default(false),
    update_cache: flag(
      "Fetch the package lists when they lack the package or, for latest, are a day old.",
    ).default(true),
    lock_version: flag(
      "Hold the installed version back from upgrades by hand: apt-mark hold, dnf versionlock, zypper addlock, apk's world, brew pin, choco pin, scoop hold.",
    ).exactOptional(),
    autoremove: flag(
      "With absent, remove what was only needed by it too; what was idle before stays, but with brew.",
    ).default(false),
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
  platforms: ["linux", "darwin", "windows"],
  params,
  main: "package",
  lane: "package",
  claims: (p) => namesOf(p).map((name) => ({ id: `package:${name}` })),

  async judgedBy(p, host) {
    return p.state === "latest" ? undefined : (await packageManagerOf(host)).database;
  },

  async check(p, host) {
    const manager = await packageManagerOf(host);
    const names = namesOf(p);
    const there = await manager.installed(host, names);
    const newest: ReadonlyMap<string, string> =
      p.state === "latest" ? await manager.newest(host, names) : new Map();
    return [
      ...(await staleLists(p, manager, host)),
      ...names.flatMap((name) =>
        versionChange(p, manager, name, there.get(name), newest.get(name)),
      ),
      ...names.flatMap((name) => holdChange(p, manager, name, there.get(name))),
      ...(await takenAlong(p, manager, there, host)),
    ];
  },

  async apply(p, host, changes) {
    const manager = await packageManagerOf(host);
    const options = optionsOf(p);
    const stale = changes.some(({ field }) => field === "lists");
    if (stale || (await lacks(p, manager, changes, host)))
      await manager.lists?.fetch(host, options);
    const own = new Set(namesOf(p));
    const names = namesIn(await packageType.check(p, host)).filter((name) => own.has(name));
    if (names.length > 0 && p.state === "absent") await manager.remove(host, names, p, options);
    else if (names.length > 0) await install(p, manager, names, host);
    await hold(p, manager, host);
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

const namesIn = (changes: readonly Change[]) =>
  changes.flatMap(({ field }) =>
    field.startsWith(versionOf("")) ? [field.slice(versionOf("").length)] : [],
  );

const optionsOf = ({ flags, environment }: Params): PackageOptions => ({
  ...(flags !== undefined && { flags }),
  ...(environment !== undefined && { environment }),
});

async function staleLists(
  p: Params,
  { lists }: PackageManager,
  host: ReadHost,
): Promise<readonly Change[]> {
  if (p.state !== "latest" || !p.update_cache || lists === undefined) return [];
  const fetched = await lists.fetched(host);
  const from =
    fetched === undefined ? "never fetched" : await staleness(host, fetched, lists.sources);
  return from === undefined ? [] : differing("lists", from, "fetched", "upstream");
}

async function staleness(
  host: ReadHost,
  fetched: Date,
  sources: readonly string[],
): Promise<string | undefined> {
  const age = host.now().getTime() - fetched.getTime();
  if (age >= day) return `${Math.floor(age / 3_600_000)} hours old`;
  for (const path of sources) {
    const there = await host.stat(path, { follow: true });
    const names = there?.kind === "directory" ? ((await host.list(path)) ?? []) : [];
    for (const at of [path, ...names.map((name) => `${path}/${name}`)]) {
      const modified = (await host.stat(at, { follow: true }))?.modified;
      if (modified !== undefined && modified > fetched) return `older than ${at}`;
    }
  }
  return undefined;
}

function versionChange(
  p: Params,
  manager: PackageManager,
  name: string,
  there: InstalledPackage | undefined,
  candidate: string | undefined,
): readonly Change[] {
  const is = there?.status === "installed" ? there.version : undefined;
  const field = versionOf(name);
  if (p.state === "absent") {
    const left = p.purge && there !== undefined ? "configuration only" : undefined;
    return differing(field, standing(there) ?? left, undefined);
  }
  if (p.version !== undefined) return exactVersion(p, manager, p.version, is, field);
  if (is === undefined) return differing(field, standing(there), candidate ?? "installed");
  const heldByOthers = there?.held === true && p.lock_version === undefined;
  if (candidate === undefined || heldByOthers || manager.compare(candidate, is) <= 0) return [];
  return differing(field, is, candidate, "upstream");
}

/** What needs a package goes with it, and with autoremove what only that has needed: the report names them all. */
async function takenAlong(
  p: Params,
  manager: PackageManager,
  there: Installed,
  host: ReadHost,
): Promise<readonly Change[]> {
  const going = namesOf(p).filter((name) => there.get(name)?.status === "installed");
  if (p.state !== "absent" || going.length === 0) return [];
  const isOwn = (name: string) => going.some((one) => one === name || isWithArch(one, name, there));
  const all = (await manager.removal?.(host, going, p)) ?? [];
  const others = all.filter((name) => !isOwn(name));
  return others.flatMap((name) =>
    differing(versionOf(name), there.get(name)?.version ?? "installed", undefined),
  );
}

/** `zlib1g:amd64` and `zlib.x86_64` are told by their names alone. */
const isWithArch = (one: string, name: string, there: Installed) =>
  /^[:.]\w+$/.test(one.startsWith(name) ? one.slice(name.length) : "") &&
  there.get(one)?.version === there.get(name)?.version;

function exactVersion(
  p: Params,
  { compare }: PackageManager,
  version: string,
  is: string | undefined,
  field: string,
) {
  const order = is === undefined ? -1 : compare(is, version);
  if (order > 0 && !p.allow_downgrade)
    throw new VigoError("failed", `${field} is at ${is}, which is newer than ${version}`, {
      hint: "say allow_downgrade: true to go back, or declare the newer version",
    });
  return order === 0 ? [] : differing(field, is, version);
}

function holdChange(
  p: Params,
  manager: PackageManager,
  name: string,
  there: InstalledPackage | undefined,
): readonly Change[] {
  if (p.lock_version === undefined || p.state === "absent") return [];
  if (manager.hold === undefined)
    throw new VigoError("failed", `${manager.name} cannot hold a version back`, {
      hint: manager.cannotHold,
    });
  return differing(holdOf(name), `${there?.held === true}`, `${p.lock_version}`);
}

/** Does the manager not know what is to be installed? Then its lists are old, or were never fetched. */
async function lacks(
  p: Params,
  manager: PackageManager,
  changes: readonly Change[],
  host: ReadHost,
): Promise<boolean> {
  const names = namesIn(changes);
  if (!p.update_cache || p.state === "absent" || manager.lists === undefined) return false;
  return names.length > 0 && (await manager.lacks(host, wishesFor(p, names)));
}

const wishesFor = ({ version }: Params, names: readonly string[]) =>
  names.map((name) => (version === undefined ? { name } : { name, version }));

async function install(
  p: Params,
  manager: PackageManager,
  names: readonly string[],
  host: Host,
): Promise<void> {
  const how = {
    downgrade: p.allow_downgrade,
    decidesHolds: p.lock_version !== undefined,
    newest: p.state === "latest",
  };
  await manager.install(host, wishesFor(p, names), how, optionsOf(p));
  await mustBeThere(manager, names, host);
}

/** What only provides a name may have been taken for the package of that name; then it would be installed at every run. */
async function mustBeThere(
  manager: PackageManager,
  names: readonly string[],
  host: ReadHost,
): Promise<void> {
  const there = await manager.installed(host, names);
  const missing = names.filter((name) => there.get(name)?.status !== "installed");
  if (missing.length === 0) return;
  throw new VigoError(
    "failed",
    `${manager.name} says that it is done, and there is no package ${missing.join(", ")}`,
    { hint: "if others provide that name, as groups and virtual packages do, name one of those" },
  );
}

async function hold(p: Params, manager: PackageManager, host: Host): Promise<void> {
  if (p.lock_version === undefined || p.state === "absent") return;
  const there = await manager.installed(host, namesOf(p));
  const names = namesOf(p).filter(
    (name) => holdChange(p, manager, name, there.get(name)).length > 0,
  );
  if (names.length > 0) await manager.hold?.(host, names, p.lock_version);
}
