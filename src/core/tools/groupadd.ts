/** Groups through groupadd(8), groupmod(8), groupdel(8) and gpasswd(1). Must not know which groups are wanted. */
import type { Command, Host } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { newGroup, noGroup, otherGid, otherMembers } from "./foreseen-groups.ts";

export async function addGroup(
  host: Host,
  name: string,
  gid: number | undefined,
  system: boolean,
): Promise<void> {
  const number = gid === undefined ? [] : ["-g", `${gid}`];
  const argv = ["groupadd", ...number, ...(system ? ["-r"] : []), name];
  await told(host, argv, newGroup(name, gid, system));
}

export const changeGroup = (host: Host, name: string, gid: number) =>
  told(host, ["groupmod", "-g", `${gid}`, name], otherGid(name, gid));

export const removeGroup = (host: Host, name: string) =>
  told(host, ["groupdel", name], noGroup(name));

/** All of them at once. */
export const setMembers = (host: Host, name: string, members: readonly string[]) =>
  told(host, ["gpasswd", "-M", members.join(","), name], otherMembers(name, members));

async function told(
  host: Host,
  argv: readonly string[],
  foreseen: NonNullable<Command["foreseen"]>,
): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv, foreseen }));
}
