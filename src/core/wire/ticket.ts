/**
 * Reads a ticket (message Ticket of proto/vigo/v1/agent.proto, in protobuf's wire format) by hand: an agent reads one at each start, and
 * the protobuf runtime costs more than all else that an offline run with nothing to do loads. Must not know keys, nor who trusts them.
 */
import { VigoError } from "../errors.ts";

export interface Ticket {
  readonly keyId: string;
  readonly envoyId: string;
  readonly policyVersion: bigint;
  readonly issuedAtMs: bigint;
  /** 0: never. */
  readonly expiresAtMs: bigint;
  /** sha256 of the body. */
  readonly bodyDigest: Uint8Array;
}

const domain = new TextEncoder().encode("vigo.v1.ticket\0");

/** What a ticket's signature covers: a domain, and the ticket's bytes as they travel. */
export function ticketMessage(ticket: Uint8Array): Uint8Array {
  const message = new Uint8Array(domain.length + ticket.length);
  message.set(domain);
  message.set(ticket, domain.length);
  return message;
}

/** Throws `invalid` for what is no ticket. Fields that a newer server adds are passed over. */
export function readTicket(bytes: Uint8Array): Ticket {
  const numbers = new Map<number, bigint>();
  const texts = new Map<number, Uint8Array>();
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint() & 0xffff_ffffn);
    const [field, wire] = [tag >>> 3, tag & 7];
    if (field === 0) throw broken();
    if (wire === 0) numbers.set(field, reader.varint());
    else if (wire === 2) texts.set(field, reader.take(Number(reader.varint())));
    else reader.take(fixedWidth(wire));
  }
  const text = (field: number) => decoded(texts.get(field) ?? new Uint8Array());
  const number = (field: number) => numbers.get(field) ?? 0n;
  return {
    keyId: text(1),
    envoyId: text(2),
    policyVersion: BigInt.asUintN(64, number(3)),
    issuedAtMs: BigInt.asIntN(64, number(4)),
    expiresAtMs: BigInt.asIntN(64, number(5)),
    bodyDigest: texts.get(6) ?? new Uint8Array(),
  };
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw broken();
    throw error;
  }
}

function fixedWidth(wire: number): number {
  if (wire === 1) return 8;
  if (wire === 5) return 4;
  throw broken();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw broken();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw broken();
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw broken();
    const taken = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

const broken = () => new VigoError("invalid", "the ticket cannot be read");
