/** Who is in which group, counting whose primary one it is. Must not know where accounts are kept. */
import type { Account, Members } from "./account-files.ts";

export const most = 2_000;
export const mostMembers = 500;

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
