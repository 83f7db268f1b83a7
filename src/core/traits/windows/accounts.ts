/** Local accounts of Windows: `users`, `groups`. Must not know those of a domain, but as members. */
import type { ReadHost } from "../../host.ts";
import { textOf, textsOf } from "../../tools/answer.ts";
import { most, mostMembers } from "../../tools/group-members.ts";
import type { Asking } from "../../tools/once.ts";
import { factsOf } from "../../tools/windows-facts.ts";

/** Windows' own accounts have the numbers below. */
const firstPerson = 1000;

export async function users(host: ReadHost, asking: Asking) {
  const told = await factsOf(host, asking, "now");
  const accounts = told("accounts").map((account) => ({
    name: textOf(account, "Name"),
    person: Number(textOf(account, "SID").split("-").at(-1)) >= firstPerson,
  }));
  const names = (person: boolean) =>
    accounts.filter((account) => account.person === person).map(({ name }) => name);
  const sessions = told("sessions").filter((name) => typeof name === "string" && name !== "");
  return {
    human: names(true),
    system: names(false),
    logged_in: [...new Set(sessions as readonly string[])].sort(),
    sudoers: told("administrators")
      .map(memberName)
      .filter((name) => name !== ""),
    last_login: Object.fromEntries(
      told("logins")
        .map((login) => [textOf(login, "Name"), Date.parse(textOf(login, "At"))] as const)
        .filter(([, at]) => !Number.isNaN(at))
        .map(([name, at]) => [name, new Date(at).toISOString()]),
    ),
  };
}

export async function groups(host: ReadHost, asking: Asking) {
  const told = (await factsOf(host, asking, "software"))("groups");
  return {
    members: Object.fromEntries(
      told
        .slice(0, most)
        .map((group) => [
          textOf(group, "Name"),
          textsOf(group, "Members").map(memberName).sort().slice(0, mostMembers),
        ]),
    ),
  };
}

/**
 * `WinNT://WORKGROUP/PC-7/dana` is an account of the machine, `WinNT://CORP/Domain Admins` one of a domain or Windows' own; without a name
 * only its SID is left.
 */
export function memberName(path: unknown): string {
  const parts = typeof path === "string" ? path.replace(/^WinNT:\/\//, "").split("/") : [];
  return parts.length === 2 ? parts.join("\\") : (parts.at(-1) ?? "");
}
