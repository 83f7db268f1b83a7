/**
 * The key that a repository is signed with: fetched, held against its fingerprint, kept where the package manager looks.
 * Must not know which manager.
 */
import { createHash } from "node:crypto";
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { armored, dearmored, fingerprintsOf, keysOf } from "./openpgp-key.ts";
import type { Repository, RepositoryLayout } from "./repository-layout.ts";

const most = 1024 * 1024;

type Key = NonNullable<RepositoryLayout["key"]>;

/** From and to, as a report says them; nothing when the key is as declared. */
export async function keyDifference(host: ReadHost, p: Repository, layout: RepositoryLayout) {
  const { key, keyring } = layout;
  if (keyring === true) return await keyringDifference(host, p);
  if (key === undefined) return undefined;
  const is = await host.read(key.path, { limit: most });
  const from = is && shown(is, key);
  if (p.state === "absent" || p.key_url === undefined)
    return from === undefined ? undefined : { from, to: undefined };
  if (is === undefined || !isDeclared(p, is, key))
    return { from, to: wantedMark(p) ?? `fetched from ${p.key_url}` };
  const ended = expiryOf(is, key);
  if (ended !== undefined && ended < host.now())
    return { from: `${from}, expired on ${day(ended)}`, to: `fetched from ${p.key_url}` };
  const known = key.inRpm === undefined || (await inRpm(host, is));
  return known ? undefined : { from: `${from}, unknown to rpm`, to: from };
}

const wantedMark = ({ key_fingerprint: mark }: Repository) => mark && plain(mark);

function isDeclared(p: Repository, is: Uint8Array, key: Key): boolean {
  const [wanted, marks] = [wantedMark(p), safeMarks(is, key)];
  return marks !== undefined && (wanted === undefined || marks.every((mark) => mark === wanted));
}

/** Of a ring with several keys the day after which none of them counts; undefined when one does for ever. */
function expiryOf(bytes: Uint8Array, { form }: Pick<Key, "form">): Date | undefined {
  if (form === "as it is") return undefined;
  const ends = keysOf(bytes).map(({ expires }) => expires?.getTime() ?? Number.POSITIVE_INFINITY);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? new Date(last) : undefined;
}

const day = (date: Date) => date.toISOString().slice(0, 10);

export async function mendKey(host: Host, p: Repository, layout: RepositoryLayout): Promise<void> {
  const { key, keyring } = layout;
  if (keyring === true) return await mendKeyring(host, p);
  if (key === undefined) return;
  if (p.state === "absent" || p.key_url === undefined) return await host.remove(key.path);
  const bytes = await fetched(host, p, key);
  await inFolder(host, key.path);
  const forms = { packets: dearmored, armor: armored, "as it is": (it: Uint8Array) => it };
  await host.write(key.path, forms[key.form](bytes), { mode: 0o644, uid: 0, gid: 0 });
  if (key.inRpm)
    await mustSucceed("rpm --import", host.run({ argv: ["rpm", "--import", key.path] }));
}

async function inFolder(host: Host, path: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (folder === "" || (await host.stat(folder)) !== undefined) return;
  await inFolder(host, folder);
  await host.mkdir(folder, { mode: 0o755 });
}

async function fetched(host: Host, p: Repository, key: Key): Promise<Uint8Array> {
  const url = p.key_url ?? "";
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of await host.fetch(url)) {
    length += part.length;
    if (length > most) throw new VigoError("failed", `${url} is too big to be a key`);
    parts.push(part);
  }
  const bytes = declaredOf(p, Buffer.concat(parts), key);
  const ended = expiryOf(bytes, key);
  if (ended === undefined || ended >= host.now()) return bytes;
  throw new VigoError("failed", `the key at ${url} has expired on ${day(ended)}`, {
    hint: "its owner has to prolong it, or has a new one: prove that, and declare its address and fingerprint",
  });
}

/** Whoever puts another key beside the declared one would be trusted as well: of a ring that key alone is taken. */
function declaredOf(p: Repository, bytes: Buffer, key: Key): Uint8Array {
  const [wanted, url] = [wantedMark(p), p.key_url];
  const marks = marksOf(bytes, key);
  if (wanted === undefined) return bytes;
  if (marks.includes(wanted))
    return key.form === "as it is"
      ? bytes
      : (keysOf(bytes).find(({ fingerprint }) => fingerprint === wanted)?.packets ?? bytes);
  throw new VigoError("failed", `the key at ${url} is ${marks.join(", ")}, not ${wanted}`, {
    hint: "if its owner has changed it, prove the new one and declare its fingerprint; else somebody is in between",
  });
}

const plain = (fingerprint: string) => fingerprint.replaceAll(/\s/g, "").toUpperCase();

/** What a key is known by. apk's are plain RSA keys, and known by the sha256 of their file. */
function marksOf(bytes: Uint8Array, { form }: Key): readonly string[] {
  if (form !== "as it is") return fingerprintsOf(bytes);
  return [createHash("sha256").update(bytes).digest("hex").toUpperCase()];
}

const shown = (bytes: Uint8Array, key: Key) => safeMarks(bytes, key)?.join(", ") ?? "no key";

/** Of what stands on the machine, where anybody may have put anything. */
function safeMarks(bytes: Uint8Array, key: Key): readonly string[] | undefined {
  try {
    return marksOf(bytes, key);
  } catch (error) {
    if (error instanceof VigoError) return undefined;
    throw error;
  }
}

/** rpm calls a key `gpg-pubkey-MARK-DATE`, by the last eight digits of its fingerprint, and from 6 on by all of them. */
async function inRpm(host: ReadHost, bytes: Uint8Array): Promise<boolean> {
  const { stdout } = await host.query({ argv: ["rpm", "-q", "gpg-pubkey"] });
  const known = [...stdout.matchAll(/^gpg-pubkey-([0-9a-f]{8,})-/gm)].map(([, mark = ""]) => mark);
  return fingerprintsOf(bytes).every((it) => known.some((mark) => it.toLowerCase().endsWith(mark)));
}

async function keyringDifference(host: ReadHost, p: Repository) {
  if (p.key_fingerprint === undefined || p.state === "absent") return undefined;
  const wanted = plain(p.key_fingerprint);
  const { code } = await host.query({ argv: ["pacman-key", "--list-keys", wanted] });
  return code === 0 ? undefined : { from: undefined, to: wanted };
}

/** Added from a file that is gone afterwards, and signed as trusted here. */
async function mendKeyring(host: Host, p: Repository): Promise<void> {
  const path = `/etc/pacman.d/vigo-${p.repository}.key`;
  const wanted = plain(p.key_fingerprint ?? "");
  const bytes = await fetched(host, p, { path, form: "armor" });
  await host.write(path, armored(bytes), { mode: 0o600, snapshot: false });
  await mustSucceed("pacman-key --add", host.run({ argv: ["pacman-key", "--add", path] }));
  await mustSucceed(
    "pacman-key --lsign-key",
    host.run({ argv: ["pacman-key", "--lsign-key", wanted] }),
  );
  await host.remove(path);
}
