/**
 * Keeps what a managed file held before it was overwritten: up to five a file, in a folder only the agent may enter.
 * `<folder>/<key>/<time>-<n>` is the content, 0600; `<folder>/<key>/index.json` says whose it was, with which mode. The key is
 * the start of the sha256 of the path, so that any path makes a valid name. Must not know why the file is overwritten.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import { bytesOf } from "./look.ts";
import { orFail } from "./failure.ts";

const kept = 5;
/** A database is not a config file: whatever is bigger is not kept. */
const mostBytes = 32 * 1024 * 1024;

/** The shape of `index.json`. */
export interface SnapshotIndex {
  readonly path: string;
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
}

export interface Snapshot {
  /** File name beside the index. */
  readonly name: string;
  readonly taken: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Of the original, so that a restore gives back what was there. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Copies the open file `fd`, which is at `path`, unless the last snapshot holds the same. */
export function keep(folder: string, path: string, fd: number, found: fs.Stats, now: Date): void {
  if (found.size > mostBytes) return;
  orFail("keep a snapshot of", path, () => {
    const bytes = bytesOf(fd, path);
    const place = join(folder, sha256(path).slice(0, 32));
    fs.mkdirSync(place, { recursive: true, mode: 0o700 });
    const index = indexOf(place, path);
    const digest = sha256(bytes);
    if (index.snapshots.at(-1)?.sha256 === digest) return;
    const taken = now.toISOString();
    const snapshot: Snapshot = {
      name: `${taken.replaceAll(":", "")}-${digest.slice(0, 8)}`,
      taken,
      sha256: digest,
      bytes: bytes.length,
      mode: found.mode & 0o7777,
      uid: found.uid,
      gid: found.gid,
    };
    replace(join(place, snapshot.name), bytes);
    const all = [...index.snapshots, snapshot];
    const next: SnapshotIndex = { path, snapshots: all.slice(-kept) };
    replace(join(place, "index.json"), JSON.stringify(next, undefined, 2));
    for (const { name } of all.slice(0, -kept)) fs.rmSync(join(place, name), { force: true });
  });
}

function indexOf(place: string, path: string): SnapshotIndex {
  const file = join(place, "index.json");
  if (!fs.existsSync(file)) return { path, snapshots: [] };
  const index: SnapshotIndex = JSON.parse(fs.readFileSync(file, "utf8"));
  return index;
}

/** Whole or not at all, also after a power cut. */
function replace(path: string, content: Uint8Array | string): void {
  const fresh = `${path}.new`;
  const fd = fs.openSync(fresh, "w", 0o600);
  try {
    fs.writeFileSync(fd, content);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  fs.renameSync(fresh, path);
}

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
