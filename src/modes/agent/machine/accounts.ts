/**
 * Users and groups of `/etc/passwd` and `/etc/group` (passwd(5), group(5)). Each is parsed once, and again when the file has
 * changed. Must not know how accounts are made.
 */
import type fs from "node:fs";
import { accountIn } from "../../../core/text/account-lines.ts";

interface Accounts<A> {
  readonly stamp: string;
  find(name: string): A | undefined;
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
    if (known?.stamp !== stamp) known = { stamp, find: accountIn(file.read() ?? "", parse, id) };
    return known.find(name);
  };
}
