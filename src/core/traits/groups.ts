/** The `groups` trait: who is in which local group, from group(5) and passwd(5). Must not know directory services. */
import { z } from "zod";
import { type Account, type Members, parseGroup, parsePasswd } from "../tools/account-files.ts";
import { fileText } from "../tools/file-text.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;
const mostMembers = 500;

export const groups = defineTrait({
  name: "groups",
  summary: "Local groups and who is in them.",
  platforms: ["linux"],
  keep: "hour",
  value: () =>
    z.strictObject({
      members: z.record(z.string(), z.array(z.string())).meta({
        description: `Accounts by group, also those whose primary group it is; ${most} groups and ${mostMembers} of each at most.`,
      }),
    }),
  async collect(host) {
    const [group, passwd = ""] = await Promise.all([
      fileText(host, "/etc/group"),
      fileText(host, "/etc/passwd"),
    ]);
    if (group === undefined) return undefined;
    return { members: membersOf(parseGroup(group), parsePasswd(passwd)) };
  },
  example: { members: { root: ["root"], sudo: ["dana"], docker: [], dana: ["dana"] } },
});

export function membersOf(
  groups: readonly Members[],
  accounts: readonly Account[],
): Record<string, string[]> {
  const primary = Map.groupBy(accounts, ({ gid }) => gid);
  return Object.fromEntries(
    groups.slice(0, most).map(({ name, gid, members }) => {
      const own = (primary.get(gid) ?? []).map((account) => account.name);
      return [name, [...new Set([...members, ...own])].sort().slice(0, mostMembers)];
    }),
  );
}
