/** Groups through groupadd(8), groupmod(8), groupdel(8) and gpasswd(1). Must not know which groups are wanted. */
import type { Host } from "../host.ts";
import { mustSucceed } from "./exit.ts";

export async function addGroup(
  host: Host,
  name: string,
  gid: number | undefined,
  system: boolean,
): Promise<void> {
  const number = gid === undefined ? [] : ["-g", `${gid}`];
  await told(host, ["groupadd", ...number, ...(system ? ["-r"] : []), name]);
}

export const changeGroup = (host: Host, name: string, gid: number) =>
  told(host, ["groupmod", "-g", `${gid}`, name]);

export const removeGroup = (host: Host, name: string) => told(host, ["groupdel", name]);

/** All of them at once. */
export const setMembers = (host: Host, name: string, members: readonly string[]) =>
  told(host, ["gpasswd", "-M", members.join(","), name]);

async function told(host: Host, argv: readonly string[]): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
