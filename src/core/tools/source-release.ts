/**
 * A release put in its place as a whole: a program, or a tree. What stood there stands until the new one is complete. Must not
 * know which release is wanted.
 */
import { createHash } from "node:crypto";
import { VigoError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type ArchiveOrigin, originBytes, plainArchive } from "./archive-bytes.ts";
import { type SourceNote, writeSourceNote } from "./source-note.ts";
import { isArchive, planUnpacking, unpack } from "./unpack.ts";

export interface Release {
  readonly origin: ArchiveOrigin;
  readonly target: string;
  /** The program in the archive; undefined: all of it. */
  readonly binary?: string | undefined;
  readonly version?: string | undefined;
  readonly mode: number;
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

/** Rejects with `failed` when the archive is not the declared one, or has no such program. */
export async function placeRelease(host: Host, release: Release): Promise<void> {
  const { origin, target, binary, version } = release;
  const came = await originBytes(host, origin);
  const about = { sha256: came.sha256, ...(version !== undefined && { version }) };
  if (!isArchive(came.bytes)) {
    if (binary !== undefined)
      throw new VigoError("failed", `what was fetched is no archive, so ${binary} is not in it`, {
        hint: "leave binary_path out: the program is the file itself",
      });
    return await placeProgram(host, release, came.bytes, about);
  }
  const room = `${target}.vigo-new`;
  await host.remove(room, { recursive: true });
  await host.mkdir(room, { mode: 0o755 });
  try {
    await fill(host, release, room, { about, bytes: came.bytes });
  } finally {
    await host.remove(room, { recursive: true });
  }
}

async function fill(
  host: Host,
  release: Release,
  room: string,
  { about, bytes }: { readonly about: Pick<SourceNote, "sha256">; readonly bytes: Uint8Array },
): Promise<void> {
  const { binary, target } = release;
  const plain = await plainArchive(host, bytes);
  const strip = await commonFolders(plain);
  const names = await unpack(host, plain, room, strip);
  if (binary === undefined) return await placeTree(host, release, room, { ...about, names });
  const found = names.find((name) => name === binary);
  if (found === undefined)
    throw new VigoError("failed", `the archive has no ${binary}`, {
      hint: `it has ${names.filter((name) => name.endsWith(`/${binary}`)).join(", ") || names.slice(0, 5).join(", ")}`,
    });
  const program = await host.read(`${room}/${found}`);
  if (program === undefined) throw new VigoError("failed", `${target}: ${binary} is no file`);
  await placeProgram(host, release, program, about);
}

/** 1 where everything is in one folder, as releases mostly are. */
async function commonFolders(plain: Uint8Array): Promise<number> {
  const plan = await planUnpacking(plain, 0);
  const tops = new Set(plan.map(({ name }) => name.split("/")[0]));
  const only = plan.find(({ name }) => !name.includes("/"));
  return tops.size === 1 && (only === undefined || only.kind === "folder") ? 1 : 0;
}

async function placeProgram(
  host: Host,
  { target, mode, ids }: Release,
  bytes: Uint8Array,
  about: Pick<SourceNote, "sha256">,
): Promise<void> {
  const program = createHash("sha256").update(bytes).digest("hex");
  await host.write(target, bytes, { mode, uid: 0, gid: 0, ...ids, snapshot: false });
  await writeSourceNote(host, target, { ...about, program, names: [] });
}

/** The note goes first: a release without one is brought again. */
async function placeTree(
  host: Host,
  { target, ids }: Release,
  room: string,
  note: SourceNote,
): Promise<void> {
  await giveTree(host, room, note.names, ids);
  const old = `${target}.vigo-old`;
  await host.remove(old, { recursive: true });
  if ((await host.stat(target)) !== undefined) await host.rename(target, old);
  await host.rename(room, target);
  await writeSourceNote(host, target, note);
  await host.remove(old, { recursive: true });
}

/** What was unpacked is root's already. */
async function giveTree(host: Host, room: string, names: readonly string[], ids: Release["ids"]) {
  const { uid = 0, gid = 0 } = ids;
  if (uid === 0 && gid === 0) return;
  for (const path of [room, ...names.map((name) => `${room}/${name}`)]) {
    const link = (await host.stat(path))?.kind === "symlink";
    await host.chown(path, uid, gid, { link });
  }
}
