/** Local accounts of macOS: `users`, `groups`; from dscl(1), who(1) and the rules of sudo. Must not know those of a directory service. */
import type { ReadHost } from "../../host.ts";
import { type Asking, printed } from "../../tools/once.ts";
import { membersOf } from "../../tools/group-members.ts";
import { maySudo, sudoRules } from "../../tools/sudo-users.ts";

/** The first account that the setup assistant makes is 501. */
const firstPerson = 501;

export async function users(host: ReadHost, asking: Asking) {
  const [accounts, groupsHere, sessions, rules] = await Promise.all([
    accountsOf(host, asking),
    groupsOf(host, asking),
    printed(host, asking, ["who"]),
    sudoRules(host),
  ]);
  const people = accounts.filter(({ uid }) => uid >= firstPerson);
  return {
    human: people.map(({ name }) => name),
    system: accounts.filter(({ uid }) => uid < firstPerson).map(({ name }) => name),
    logged_in: [
      ...new Set([...sessions.matchAll(/^(\S+)\s/gm)].map(([, name = ""]) => name)),
    ].sort(),
    sudoers: maySudo(rules, accounts, groupsHere),
    last_login: {},
  };
}

export async function groups(host: ReadHost, asking: Asking) {
  const [accounts, found] = await Promise.all([accountsOf(host, asking), groupsOf(host, asking)]);
  return { members: membersOf(found, accounts) };
}

const listed = async (host: ReadHost, asking: Asking, folder: string, key: string) =>
  parseDscl(await printed(host, asking, ["dscl", ".", "-list", folder, key]));

/** A name and what it has of this key, between blanks; who has nothing of it is missing. */
export const parseDscl = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    text
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, first]) => first !== undefined)
      .map(([name = "", ...values]) => [name, values] as const),
  );

async function accountsOf(host: ReadHost, asking: Asking) {
  const [uids, gids] = await Promise.all([
    listed(host, asking, "/Users", "UniqueID"),
    listed(host, asking, "/Users", "PrimaryGroupID"),
  ]);
  return [...uids].map(([name, [uid]]) => ({
    name,
    uid: Number(uid),
    gid: Number(gids.get(name)?.[0] ?? -1),
  }));
}

async function groupsOf(host: ReadHost, asking: Asking) {
  const [gids, members] = await Promise.all([
    listed(host, asking, "/Groups", "PrimaryGroupID"),
    listed(host, asking, "/Groups", "GroupMembership"),
  ]);
  return [...gids].map(([name, [gid]]) => ({
    name,
    gid: Number(gid),
    members: members.get(name) ?? [],
  }));
}
