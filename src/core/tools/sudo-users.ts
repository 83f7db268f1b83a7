/** Which accounts may use sudo, by the rules on this machine. Must not know where accounts are kept. */
import type { ReadHost } from "../host.ts";
import type { Account, Members } from "./account-files.ts";
import { fileText } from "./file-text.ts";
import { unlessDenied } from "./refusal.ts";
import { parseSudoers, type Sudoers } from "./sudo-rules.ts";

/**
 * A file whose name has a dot or ends in `~` is passed over, as sudo does. Only root may read the rules; an agent that is not
 * root says nothing about them.
 */
export async function sudoRules(host: ReadHost): Promise<Sudoers> {
  const folder = "/etc/sudoers.d";
  const more = (await unlessDenied(host.list(folder))) ?? [];
  const read = more.filter((name) => !/\.|~$/.test(name)).map((name) => `${folder}/${name}`);
  const texts = await Promise.all(
    ["/etc/sudoers", ...read].map((path) => unlessDenied(fileText(host, path))),
  );
  return parseSudoers(texts.map((text = "") => text).join("\n"));
}

export function maySudo(
  { users: listed, groups, all }: Sudoers,
  accounts: readonly Account[],
  known: readonly Members[],
): string[] {
  const through = known.filter(({ name }) => groups.includes(name));
  const may = ({ name, gid }: Account) =>
    all ||
    listed.includes(name) ||
    through.some((group) => group.gid === gid || group.members.includes(name));
  return accounts.filter((account) => account.uid !== 0 && may(account)).map(({ name }) => name);
}
