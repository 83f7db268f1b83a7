/**
 * The only maker of a `VerifiedBundle`: signature, addressee, age, expiry, digest, then the shape of the body. Must not
 * know where the bytes came from (the wire or the cache: both are checked alike), nor the resource types.
 */
import { VigoError } from "../errors.ts";
import { sha256, type VerifyKey, verify } from "../pki/keys.ts";
import { readTicket, type Ticket, ticketMessage } from "../wire/ticket.ts";
import type { Body } from "./body.ts";

declare const proof: unique symbol;

/** A ticket as it travels, and the signature over it. */
export interface SealedTicket {
  readonly ticket: Uint8Array;
  readonly signature: Uint8Array;
}

export interface VerifiedBundle {
  readonly [proof]: true;
  readonly ticket: Ticket;
  readonly body: Body;
}

/** The highest (version, issued) this envoy has ever accepted. */
export interface Floor {
  readonly policyVersion: bigint;
  readonly issuedAtMs: bigint;
}

export interface Trust {
  readonly envoyId: string;
  /** Bundle-verification keys by key id. */
  readonly keys: ReadonlyMap<string, VerifyKey>;
  readonly floor: Floor;
  readonly now: Date;
}

/** Throws `denied` for what must not be obeyed, `invalid` for what cannot be read. */
export function openTicket({ ticket: bytes, signature }: SealedTicket, trust: Trust): Ticket {
  const ticket = readTicket(bytes);
  const key = trust.keys.get(ticket.keyId);
  if (key === undefined)
    throw refused(`it is signed with key ${ticket.keyId}, which this agent does not trust`, {
      hint: "vigo agent trust --token TOKEN",
    });
  if (!verify(ticketMessage(bytes), signature, key)) throw refused("its signature is wrong");
  if (ticket.envoyId !== trust.envoyId) throw refused(`it is for envoy ${ticket.envoyId}`);
  if (isBelow(ticket, trust.floor))
    throw refused(
      `version ${ticket.policyVersion} is older than ${trust.floor.policyVersion}, which was accepted before`,
    );
  if (ticket.expiresAtMs !== 0n && ticket.expiresAtMs <= BigInt(trust.now.getTime()))
    throw refused(`it expired at ${new Date(Number(ticket.expiresAtMs)).toISOString()}`);
  return ticket;
}

export function openBundle(sealed: SealedTicket, bytes: Uint8Array, trust: Trust): VerifiedBundle {
  const ticket = openTicket(sealed, trust);
  if (!Buffer.from(sha256(bytes)).equals(ticket.bodyDigest))
    throw refused("its body is not the one the ticket names");
  return { ticket, body: parseBody(bytes) } as VerifiedBundle;
}

const isBelow = (ticket: Ticket, floor: Floor): boolean =>
  ticket.policyVersion < floor.policyVersion ||
  (ticket.policyVersion === floor.policyVersion && ticket.issuedAtMs < floor.issuedAtMs);

function parseBody(bytes: Uint8Array): Body {
  const body: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (typeof body === "object" && body !== null && "format" in body && body.format === 1)
    return body as Body;
  throw new VigoError("invalid", "the bundle's format is newer than this agent", {
    hint: "update the agent",
  });
}

const refused = (why: string, options: { readonly hint?: string } = {}) =>
  new VigoError("denied", `the bundle is refused: ${why}`, options);
