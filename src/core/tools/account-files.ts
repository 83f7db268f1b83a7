/** passwd(5), group(5) and the numbers of login.defs(5) as text says them. Must not know which accounts anybody wants. */

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Members {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const rows = (text: string, fields: number) =>
  text
    .split("\n")
    .filter((line) => !/^\s*(?:#|[+-]|$)/.test(line))
    .map((line) => line.split(":"))
    .filter((row) => row.length >= fields);

/** Lines of another form, as NIS leaves them, are passed over. */
export const parsePasswd = (text: string): readonly Account[] =>
  rows(text, 7)
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ name, uid, gid }) => name !== "" && Number.isInteger(uid) && Number.isInteger(gid));

export const parseGroup = (text: string): readonly Members[] =>
  rows(text, 4)
    .map(([name = "", , gid, members = ""]) => ({
      name,
      gid: Number(gid),
      members: members.split(",").filter((member) => member !== ""),
    }))
    .filter(({ name, gid }) => name !== "" && Number.isInteger(gid));

/** First and last uid that useradd(8) gives to people. */
export function humanRange(loginDefs: string): readonly [first: number, last: number] {
  const value = (name: string, otherwise: number) =>
    Number(new RegExp(`^\\s*${name}\\s+(\\d+)`, "m").exec(loginDefs)?.[1] ?? otherwise);
  return [value("UID_MIN", 1000), value("UID_MAX", 60_000)];
}
