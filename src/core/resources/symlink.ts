/** The `symlink` type: a second way to a file or folder. Must not make what it leads to. */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost, Stat } from "../host.ts";
import { choice, flag, group, owner, parameters, path, text } from "../params.ts";
import { type Change, defineResource, differing } from "../resource.ts";
import { draftName } from "../text/draft-name.ts";
import { attributeDifferences, idsOf } from "../tools/attributes.ts";
import { aimOf, placeFollows } from "../tools/place.ts";
import { kindWords } from "../tools/entry-kind.ts";

const params = () =>
  parameters({
    target_path: path("Where the link is."),
    state: choice("Absent removes the link.", ["present", "absent"]).default("present"),
    to: text(
      "Where it leads: a path, for soft links also a relative one. Needed unless `state` is absent.",
      {
        pattern: /^[^\0]+$/,
        wanted: "a path",
      },
    ).exactOptional(),
    link_type: choice("Soft points to a path, hard is a second name of the same file.", [
      "soft",
      "hard",
    ]).default("soft"),
    force: flag("Replace a file or an empty folder that is in the way.").default(false),
    owner: owner("Owner of a soft link itself.").exactOptional(),
    group: group("Group of a soft link itself.").exactOptional(),
  })
    .refine((p) => p.state === "absent" || p.to !== undefined, {
      path: ["to"],
      message: "is required unless state is absent",
    })
    .refine((p) => p.link_type === "soft" || p.to === undefined || p.to.startsWith("/"), {
      path: ["to"],
      message: "must be an absolute path for a hard link",
    })
    .refine((p) => p.link_type === "soft" || (p.owner ?? p.group) === undefined, {
      path: ["owner"],
      message: "is the file's own for a hard link: declare it there",
    });

type Params = z.output<ReturnType<typeof params>>;

export const symlink = defineResource<Params>({
  name: "symlink",
  summary: "Keeps a soft or hard link.",
  platforms: ["linux", "darwin"],
  params,
  main: "target_path",
  claims: (p) => [{ id: `file:${p.target_path}` }],
  after: (p) => [
    ...placeFollows(p.target_path, p),
    // Whoever reads the folder of the link meanwhile (a validator, say) would find it leading nowhere.
    ...(p.to === undefined ? [] : aimOf(p.target_path, p.to)),
  ],

  async check(p, host) {
    const there = await host.stat(p.target_path);
    if (p.state === "absent") return leftOver(p, there);
    const found = await linkChange(p, host, there);
    const own = there?.kind === "symlink" ? there : undefined;
    const attributes = await attributeDifferences(
      host,
      { ...(p.owner && { owner: p.owner }), ...(p.group && { group: p.group }) },
      own,
      { mode: 0o777, isFolder: false },
    );
    return [
      ...found,
      ...attributes
        .filter(({ field }) => field !== "mode")
        .flatMap(({ field, from, to }) => differing(field, from, to)),
    ];
  },

  async apply(p, host, changes) {
    if (p.state === "absent" || p.to === undefined) return await host.remove(p.target_path);
    if (changes.some(({ field }) => field === "link")) await replace(p, p.to, host);
    if (p.owner === undefined && p.group === undefined) return;
    const there = await host.stat(p.target_path);
    const { uid = there?.uid ?? 0, gid = there?.gid ?? 0 } = await idsOf(host, p);
    if (there?.uid !== uid || there.gid !== gid)
      await host.chown(p.target_path, uid, gid, { link: true });
  },

  examples: [
    { title: "A soft link", params: { target_path: "/opt/app/current", to: "/opt/app/1.4" } },
    {
      title: "No such link",
      params: { target_path: "/etc/nginx/sites-enabled/default", state: "absent" },
    },
  ],
});

function leftOver(p: Params, there: Stat | undefined): readonly Change[] {
  const isLink = there?.kind === "symlink" || (p.link_type === "hard" && there?.kind === "file");
  if (there === undefined || isLink) return differing("link", there && described(there), undefined);
  throw new VigoError("failed", `${p.target_path} is ${kindWords(there)}, not a link`, {
    hint: "declare it as what it is, with state absent",
  });
}

const described = (there: Stat) =>
  there.kind === "symlink" ? `to ${there.target}` : kindWords(there);

async function linkChange(
  p: Params,
  host: ReadHost,
  there: Stat | undefined,
): Promise<readonly Change[]> {
  const right =
    p.link_type === "soft" ? there?.target === p.to : await isSame(there, p.to ?? "", host);
  if (right) return [];
  if (there !== undefined && there.kind !== "symlink") await mayReplace(p, host, there);
  const to = p.link_type === "soft" ? `to ${p.to}` : `another name of ${p.to}`;
  return differing("link", there && described(there), to);
}

async function isSame(there: Stat | undefined, to: string, host: ReadHost): Promise<boolean> {
  const original = await host.stat(to);
  return original?.inode !== undefined && original.inode === there?.inode;
}

/** A link may be replaced by another; anything else is in the way until somebody says so. */
async function mayReplace(p: Params, host: ReadHost, there: Stat): Promise<void> {
  if (!p.force)
    throw new VigoError("failed", `a ${there.kind} is in the way of the link ${p.target_path}`, {
      hint: "move it away, or say force: true to replace it",
    });
  const inside = there.kind === "directory" ? await host.list(p.target_path) : [];
  if (inside !== undefined && inside.length > 0)
    throw new VigoError(
      "failed",
      `the folder ${p.target_path} is in the way of a link and not empty`,
      {
        hint: "move what is in it; force replaces empty folders only",
      },
    );
}

/** Made beside it and renamed over, so that there is no moment without a link. */
async function replace(p: Params, to: string, host: Host): Promise<void> {
  const there = await host.stat(p.target_path);
  const beside = p.target_path.replace(/[^/]*$/, (name) => draftName(name));
  await host.remove(beside);
  if (p.link_type === "soft") await host.symlink(beside, to);
  else await host.link(beside, to);
  if (there?.kind === "directory") await host.remove(p.target_path);
  await host.rename(beside, p.target_path);
}
