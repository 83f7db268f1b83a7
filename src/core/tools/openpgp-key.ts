/**
 * OpenPGP public keys as repositories are signed with: fingerprints and ASCII armour. Source: RFC 9580 sections 4, 5.5 and 6.
 * Must not know where a key comes from. Nothing is verified here; that is for the package manager.
 */
import { createHash } from "node:crypto";
import { VigoError } from "../errors.ts";
import { validSeconds } from "./openpgp-signature.ts";

const begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const end = "-----END PGP PUBLIC KEY BLOCK-----";

/** The packets of a key that may be armoured. Several blocks in one text are one ring. */
export function dearmored(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  if (!text.includes(begin)) return bytes;
  const blocks = [...text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----([\s\S]*?)-----END PGP/g)];
  return Buffer.concat(blocks.map(([, block = ""]) => Buffer.from(bodyOf(block), "base64")));
}

/** Header lines end with an empty line; a line that begins with `=` is the checksum. */
function bodyOf(block: string): string {
  const lines = block.trim().split(/\r?\n/);
  const gap = lines.findIndex((line) => line.trim() === "");
  return lines
    .slice(gap + 1)
    .filter((line) => !line.startsWith("="))
    .join("");
}

/** As rpm wants it, with the checksum that others may leave out. */
export function armored(bytes: Uint8Array): Uint8Array {
  const plain = Buffer.from(dearmored(bytes));
  const lines = plain.toString("base64").match(/.{1,64}/g) ?? [];
  const sum = Buffer.alloc(3);
  sum.writeUIntBE(crc24(plain), 0, 3);
  return new TextEncoder().encode(
    `${[begin, "", ...lines, `=${sum.toString("base64")}`, end].join("\n")}\n`,
  );
}

/** RFC 9580, section 6.1.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

export interface OpenpgpKey {
  /** In upper-case hex. */
  readonly fingerprint: string;
  /** With all that is said of it, without armour. */
  readonly packets: Uint8Array;
  /** By what it says of itself last; undefined: never. */
  readonly expires: Date | undefined;
}

/** The keys of a ring, armoured or not. Rejects with `failed` when there is none. */
export function keysOf(bytes: Uint8Array): readonly OpenpgpKey[] {
  const rings: Packet[][] = [];
  for (const packet of packetsOf(Buffer.from(dearmored(bytes)))) {
    if (packet.tag === 6) rings.push([packet]);
    else rings.at(-1)?.push(packet);
  }
  if (rings.length > 0) return rings.map(keyOf);
  throw new VigoError("failed", "it is no OpenPGP public key", {
    hint: "the address must give the key itself, armoured or not",
  });
}

function keyOf(packets: readonly Packet[]): OpenpgpKey {
  const body = packets[0]?.body ?? Buffer.alloc(0);
  const mark = fingerprint(body);
  const seconds = validSeconds(
    mark,
    packets.filter(({ tag }) => tag === 2).map((packet) => packet.body),
  );
  const created = body.length >= 5 ? body.readUInt32BE(1) : 0;
  return {
    fingerprint: mark,
    packets: Buffer.concat(packets.map(({ whole }) => whole)),
    expires: seconds === 0 ? undefined : new Date((created + seconds) * 1000),
  };
}

/** Of the primary keys, in upper-case hex. Rejects with `failed` when there is none. */
export const fingerprintsOf = (bytes: Uint8Array): readonly string[] =>
  keysOf(bytes).map((key) => key.fingerprint);

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
  /** With its head. */
  readonly whole: Buffer;
}

function* packetsOf(bytes: Buffer): Generator<Packet> {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0) return;
    const isNew = (first & 0x40) !== 0;
    const head = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 3);
    if (head === undefined || head.start + head.length > bytes.length) return;
    const tag = isNew ? first & 0x3f : (first & 0x3c) >> 2;
    const next = head.start + head.length;
    yield { tag, body: bytes.subarray(head.start, next), whole: bytes.subarray(at, next) };
    at = next;
  }
}

function oldLength(bytes: Buffer, at: number, kind: number) {
  const size = [1, 2, 4][kind];
  if (size === undefined || at + size > bytes.length) return undefined;
  return { start: at + size, length: bytes.readUIntBE(at, size) };
}

/** Partial lengths are for data, never for keys. */
function newLength(bytes: Buffer, at: number) {
  const first = bytes[at];
  if (first === undefined) return undefined;
  if (first < 192) return { start: at + 1, length: first };
  if (first < 224)
    return { start: at + 2, length: ((first - 192) << 8) + (bytes[at + 1] ?? 0) + 192 };
  return first === 255 && at + 5 <= bytes.length
    ? { start: at + 5, length: bytes.readUInt32BE(at + 1) }
    : undefined;
}

/** Version 4 hashes with SHA-1, version 6 with SHA-256. */
function fingerprint(body: Buffer): string {
  const isNew = body[0] === 6;
  const size = Buffer.alloc(isNew ? 4 : 2);
  size.writeUIntBE(body.length, 0, size.length);
  const hash = createHash(isNew ? "sha256" : "sha1");
  return hash
    .update(Buffer.from([isNew ? 0x9b : 0x99]))
    .update(size)
    .update(body)
    .digest("hex")
    .toUpperCase();
}
