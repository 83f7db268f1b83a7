/** The `groups` trait: who is in which local group, from group(5) and passwd(5). Must not know directory services. */
import { z } from "zod";
import { parseGroup, parsePasswd } from "../tools/account-files.ts";
import { fileText } from "../tools/file-text.ts";
import { membersOf, most, mostMembers } from "../tools/group-members.ts";
import { defineTrait } from "../trait.ts";

export const groups = defineTrait({
  name: "groups",
  summary: "Local groups and who is in them.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () => (require("./darwin/accounts.ts") as typeof import("./darwin/accounts.ts")).groups,
    windows: () =>
      (require("./windows/accounts.ts") as typeof import("./windows/accounts.ts")).groups,
  },
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
