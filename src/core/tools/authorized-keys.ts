/** The `authorized_keys` of an account, written as sshd wants it. Must not know which keys are wanted, nor their format. */
import type { Host, ReadHost } from "../host.ts";

const pathIn = (home: string) => `${home}/.ssh/authorized_keys`;

export const readKeys = (host: ReadHost, home: string): Promise<Uint8Array | undefined> =>
  host.read(pathIn(home));

/** Folder and file belong to the account and to nobody else, or sshd would not look at them. */
export async function writeKeys(
  host: Host,
  { home, uid, gid }: { readonly home: string; readonly uid: number; readonly gid: number },
  content: Uint8Array,
): Promise<void> {
  const folder = `${home}/.ssh`;
  if ((await host.stat(folder)) === undefined) await host.mkdir(folder, { mode: 0o700, uid, gid });
  await host.write(pathIn(home), content, { mode: 0o600, uid, gid });
}
