/** The name of a tree's content: the same files with the same bytes have one digest. Must not know where a tree is kept. */
import { sha256Hex } from "../pki/keys.ts";
import type { Tree } from "../policy/model.ts";

/** sha256 in hex over `path NUL sha256(bytes) LF`, one line a file, sorted by path. */
export function treeDigest({ files }: Tree): string {
  const lines = [...files].map(([path, bytes]) => `${path}\0${sha256Hex(bytes)}\n`);
  return sha256Hex(lines.sort().join(""));
}
