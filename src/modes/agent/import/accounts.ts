/** Accounts of people, and groups that were made for them. Passwords stay where they are. Must not know how accounts are made. */
import type { ReadHost } from "../../../core/host.ts";
import { humanRange, parseGroup, parsePasswd } from "../../../core/tools/account-files.ts";
import { accountOf } from "../../../core/tools/accounts.ts";
import { type FoundResource, type Part, textOf } from "./found.ts";

async function people(host: ReadHost) {
  const [first, last] = humanRange(await textOf(host, "/etc/login.defs"));
  const isHuman = (id: number) => id >= first && id <= last;
  return {
    isHuman,
    names: parsePasswd(await textOf(host, "/etc/passwd"))
      .filter(({ uid }) => isHuman(uid))
      .map(({ name }) => name)
      .sort(),
  };
}

export const users: Part = {
  name: "users",
  summary: "People; their passwords are left as they are",
  async find(host) {
    const found: FoundResource[] = [];
    for (const username of (await people(host)).names) {
      const account = await accountOf(host, username);
      if (account === undefined) continue;
      const { uid, group, groups, home, shell, comment } = account;
      const manage = (await host.stat(home, { follow: true })) !== undefined;
      found.push({
        type: "user",
        params: {
          username,
          uid,
          group,
          ...(groups.length > 0 && { groups: [...groups] }),
          home,
          manage_home: manage,
          shell,
          ...(comment !== "" && { comment }),
        },
      });
    }
    return found;
  },
};

/** A member that is imported as a user brings its groups itself. */
export const groups: Part = {
  name: "groups",
  summary: "Groups",
  async find(host) {
    const { names, isHuman } = await people(host);
    return parseGroup(await textOf(host, "/etc/group"))
      .filter(({ gid }) => isHuman(gid))
      .map(({ name, gid, members }) => {
        const others = members.filter((member) => !names.includes(member));
        return {
          type: "group",
          params: { group: name, gid, ...(others.length > 0 && { members: others }) },
        };
      });
  },
};
