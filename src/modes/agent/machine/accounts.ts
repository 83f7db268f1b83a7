/**
 * Users and groups of `/etc/passwd` and `/etc/group` (passwd(5), group(5)). Each is parsed once, and again when the file has
 * changed. Must not know how accounts are made.
 */
import type { Group, User } from "../../../core/host.ts";
import type fs from "node:fs";

interface Accounts<A> {
  readonly stamp: string;
  readonly byName: ReadonlyMap<string, A>;
  readonly byId: ReadonlyMap<string, A>;
}

/** `look` gives the file's stat, `read` its text; undefined when it is absent. */
export interface AccountFile {
  stat(): Pick<fs.Stats, "ino" | "size" | "mtimeMs"> | undefined;
  read(): string | undefined;
}

/** Looks an account up by name, else by numeric id. */
export function lookup<A extends { readonly name: string }>(
  file: AccountFile,
  parse: (line: string) => A | undefined,
  id: (account: A) => number,
): (name: string) => A | undefined {
  let known: Accounts<A> | undefined;
  return (name) => {
    const found = file.stat();
    const stamp = found === undefined ? "" : `${found.ino}:${found.size}:${found.mtimeMs}`;
    if (known?.stamp !== stamp) known = { stamp, ...index(file.read() ?? "", parse, id) };
    return known.byName.get(name) ?? known.byId.get(name);
  };
}

/** The first line of a name or an id counts, as for the C library. */
function index<A extends { readonly name: string }>(
  text: string,
  parse: (line: string) => A | undefined,
  id: (account: A) => number,
) {
  const accounts = text
    .split("\n")
    .map(parse)
    .filter((account) => account !== undefined)
    .reverse();
  return {
    byName: new Map(accounts.map((account) => [account.name, account])),
    byId: new Map(accounts.map((account) => [`${id(account)}`, account])),
  };
}

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
