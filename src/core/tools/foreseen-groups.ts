/** What groupadd(8), groupmod(8), groupdel(8) and gpasswd(1) would do and say, on a machine in memory. Must not run them. */
import type { CommandResult, Host } from "../host.ts";
import {
  change,
  done,
  drop,
  ended,
  freeNumber,
  ownerOf,
  rowsOf,
  tables,
  write,
} from "./account-tables.ts";

type Foreseen = (host: Host) => Promise<CommandResult>;

export const newGroup =
  (name: string, gid: number | undefined, isSystem: boolean): Foreseen =>
  async (host) => {
    const number = `${gid ?? (await freeNumber(host, "GID", isSystem))}`;
    if ((await ownerOf(host, tables.group, number, name)) !== undefined)
      return ended(4, `groupadd: GID '${number}' already exists`);
    await write(host, tables.group, [
      ...(await rowsOf(host, tables.group)),
      [name, "x", number, ""],
    ]);
    return done;
  };

/** Those whose primary group it is go with it. */
export const otherGid =
  (name: string, gid: number): Foreseen =>
  async (host) => {
    if ((await ownerOf(host, tables.group, `${gid}`, name)) !== undefined)
      return ended(4, `groupmod: GID '${gid}' already exists`);
    const before = (await host.group(name))?.gid;
    await change(host, tables.group, name, () => ({ 2: `${gid}` }));
    const users = await rowsOf(host, tables.passwd);
    for (const [user = "", , , own] of users)
      if (own === `${before}`) await change(host, tables.passwd, user, () => ({ 3: `${gid}` }));
    return done;
  };

export const noGroup =
  (name: string): Foreseen =>
  async (host) => {
    const gid = `${(await host.group(name))?.gid}`;
    const user = (await rowsOf(host, tables.passwd)).find((row) => row[3] === gid)?.[0];
    if (user !== undefined)
      return ended(8, `groupdel: cannot remove the primary group of user '${user}'`);
    await drop(host, tables.group, name);
    return done;
  };

export const otherMembers =
  (name: string, members: readonly string[]): Foreseen =>
  async (host) => {
    for (const member of members)
      if ((await host.user(member)) === undefined)
        return ended(3, `gpasswd: user '${member}' does not exist`);
    await change(host, tables.group, name, () => ({ 3: members.join(",") }));
    return done;
  };
