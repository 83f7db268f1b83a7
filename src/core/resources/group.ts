/** The `group` type: a group of users and who is in it. Must not make the users. */
import type { z } from "zod";
import type { ReadHost } from "../host.ts";
import { choice, flag, list, parameters, text, whole } from "../params.ts";
import { defineResource, differing } from "../resource.ts";
import { accountName } from "../tools/accounts.ts";
import { addGroup, changeGroup, removeGroup, setMembers } from "../tools/groupadd.ts";

const params = () =>
  parameters({
    group: text("Name of the group.", accountName),
    state: choice("Absent removes the group.", ["present", "absent"]).default("present"),
    gid: whole("Its number. The system chooses one when not said.", {
      max: 4_294_967_294,
    }).exactOptional(),
    system: flag("Choose a number for system accounts; for a new group only.").default(false),
    members: list(
      "Users in it, besides those it is the primary group of.",
      text("A user.", accountName),
    ).exactOptional(),
    exclusive: flag("Nobody but `members`.").default(false),
  }).refine((p) => !p.exclusive || p.members !== undefined, {
    path: ["members"],
    message: "is required with exclusive; [] means nobody",
  });

type Params = z.output<ReturnType<typeof params>>;

export const group = defineResource<Params>({
  name: "group",
  summary: "Keeps a group of users and its members.",
  platforms: ["linux"],
  params,
  main: "group",
  lane: "accounts",
  claims: (p) => [
    { id: `group:${p.group}` },
    ...(p.exclusive
      ? [{ id: `members:${p.group}` }]
      : (p.members ?? []).map((part) => ({ id: `members:${p.group}`, part }))),
  ],
  after: (p) => (p.members ?? []).map((name) => `user:${name}`),

  judgedBy: () => ["/etc/group"],

  async check(p, host) {
    const there = await host.group(p.group);
    if (p.state === "absent") return differing("group", there && `gid ${there.gid}`, undefined);
    const members = await wantedMembers(p, host);
    return [
      ...differing("group", there && "present", "present"),
      ...differing(
        "gid",
        there && `${there.gid}`,
        p.gid === undefined ? there && `${there.gid}` : `${p.gid}`,
      ),
      ...differing("members", names(there?.members), names(members)),
    ];
  },

  async apply(p, host, changes) {
    const fields = new Set(changes.map(({ field }) => field));
    if (p.state === "absent") return await removeGroup(host, p.group);
    if (fields.has("group")) await addGroup(host, p.group, p.gid, p.system);
    else if (p.gid !== undefined && fields.has("gid")) await changeGroup(host, p.group, p.gid);
    if (fields.has("members")) await setMembers(host, p.group, await wantedMembers(p, host));
  },

  examples: [
    { title: "A group with its members", params: { group: "deploy", members: ["dana", "ci"] } },
    { title: "A system group of a fixed number", params: { group: "app", gid: 990, system: true } },
  ],
});

/** In their order, new ones last: groups have an order, and it means nothing. */
async function wantedMembers(p: Params, host: ReadHost): Promise<readonly string[]> {
  const there = (await host.group(p.group))?.members ?? [];
  const wanted = p.members ?? [];
  const kept = p.exclusive ? there.filter((name) => wanted.includes(name)) : there;
  return [...new Set([...kept, ...wanted])];
}

const names = (members: readonly string[] | undefined) => (members ?? []).join(", ") || undefined;
