/** Signs the ticket that says which body an envoy must enforce. Must not know policy. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type SigningKey, sign } from "../pki/keys.ts";
import {
  type SealedTicket,
  SealedTicketSchema,
  type Ticket,
  TicketSchema,
} from "../wire/gen/vigo/v1/agent_pb.ts";

const domain = new TextEncoder().encode("vigo.v1.ticket\0");

/** What a ticket's signature covers: a domain, and the ticket's bytes as they travel. */
export function ticketMessage(ticket: Uint8Array): Uint8Array {
  const message = new Uint8Array(domain.length + ticket.length);
  message.set(domain);
  message.set(ticket, domain.length);
  return message;
}

export function sealTicket(
  ticket: Omit<Ticket, "$typeName" | "$unknown">,
  key: SigningKey,
): SealedTicket {
  const bytes = toBinary(TicketSchema, create(TicketSchema, ticket));
  return create(SealedTicketSchema, { ticket: bytes, signature: sign(ticketMessage(bytes), key) });
}
