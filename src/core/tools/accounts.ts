/**
 * What `/etc/passwd`, `/etc/shadow` and `/etc/group` say about one user (passwd(5), shadow(5), group(5)). Must not know what is
 * wanted; never prints a password hash.
 */
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";

/** Names of users and groups as useradd(8) takes them. */
export const accountName = {
  pattern: /^[a-z_][a-z0-9_.-]{0,30}[a-z0-9_.$-]?$/,
  wanted: "a name of small letters, digits, _, . and -",
};

/** All that tells about an account. */
export const accountFiles: readonly string[] = ["/etc/passwd", "/etc/shadow", "/etc/group"];

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Primary group by name, or its number. */
  readonly group: string;
  /** Other groups, sorted. */
  readonly groups: readonly string[];
  readonly shadow: Shadow | undefined;
}

export interface Shadow {
  /** Without the sign that locks it. */
  readonly hash: string;
  readonly locked: boolean;
  readonly minDays: string;
  readonly maxDays: string;
  readonly warnDays: string;
  /** A date as YYYY-MM-DD; undefined: never. */
  readonly expires: string | undefined;
}

export async function accountOf(host: ReadHost, name: string): Promise<Account | undefined> {
  const passwd = lineOf(await textOf(host, "/etc/passwd"), name);
  if (passwd === undefined) return undefined;
  const [, , uid, gid = "", comment = "", home = "", shell = ""] = passwd;
  const groups = (await textOf(host, "/etc/group")).split("\n").map((line) => line.split(":"));
  const shadow = lineOf(await shadowText(host), name);
  return {
    uid: Number(uid),
    gid: Number(gid),
    comment,
    home,
    shell,
    group: groups.find(([, , number]) => number === gid)?.[0] ?? gid,
    groups: groups
      .filter(([, , , members = ""]) => members.split(",").includes(name))
      .map(([group = ""]) => group)
      .sort(),
    shadow: shadow && parseShadow(shadow),
  };
}

async function textOf(host: ReadHost, path: string): Promise<string> {
  return new TextDecoder().decode(await host.read(path));
}

/** Without root there is no look at passwords: what is said about them then is that nothing is known. */
async function shadowText(host: ReadHost): Promise<string> {
  try {
    return await textOf(host, "/etc/shadow");
  } catch (error) {
    if (error instanceof VigoError && error.failure === "denied") return "";
    throw error;
  }
}

const lineOf = (text: string, name: string): readonly string[] | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${name}:`))
    ?.split(":");

function parseShadow(fields: readonly string[]): Shadow {
  const [, password = "", , minDays = "", maxDays = "", warnDays = "", , expires = ""] = fields;
  return {
    hash: password.replace(/^!+/, ""),
    locked: password.startsWith("!"),
    minDays,
    maxDays,
    warnDays,
    expires: expires === "" ? undefined : dayOf(Number(expires)),
  };
}

/** Days since 1970 as a date. */
const dayOf = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
