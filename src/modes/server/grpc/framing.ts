/**
 * Messages and statuses of gRPC as they lie on HTTP/2 (the protocol's own `PROTOCOL-HTTP2.md`). Must not know any service.
 */

/** One byte "compressed", four bytes length. */
const prefix = 5;

export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(prefix + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, prefix);
  return framed;
}

/** `more`: wait · `large`: no message may be that long · `broken`: not one whole, uncompressed message. */
export type Unframed = Uint8Array | "more" | "large" | "broken";

/** The one message of a unary request, from what has arrived so far. */
export function unframe(received: Uint8Array, limit: number): Unframed {
  if (received.length < prefix) return "more";
  const length = new DataView(received.buffer, received.byteOffset).getUint32(1);
  if (length > limit) return "large";
  if (received[0] !== 0 || received.length > prefix + length) return "broken";
  return received.length < prefix + length ? "more" : received.subarray(prefix);
}

/**
 * Bytes that come in any pieces, in one room that doubles: however small the pieces are, each is copied a few times at most, and what comes
 * whole is not copied at all.
 */
export class Gathered {
  #room: Uint8Array = new Uint8Array(0);
  #length = 0;

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) this.#room = piece;
    else {
      if (length > this.#room.length) this.#grow(length);
      this.#room.set(piece, this.#length);
    }
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  /** A view of all that is there; later pieces change none of it. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  /** The first so many are done with. */
  drop(count: number): void {
    this.#room = this.#room.subarray(count);
    this.#length -= count;
  }

  #grow(length: number): void {
    const room = new Uint8Array(Math.max(length, 2 * this.#room.length));
    room.set(this.bytes);
    this.#room = room;
  }
}

/** A status message travels percent-encoded: everything but printable ASCII, and the percent sign itself. */
export const encodeMessage = (message: string): string =>
  Array.from(Buffer.from(message, "utf8"), (byte) =>
    byte >= 0x20 && byte <= 0x7e && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
