/** What a backup notes of each file, so that one that was damaged since is noticed. Must not know which files. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Manifest } from "./manifest.ts";

type FileFacts = Manifest["files"][string];

/** Of a file that is brought to disk first. Read piece by piece, because a database is large. */
export async function fileFacts(path: string, mode = 0o600): Promise<FileFacts> {
  const file = await open(path, "r");
  try {
    await file.sync();
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const piece of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
      hash.update(piece as Buffer);
      bytes += (piece as Buffer).length;
    }
    return { sha256: hash.digest("hex"), bytes, mode };
  } finally {
    await file.close();
  }
}
