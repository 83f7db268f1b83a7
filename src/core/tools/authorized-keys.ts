/** The `authorized_keys` of an account, written as sshd wants it. Must not know which keys are wanted, nor their format. */
import type { Host, ReadHost } from "../host.ts";
import { keyBlob, withKeys } from "../text/authorized-keys.ts";
import { unifiedDiff } from "../text/diff.ts";
import { editableText } from "./structured-file.ts";

const pathIn = (home: string) => `${home}/.ssh/authorized_keys`;

interface Wanted {
  readonly keys: readonly string[];
  readonly exclusive: boolean;
}

/** Each key, or all of them where no other may be there. */
export function keyClaims(
  name: string,
  { keys, exclusive }: Wanted,
): readonly { readonly id: string; readonly part?: string }[] {
  const id = `authorized_keys:${name}`;
  if (exclusive) return [{ id }];
  return keys.map((key) => ({ id, part: keyBlob(key.trim()) ?? key }));
}

const encoded = (text: string) => new TextEncoder().encode(text);

/** What is there, and what it becomes with the wanted keys. Without a home there is nothing yet. */
export async function wantedKeys(
  host: ReadHost,
  home: string | undefined,
  { keys, exclusive }: Wanted,
) {
  const there = home === undefined ? undefined : await editableText(host, pathIn(home));
  const text = there ?? "";
  const wanted = withKeys(text, keys, exclusive);
  const is = there === undefined ? undefined : encoded(there);
  return { is, text, wanted, bytes: encoded(wanted) };
}

/** In the shape of a change; undefined where they are as wanted. */
export async function keysDifference(host: ReadHost, home: string | undefined, keys: Wanted) {
  const { is, text, wanted, bytes } = await wantedKeys(host, home, keys);
  if (text === wanted) return undefined;
  const count = (lines: string) => {
    const n = lines.split("\n").filter(keyBlob).length;
    return n === 1 ? "1 key" : `${n} keys`;
  };
  const diff = unifiedDiff(is, bytes);
  const difference = {
    field: "authorized_keys",
    from: is && count(text),
    to: count(wanted),
    cause: "intent" as const,
  };
  return diff === undefined ? difference : { ...difference, diff };
}

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
