/** Lines of passwd(5) and group(5) as accounts. Must not know where they stand, nor how accounts are made. */
import type { Group, User } from "../host.ts";

export function parseUser(line: string): User | undefined {
  const [name, , uid, gid, , home, shell] = line.split(":");
  if (!name || name.startsWith("#") || shell === undefined || home === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home, shell };
}

export function parseGroup(line: string): Group | undefined {
  const [name, , gid, members] = line.split(":");
  if (!name || name.startsWith("#") || members === undefined) return undefined;
  return { name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") };
}

/** By name, else by number; the first line of either counts, as for the C library. */
export function accountIn<A extends { readonly name: string }>(
  text: string,
  parse: (line: string) => A | undefined,
  id: (account: A) => number,
): (name: string) => A | undefined {
  const accounts = text
    .split("\n")
    .map(parse)
    .filter((account) => account !== undefined)
    .reverse();
  const byName = new Map(accounts.map((account) => [account.name, account]));
  const byId = new Map(accounts.map((account) => [`${id(account)}`, account]));
  return (name) => byName.get(name) ?? byId.get(name);
}
