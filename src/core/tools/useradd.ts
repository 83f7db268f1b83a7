/**
 * Users through useradd(8), usermod(8), userdel(8), chage(1) and chpasswd(8). Must not know which users are wanted. A password
 * hash goes through stdin: arguments can be read by everybody on the machine. As useradd takes it as an argument only, a new account
 * has all but its password in one step, and is locked until that comes.
 */
import type { Command, Host } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import {
  copied,
  homeMode,
  newUser,
  noUser,
  otherAges,
  otherHash,
  otherUser,
} from "./foreseen-users.ts";

export interface NewUser {
  readonly uid?: number;
  /** Primary group, a name or a number; a group of its own when undefined. */
  readonly group: string | undefined;
  readonly groups?: readonly string[];
  readonly comment?: string;
  readonly home?: string;
  readonly shell?: string;
  readonly system: boolean;
  readonly createHome: boolean;
  /** A date, or `` for never; the machine's default when undefined. */
  readonly expires: string | undefined;
  /** Of its password, by the name that login.defs(5) has for them. */
  readonly ages: Readonly<Record<string, number | undefined>>;
}

export async function addUser(host: Host, name: string, user: NewUser): Promise<void> {
  const argv = [
    "useradd",
    ...option("-u", user.uid),
    ...option("-g", user.group),
    ...option("-G", user.groups?.length ? user.groups.join(",") : undefined),
    ...option("-c", user.comment),
    ...option("-d", user.home),
    ...option("-s", user.shell),
    ...(user.system ? ["-r"] : []),
    ...option("-e", user.expires),
    ...Object.entries(user.ages).flatMap(([key, days]) =>
      option("-K", days === undefined ? undefined : `${key}=${days}`),
    ),
    user.createHome ? "-m" : "-M",
    name,
  ];
  await told(host, argv, newUser(name, user));
}

/** The words of a tool for the fields that differ: `to` says what each becomes, `words` which option sets it. */
export const wordsFor = (
  to: ReadonlyMap<string, string>,
  words: Readonly<Record<string, string>>,
): readonly string[] =>
  Object.entries(words).flatMap(([field, word]) => option(word, to.get(field)));

const option = (word: string, value: string | number | undefined) =>
  value === undefined ? [] : [word, `${value}`];

export const changeUser = (host: Host, name: string, words: readonly string[]) =>
  told(host, ["usermod", ...words, name], otherUser(name, words));

export const removeUser = (host: Host, name: string, withHome: boolean) =>
  told(host, ["userdel", ...(withHome ? ["-r"] : []), name], noUser(name, withHome));

export const changeAges = (host: Host, name: string, words: readonly string[]) =>
  told(host, ["chage", ...words, name], otherAges(name, words));

/** Locked in the same step, where it is to be: there is no moment in which it opens. */
export async function setPasswordHash(
  host: Host,
  name: string,
  hash: string,
  locked: boolean,
): Promise<void> {
  const field = locked ? hash.replace(/^!*/, "!") : hash;
  const stdin = `${name}:${field}\n`;
  const foreseen = otherHash(name, field);
  await mustSucceed(
    `chpasswd for ${name}`,
    host.run({ argv: ["chpasswd", "-e"], stdin, sensitive: true, foreseen }),
  );
}

/** A home that went missing, as useradd would have made it: its skeleton is copied by the account itself, which harms nobody. */
export async function makeHome(
  host: Host,
  name: string,
  { home, uid, gid }: { readonly home: string; readonly uid: number; readonly gid: number },
): Promise<void> {
  if ((await host.stat(home, { follow: true })) !== undefined) return;
  await host.mkdir(home, { mode: await homeMode(host), uid, gid });
  const argv = ["cp", "-rT", "/etc/skel", home];
  if ((await host.stat("/etc/skel")) !== undefined)
    await mustSucceed(
      argv.join(" "),
      host.run({ argv, user: name, foreseen: copied(home, { uid, gid }) }),
    );
}

async function told(
  host: Host,
  argv: readonly string[],
  foreseen: NonNullable<Command["foreseen"]>,
): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv, outlives: true, foreseen }));
}
