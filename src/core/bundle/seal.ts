/** Signs the ticket that says which body an envoy must enforce. Must not know policy. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type SigningKey, sign } from "../pki/keys.ts";
import {
  type SealedTicket,
  SealedTicketSchema,
  type Ticket,
  TicketSchema,
} from "../wire/gen/vigo/v1/agent_pb.ts";
import { ticketMessage } from "../wire/ticket.ts";

export function sealTicket(
  ticket: Omit<Ticket, "$typeName" | "$unknown">,
  key: SigningKey,
): SealedTicket {
  const bytes = toBinary(TicketSchema, create(TicketSchema, ticket));
  return create(SealedTicketSchema, { ticket: bytes, signature: sign(ticketMessage(bytes), key) });
}
