/**
 * The `directory` type: a folder, its owner and mode, and on request those of what is in it. Must not know the files in it:
 * `purge` takes away what no resource of the run declares.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { choice, flag, group, list, mode, owner, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { matchesGlob } from "../text/glob.ts";
import { attributeDifferences, creation, mendAttributes } from "../tools/attributes.ts";
import { entriesBelow, type Entry } from "../tools/folder.ts";
import { placeFollows } from "../tools/place.ts";
import { kindWords } from "../tools/entry-kind.ts";

const params = () =>
  parameters({
    target_path: path("Where the folder is."),
    state: choice("Absent removes the folder; one that is not empty needs `recurse`.", [
      "present",
      "absent",
    ]).default("present"),
    mode: mode(
      "Permissions, octal (`0755`) or symbolic (`u=rwX,go=rX`). A new folder gets 0755, another keeps its own, when not said.",
    ).exactOptional(),
    owner: owner().exactOptional(),
    group: group().exactOptional(),
    secontext: text("SELinux context of the folder itself.").exactOptional(),
    recurse: flag(
      "Owner, group and a symbolic mode for everything below too; with absent, remove what is in it.",
    ).default(false),
    purge: flag(
      "Remove what no resource declares: files and links in it, with `recurse` whole folders too.",
    ).default(false),
    ignore: list(
      "What purge leaves alone: names or paths inside, `*` and `**` allowed.",
      text("A pattern."),
    ).default([]),
  })
    .refine((p) => !p.recurse || p.state === "absent" || !/^\d/.test(p.mode ?? ""), {
      path: ["mode"],
      message:
        "with recurse, write it symbolically, like u=rwX,go=rX: an octal mode suits either files or folders",
    })
    .refine(
      (p) => !(p.purge || (p.recurse && p.state === "absent")) || /^\/[^/]+\/./.test(p.target_path),
      {
        path: ["target_path"],
        message: "is too near the root for purge or a recursive removal",
      },
    );

type Params = z.output<ReturnType<typeof params>>;

const fresh = { mode: 0o755, isFolder: true };
/** Names shown in a report, of however many. */
const namesShown = 10;

export const directory = defineResource<Params>({
  name: "directory",
  summary: "Keeps a folder: its owner and mode, and on request what is in it.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => placeFollows(p.target_path, p),

  async check(p, host) {
    const there = await standing(p, host);
    if (p.state === "absent") return differing("folder", there && "present", undefined);
    const own = await attributeDifferences(host, p, there, fresh);
    return [
      ...differing("folder", there && "present", "present"),
      ...own.flatMap(({ field, from, to }) => differing(field, from, to)),
      ...(there === undefined ? [] : await below(p, host)),
    ];
  },

  async apply(p, host, changes) {
    if (p.state === "absent") return await host.remove(p.target_path, { recursive: p.recurse });
    const fields = new Set(changes.map(({ field }) => field));
    const there = await standing(p, host);
    if (there === undefined) await make(p, host);
    else await mendAttributes(host, p.target_path, p, there, fields);
    if (there === undefined) return;
    for (const entry of await strays(p, host)) await host.remove(entry.path, { recursive: true });
    await mendBelow(p, host);
  },

  examples: [
    {
      title: "A folder of a service",
      params: { target_path: "/srv/www", mode: "0750", owner: "www-data" },
    },
    {
      title: "Nothing in it but what is declared",
      params: { target_path: "/etc/nginx/sites-enabled", purge: true, ignore: ["*.local"] },
    },
  ],
});

/** What is at the path, behind a link that root made; only a folder will do. */
async function standing(p: Params, host: ReadHost): Promise<Stat | undefined> {
  const follow = p.state === "present";
  const there = await host.stat(p.target_path, { follow, context: p.secontext !== undefined });
  if (there === undefined || there.kind === "directory") return there;
  throw new VigoError("failed", `${p.target_path} is ${kindWords(there)}, not a folder`, {
    hint: "remove it by hand, or declare it as what it is",
  });
}

async function make(p: Params, host: Host): Promise<void> {
  await host.mkdir(p.target_path, await creation(host, p, fresh));
  if (p.secontext !== undefined) await host.setContext(p.target_path, p.secontext);
}

async function below(p: Params, host: ReadHost): Promise<readonly Change[]> {
  const [gone, wrong] = [await strays(p, host), await unlike(p, host)];
  return [
    ...differing("purge", named(gone), undefined),
    ...[...wrong].flatMap(([field, entries]) =>
      differing(`${field} below`, named(entries), wishOf(p, field)),
    ),
  ];
}

const wishOf = (p: Params, field: string) =>
  field === "mode" ? p.mode : field === "owner" ? p.owner : p.group;

/** `a, b and 12 more` */
function named(entries: readonly Entry[]): string | undefined {
  if (entries.length === 0) return undefined;
  const names = entries.slice(0, namesShown).map(({ name }) => name);
  const more = entries.length - names.length;
  return more === 0 ? names.join(", ") : `${names.join(", ")} and ${more} more`;
}

/** What purge takes away, the outermost of it; a folder stays for the sake of one thing in it that stays. */
async function strays(p: Params, host: ReadHost): Promise<readonly Entry[]> {
  if (!p.purge) return [];
  const isIgnored = ({ name }: Entry) => p.ignore.some((pattern) => matchesGlob(pattern, name));
  const entries = await entriesBelow(
    host,
    p.target_path,
    (entry) => p.recurse && !isIgnored(entry),
  );
  const kept = new Set<string>();
  for (const entry of entries)
    if (isIgnored(entry) || host.owned(`file:${entry.path}`, true) || isLeftAlone(entry, p))
      for (const above of withFoldersAbove(entry.name)) kept.add(above);
  const gone = entries.filter(({ name }) => !kept.has(name));
  const names = new Set(gone.map(({ name }) => name));
  return gone.filter(({ name }) => !names.has(name.slice(0, name.lastIndexOf("/"))));
}

const isLeftAlone = ({ stat }: Entry, p: Params) => stat.kind === "directory" && !p.recurse;

const withFoldersAbove = (name: string): readonly string[] =>
  name.split("/").map((_, depth, parts) => parts.slice(0, depth + 1).join("/"));

/** What is below and not as wished, by field. Links, and what has a resource of its own, are left to themselves. */
async function unlike(p: Params, host: ReadHost): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const wrong = new Map<string, Entry[]>();
  for (const entry of await settled(p, host))
    for (const { field } of await differences(p, entry, host)) {
      const found = wrong.get(field) ?? [];
      wrong.set(field, [...found, entry]);
    }
  return wrong;
}

async function settled(p: Params, host: ReadHost): Promise<readonly Entry[]> {
  if (!p.recurse || [p.mode, p.owner, p.group].every((wish) => wish === undefined)) return [];
  const gone = new Set((await strays(p, host)).map(({ name }) => name));
  const entries = await entriesBelow(host, p.target_path, ({ name }) => !gone.has(name));
  return entries.filter(
    ({ name, path: at, stat }) =>
      !gone.has(name) && ["file", "directory"].includes(stat.kind) && !host.owned(`file:${at}`),
  );
}

const differences = (
  { mode: bits, owner: user, group: team }: Params,
  { stat }: Entry,
  host: ReadHost,
) =>
  attributeDifferences(
    host,
    { ...(bits && { mode: bits }), ...(user && { owner: user }), ...(team && { group: team }) },
    stat,
    { mode: stat.mode, isFolder: stat.kind === "directory" },
  );

async function mendBelow(p: Params, host: Host): Promise<void> {
  for (const entry of await settled(p, host)) {
    const fields = new Set((await differences(p, entry, host)).map(({ field }) => field));
    if (fields.size > 0) await mendAttributes(host, entry.path, p, entry.stat, fields);
  }
}
