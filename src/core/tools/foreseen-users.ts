/**
 * What useradd(8), usermod(8), userdel(8), chage(1) and chpasswd(8) would do and say, on a machine in memory. Must not run them, nor
 * know which users are wanted.
 */
import { Unforeseen } from "../errors.ts";
import type { CommandResult, Host, ReadHost } from "../host.ts";
import {
  change,
  done,
  drop,
  ended,
  freeNumber,
  ownerOf,
  type Row,
  rowsOf,
  setting,
  tables,
  write,
} from "./account-tables.ts";
import { entriesBelow, makeFolders } from "./folder.ts";
import type { NewUser } from "./useradd.ts";

type Foreseen = (host: Host) => Promise<CommandResult>;

const defaults = "/etc/default/useradd";
const logins = "/etc/login.defs";
const day = 86_400_000;

export const newUser =
  (name: string, user: NewUser): Foreseen =>
  async (host) => {
    const refused = await refusedGroups(host, "useradd", [user.group, ...(user.groups ?? [])]);
    if (refused !== undefined) return refused;
    const uid = `${user.uid ?? (await freeNumber(host, "UID", user.system))}`;
    if ((await ownerOf(host, tables.passwd, uid, name)) !== undefined)
      return ended(4, `useradd: UID ${uid} is not unique`);
    const gid = await primaryGroup(host, name, user, uid);
    const home = user.home ?? `${(await setting(host, defaults, "HOME")) ?? "/home"}/${name}`;
    const shell = user.shell ?? (await setting(host, defaults, "SHELL")) ?? "";
    await add(host, tables.passwd, [name, "x", uid, gid, user.comment ?? "", home, shell]);
    await add(host, tables.shadow, await newShadow(host, name, user));
    await setGroups(host, name, user.groups ?? [], false);
    if (user.createHome && (await host.stat(home, { follow: true })) === undefined)
      await makeHomeFolder(host, home, { uid: Number(uid), gid: Number(gid) });
    return done;
  };

async function refusedGroups(
  host: ReadHost,
  tool: string,
  groups: readonly (string | undefined)[],
): Promise<CommandResult | undefined> {
  for (const group of groups)
    if (group !== undefined && (await host.group(group)) === undefined)
      return ended(6, `${tool}: group '${group}' does not exist`);
  return undefined;
}

async function primaryGroup(host: Host, name: string, { group, system }: NewUser, uid: string) {
  if (group !== undefined) return `${(await host.group(group))?.gid}`;
  if ((await setting(host, logins, "USERGROUPS_ENAB")) !== "yes") throw new Unforeseen("");
  const isFree = (await ownerOf(host, tables.group, uid, name)) === undefined;
  const gid = isFree ? uid : `${await freeNumber(host, "GID", system)}`;
  await add(host, tables.group, [name, "x", gid, ""]);
  return gid;
}

async function newShadow(host: Host, name: string, { system, ages, expires }: NewUser) {
  const age = async (key: string) =>
    system ? "" : `${ages[key] ?? (await setting(host, logins, key)) ?? ""}`;
  const [least, most, warn] = [
    await age("PASS_MIN_DAYS"),
    await age("PASS_MAX_DAYS"),
    await age("PASS_WARN_AGE"),
  ];
  return [name, "!", today(host), least, most, warn, "", daysUntil(expires ?? ""), ""];
}

const today = (host: ReadHost) => `${Math.floor(host.now().getTime() / day)}`;
const daysUntil = (date: string) => (date === "" ? "" : `${Date.parse(date) / day}`);

const add = async (host: Host, path: string, row: Row) =>
  await write(host, path, [...(await rowsOf(host, path)), row]);

/** With `isWhole`, it is in no other group. */
async function setGroups(
  host: Host,
  name: string,
  groups: readonly string[],
  isWhole: boolean,
): Promise<void> {
  const rows = await rowsOf(host, tables.group);
  const edited = rows.map((row) => {
    const members = (row[3] ?? "").split(",").filter((member) => member !== "");
    const isIn = members.includes(name);
    const wanted = groups.includes(row[0] ?? "") || (isIn && !isWhole);
    if (isIn === wanted) return row;
    const now = wanted ? [...members, name] : members.filter((member) => member !== name);
    return [...row.slice(0, 3), now.join(",")];
  });
  await write(host, tables.group, edited);
}

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

async function makeHomeFolder(host: Host, home: string, ids: Ids): Promise<void> {
  const above = home.slice(0, home.lastIndexOf("/"));
  if (above !== "") await makeFolders(host, above);
  await host.mkdir(home, { mode: await homeMode(host), ...ids });
  await copySkeleton(host, home, ids);
}

/** What login.defs(5) says: HOME_MODE, else what UMASK leaves. */
export async function homeMode(host: ReadHost): Promise<number> {
  const own = await setting(host, logins, "HOME_MODE");
  if (own !== undefined) return Number.parseInt(own, 8);
  return 0o777 & ~Number.parseInt((await setting(host, logins, "UMASK")) ?? "022", 8);
}

export const copied =
  (home: string, ids: Ids): Foreseen =>
  async (host) => {
    await copySkeleton(host, home, ids);
    return done;
  };

async function copySkeleton(host: Host, home: string, ids: Ids): Promise<void> {
  for (const { name, path, stat } of await entriesBelow(host, "/etc/skel", () => true)) {
    const to = `${home}/${name}`;
    if (stat.kind === "directory") await host.mkdir(to, { mode: stat.mode, ...ids });
    else if (stat.kind === "symlink") await host.symlink(to, stat.target ?? "");
    else
      await host.write(to, (await host.read(path)) ?? new Uint8Array(), {
        mode: stat.mode,
        ...ids,
      });
  }
}

/** By the words that it is given. */
export const otherUser =
  (name: string, words: readonly string[]): Foreseen =>
  async (host) => {
    const to = optionsIn(words, flags);
    const refused = await refusedChange(host, name, to);
    if (refused !== undefined) return refused;
    const primary = to.get("-g");
    const gid = primary === undefined ? undefined : `${(await host.group(primary))?.gid}`;
    await change(host, tables.passwd, name, () =>
      told({ 2: to.get("-u"), 3: gid, 4: to.get("-c"), 5: to.get("-d"), 6: to.get("-s") }),
    );
    const expires = to.get("-e");
    await change(host, tables.shadow, name, ([, hash = ""]) =>
      told({
        1: to.has("-L") ? `!${hash}` : to.has("-U") ? hash.replace(/^!/, "") : undefined,
        7: expires === undefined ? undefined : daysUntil(expires),
      }),
    );
    const groups = to.get("-G")?.split(",");
    if (groups !== undefined) await setGroups(host, name, groups, true);
    // All that is in a home moves, or gets another owner.
    if (to.has("-u") || to.has("-g") || to.has("-m")) throw new Unforeseen("");
    return done;
  };

async function refusedChange(
  host: ReadHost,
  name: string,
  to: ReadonlyMap<string, string>,
): Promise<CommandResult | undefined> {
  const uid = to.get("-u");
  if (uid !== undefined && (await ownerOf(host, tables.passwd, uid, name)) !== undefined)
    return ended(4, `usermod: UID '${uid}' already exists`);
  const groups = to.get("-G")?.split(",") ?? [];
  return await refusedGroups(host, "usermod", [to.get("-g"), ...groups]);
}

/** Words of usermod without a value; to chage `-m` has one. */
const flags = ["-m", "-L", "-U"];

function optionsIn(
  words: readonly string[],
  flags: readonly string[] = [],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    found.set(word, flags.includes(word) ? "" : (words[++at] ?? ""));
  }
  return found;
}

/** Only the fields that become others. */
const told = (fields: Readonly<Record<number, string | undefined>>): Record<number, string> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );

export const noUser =
  (name: string, withHome: boolean): Foreseen =>
  async (host) => {
    const home = (await host.user(name))?.home;
    for (const path of [tables.passwd, tables.shadow]) await drop(host, path, name);
    await setGroups(host, name, [], true);
    const own = await host.group(name);
    const isOthers = (await rowsOf(host, tables.passwd)).some((row) => row[3] === `${own?.gid}`);
    if (own?.members.length === 0 && !isOthers) await drop(host, tables.group, name);
    if (withHome && home !== undefined) await host.remove(home, { recursive: true });
    return done;
  };

export const otherAges =
  (name: string, words: readonly string[]): Foreseen =>
  async (host) => {
    const to = optionsIn(words);
    await change(host, tables.shadow, name, () =>
      told({ 3: to.get("-m"), 4: to.get("-M"), 5: to.get("-W") }),
    );
    return done;
  };

export const otherHash =
  (name: string, hash: string): Foreseen =>
  async (host) => {
    await change(host, tables.shadow, name, () => ({ 1: hash, 2: today(host) }));
    return done;
  };
