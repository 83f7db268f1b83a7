/**
 * Orders: what the server tells an agent to do, as statements signed by the bundle key (docs/design/semantics.md §5), so that a
 * stolen stream orders nothing. Must not know transports, nor what an order's payload wants.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { VigoError } from "../errors.ts";
import { type SigningKey, sign, type VerifyKey, verify } from "../pki/keys.ts";
import {
  type Order,
  OrderKind,
  OrderSchema,
  type SignedOrder,
  SignedOrderSchema,
} from "./gen/vigo/v1/agent_pb.ts";

const domain = new TextEncoder().encode("vigo.v1.order\0");

/** What an order's signature covers: a domain, and the order's bytes as they travel. */
function orderMessage(order: Uint8Array): Uint8Array {
  const message = new Uint8Array(domain.length + order.length);
  message.set(domain);
  message.set(order, domain.length);
  return message;
}

export function sealOrder(
  order: Omit<Order, "$typeName" | "$unknown" | "keyId">,
  { id: keyId, key }: { readonly id: string; readonly key: SigningKey },
): SignedOrder {
  const bytes = toBinary(OrderSchema, create(OrderSchema, { ...order, keyId }));
  return create(SignedOrderSchema, { order: bytes, signature: sign(orderMessage(bytes), key) });
}

export interface OrderTrust {
  readonly envoyId: string;
  /** Bundle-verification keys by key id. */
  readonly keys: ReadonlyMap<string, VerifyKey>;
}

/** Throws `denied` for what must not be obeyed, `invalid` for what cannot be read. Whether it has expired is for the caller. */
export function openOrder(
  { order: bytes, signature }: Pick<SignedOrder, "order" | "signature">,
  { envoyId, keys }: OrderTrust,
): Order {
  const order = readOrder(bytes);
  const key = keys.get(order.keyId);
  if (key === undefined)
    throw refused(`it is signed with key ${order.keyId}, which this agent does not trust`, {
      hint: "vigo agent trust --token TOKEN",
    });
  if (!verify(orderMessage(bytes), signature, key)) throw refused("its signature is wrong");
  if (order.envoyId !== envoyId && !isForAll(order))
    throw refused(`it is for envoy ${order.envoyId}`);
  return order;
}

/** A query changes nothing, and one signature is enough for the whole fleet. */
const isForAll = ({ kind, envoyId }: Order): boolean => kind === OrderKind.QUERY && envoyId === "";

/** What it says that it wants, before anybody has looked at its signature. Throws `invalid` for what cannot be read. */
export const kindOf = ({ order }: Pick<SignedOrder, "order">): OrderKind => readOrder(order).kind;

function readOrder(bytes: Uint8Array): Order {
  try {
    return fromBinary(OrderSchema, bytes);
  } catch (cause) {
    throw new VigoError("invalid", "the order cannot be read", { cause });
  }
}

const refused = (why: string, options: { readonly hint?: string } = {}) =>
  new VigoError("denied", `the order is refused: ${why}`, options);
