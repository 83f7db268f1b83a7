/**
 * The `acl` type: entries of POSIX access control lists, beside owner, group and mode. Must not touch entries of others. What
 * counts is what an entry allows after the mask: a chmod of the group's bits is found.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost, Stat } from "../host.ts";
import { choice, flag, list, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { type AclEntry, aclEntry, parseAclEntry, permissionsIn } from "../text/acl.ts";
import { type Acl, aclsOf, setAcl } from "../tools/acl.ts";
import { entriesBelow } from "../tools/folder.ts";
import { placeFollows } from "../tools/place.ts";

const params = () =>
  parameters({
    path: path("File or folder."),
    entries: list(
      "Entries as setfacl(1) has them: `user:dana:rw`, `g:adm:rX`; permissions may be left out where `state` is absent.",
      text("An entry.", { pattern: aclEntry, wanted: "an entry like user:dana:rw or g:adm:rX" }),
    ),
    state: choice("Absent removes these entries and leaves others.", ["present", "absent"]).default(
      "present",
    ),
    default: flag(
      "Entries that what is made in the folder begins with, not the folder's own.",
    ).default(false),
    recurse: flag("All that is in the folder too, through no symlink.").default(false),
  })
    .refine((p) => p.entries.length > 0, { path: ["entries"], message: "must have an entry" })
    .refine((p) => p.state === "absent" || p.entries.every((it) => parseAclEntry(it).permissions), {
      path: ["entries"],
      message: "must end with permissions, as user:dana:rw, unless state is absent",
    })
    .refine(
      (p) => p.state === "present" || p.entries.every((it) => parseAclEntry(it).name !== ""),
      {
        path: ["entries"],
        message: "of owner, group, mask and others cannot be absent: those are the mode",
      },
    );

type Params = z.output<ReturnType<typeof params>>;

export const acl = defineResource<Params>({
  name: "acl",
  summary: "Keeps entries of access control lists.",
  platforms: ["linux"],
  params,
  main: "path",
  claims: (p) =>
    p.entries.map(parseAclEntry).map(({ kind, name }) => ({
      id: `acl:${p.path}`,
      part: `${p.default ? "default:" : ""}${kind}:${name}`,
    })),
  after: (p) => [
    `file:${p.path}`,
    ...placeFollows(p.path),
    ...p.entries.map(parseAclEntry).map(({ kind, name }) => `${kind}:${name}`),
    "package:acl",
  ],

  async check(p, host) {
    const root = await host.stat(p.path);
    if (root === undefined)
      return p.state === "absent" ? [] : p.entries.flatMap((it) => missing(p, parseAclEntry(it)));
    mustTake(p, root);
    const places = await placesOf(p, host, root);
    const lists = await aclsOf(
      host,
      places.map((place) => place.path),
    );
    const all = lists.map((list, at) => ({ list, isFolder: places[at]?.isFolder === true }));
    const wanted = await entriesOf(p, host);
    return wanted.flatMap(({ entry, key }) => entryChange(p, entry, key, all, hasMask(p)));
  },

  async apply(p, host, changes) {
    const root = await host.stat(p.path);
    if (root === undefined)
      throw new VigoError("failed", `${p.path} is not there`, { hint: "depend on what makes it" });
    mustTake(p, root);
    const fields = new Set(changes.map(({ field }) => field));
    const differ = (await entriesOf(p, host)).filter(({ entry }) => fields.has(fieldOf(p, entry)));
    const absent = p.state === "absent";
    const entries = differ.map(({ entry, key }) =>
      absent ? key : `${key}${key.includes(":") ? "" : ":"}:${entry.permissions}`,
    );
    const words = [...(p.default ? ["-d"] : []), absent ? "-x" : "-m", entries.join(",")];
    const places = await placesOf(p, host, root);
    await setAcl(
      host,
      places.map(({ path }) => path),
      words,
    );
  },

  examples: [
    {
      title: "A user may read a log",
      params: { path: "/var/log/app.log", entries: ["user:dana:r"] },
    },
    {
      title: "A group works in a folder, also with what comes",
      params: { path: "/srv/team", entries: ["group:team:rwX"], recurse: true },
    },
    {
      title: "… and what is made there",
      params: { path: "/srv/team", entries: ["group:team:rwX"], default: true, recurse: true },
    },
  ],
});

const fieldOf = (p: Params, { kind, name }: AclEntry) =>
  `${p.default ? "default:" : ""}${kind}${name === "" ? "" : `:${name}`}`;

const hasMask = (p: Params) => p.entries.some((it) => parseAclEntry(it).kind === "mask");

const missing = (p: Params, entry: AclEntry) =>
  differing(fieldOf(p, entry), undefined, entry.permissions);

/** A link has no list of its own, and one that somebody else made may lead anywhere. */
function mustTake(p: Params, { kind }: Stat): void {
  if (kind === "symlink")
    throw new VigoError("failed", `${p.path} is a symlink: refused to follow`, {
      hint: "name what it leads to",
    });
  if (p.default && kind !== "directory")
    throw new VigoError("failed", `${p.path} is no folder, so nothing is made in it`, {
      hint: "leave out default, or name a folder",
    });
}

interface Spot {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Folders alone have entries for what is made in them. */
async function placesOf(p: Params, host: ReadHost, root: Stat): Promise<readonly Spot[]> {
  const own = { path: p.path, isFolder: root.kind === "directory" };
  if (!p.recurse || !own.isFolder) return [own];
  const below = (await entriesBelow(host, p.path, () => true))
    .filter(({ stat }) => stat.kind !== "symlink")
    .map((entry) => ({ path: entry.path, isFolder: entry.stat.kind === "directory" }));
  return [own, ...below.filter(({ isFolder }) => isFolder || !p.default)];
}

/** Each entry with the key that getfacl prints for it. Names that nobody has are refused. */
async function entriesOf(p: Params, host: ReadHost) {
  return await Promise.all(
    p.entries.map(parseAclEntry).map(async (entry) => {
      const id = entry.name === "" ? "" : `:${await idOf(host, entry)}`;
      return { entry, key: `${entry.kind}${id}` };
    }),
  );
}

async function idOf(host: ReadHost, { kind, name }: AclEntry): Promise<number | string> {
  const id = kind === "group" ? (await host.group(name))?.gid : (await host.user(name))?.uid;
  if (id !== undefined || /^\d+$/.test(name)) return id ?? name;
  throw new VigoError("failed", `no ${kind} ${name} on this machine`, {
    hint: `declare it as a ${kind} resource, or correct the name`,
  });
}

interface Found {
  readonly list: Acl;
  readonly isFolder: boolean;
}

/** One change an entry, however many paths it is about. */
function entryChange(
  p: Params,
  entry: AclEntry,
  key: string,
  all: readonly Found[],
  rawMask: boolean,
): readonly Change[] {
  const prefix = p.default ? "default:" : "";
  const pairs = all.map((found) => {
    const raw = found.list.get(prefix + key);
    const mask = found.list.get(`${prefix}mask`);
    const masked = /^(?:user:|group)/.test(key) && mask !== undefined && !rawMask;
    return {
      is: raw !== undefined && masked ? permissionsIn(raw, mask) : raw,
      wanted: p.state === "absent" ? undefined : resolved(entry, found, prefix),
    };
  });
  const wrong = pairs.filter(({ is, wanted }) => is !== wanted);
  const [first] = wrong;
  if (first === undefined) return [];
  const from = all.length === 1 ? first.is : `${wrong.length} of ${all.length} paths differ`;
  return differing(fieldOf(p, entry), from, p.state === "absent" ? undefined : entry.permissions);
}

/** `X` is for folders and for what somebody may run already. */
function resolved(entry: AclEntry, { list, isFolder }: Found, prefix: string): string | undefined {
  const runs = ["user", "group", "other"].some((kind) => list.get(kind)?.endsWith("x"));
  return entry.permissions?.replace("X", isFolder || prefix !== "" || runs ? "x" : "-");
}
