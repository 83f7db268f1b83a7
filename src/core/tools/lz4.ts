/**
 * Unpacks LZ4 frames, in which apt may keep its lists. Formats: lz4_Frame_format.md 1.6, lz4_Block_format.md. Checksums are not
 * looked at: what is unpacked here is root's own. Must not know what is in it.
 */
import { VigoError } from "../errors.ts";

/** Matches reach back as far as this. */
const windowBytes = 64 * 1024;
const mostBlockBytes = 4 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

const header = { version: 0x40, contentSize: 0x08, blockChecksum: 0x10, dictionary: 0x01 };
const plainBlock = 0x8000_0000;

export const isLz4 = (bytes: Uint8Array): boolean =>
  [0x04, 0x22, 0x4d, 0x18].every((byte, at) => bytes[at] === byte);

/** One frame in pieces of a MiB and more. A piece is good until the next is asked for. */
export function* lz4Pieces(packed: Uint8Array): Generator<Uint8Array> {
  const room = new Uint8Array(windowBytes + pieceBytes + mostBlockBytes);
  let [told, end] = [0, 0];
  for (const { block, isPlain } of blocksOf(packed)) {
    end = isPlain ? copied(block, room, end) : unpacked(block, room, end);
    if (end < windowBytes + pieceBytes) continue;
    yield room.subarray(told, end);
    room.copyWithin(0, end - windowBytes, end);
    told = end = windowBytes;
  }
  if (end > told) yield room.subarray(told, end);
}

function* blocksOf(packed: Uint8Array) {
  const flags = packed[4] ?? 0;
  if (!isLz4(packed) || (flags & 0xc0) !== header.version || (flags & header.dictionary) !== 0)
    throw damaged();
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const checksum = (flags & header.blockChecksum) === 0 ? 0 : 4;
  let at = 7 + ((flags & header.contentSize) === 0 ? 0 : 8);
  for (;;) {
    if (at + 4 > packed.length) throw damaged();
    const size = view.getUint32(at, true);
    if (size === 0) return;
    const length = size % plainBlock;
    const block = packed.subarray(at + 4, at + 4 + length);
    if (length > mostBlockBytes || block.length < length) throw damaged();
    yield { block, isPlain: size >= plainBlock };
    at += 4 + length + checksum;
  }
}

function copied(block: Uint8Array, room: Uint8Array, at: number): number {
  room.set(block, at);
  return at + block.length;
}

/**
 * Sequences: a token, literals, and a match that goes on with what was unpacked before. Gives the new end. It goes over every
 * byte of some fifty million, which is why nothing but loops over numbers is in it.
 */
function unpacked(block: Uint8Array, room: Uint8Array, start: number): number {
  const limit = start + mostBlockBytes;
  let from = 0;
  let to = start;
  while (from < block.length) {
    const token = block[from++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      literals += counted(block, from);
      from += bytesOf(literals - 15);
    }
    if (from + literals > block.length || to + literals > limit) throw damaged();
    to = put(room, to, block, from, literals);
    from += literals;
    if (from === block.length) return to;
    const back = (block[from] as number) | ((block[from + 1] ?? 0) << 8);
    from += 2;
    let matched = (token & 15) + 4;
    if (matched === 19) {
      matched += counted(block, from);
      from += bytesOf(matched - 19);
    }
    if (back === 0 || back > to || to + matched > limit) throw damaged();
    to = repeated(room, to, back, matched);
  }
  throw damaged();
}

/** Few at a time, mostly, so a loop is faster than a call of the system's. */
function put(room: Uint8Array, to: number, block: Uint8Array, from: number, length: number) {
  for (let at = 0; at < length; at++) room[to + at] = block[from + at] as number;
  return to + length;
}

/** A match may reach into what it writes itself, so it goes byte by byte. */
function repeated(room: Uint8Array, start: number, back: number, length: number): number {
  const end = start + length;
  for (let to = start; to < end; to++) room[to] = room[to - back] as number;
  return end;
}

/** A length goes on as long as its bytes are all ones. */
function counted(block: Uint8Array, from: number): number {
  let at = from;
  while (block[at] === 255) at++;
  return (at - from) * 255 + (block[at] ?? 0);
}

const bytesOf = (count: number): number => Math.floor(count / 255) + 1;

const damaged = () => new VigoError("failed", "is no LZ4 frame, or a damaged one");
