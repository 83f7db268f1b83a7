/** The signed order that a query is, one for all who are asked. Must not know who that is. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { Query } from "../../../core/query/query.ts";
import { OrderKind, QuerySchema } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { sealOrder } from "../../../core/wire/order.ts";
import { framed } from "../grpc/streams.ts";
import type { Signing } from "../tasks/orders.ts";

/** Clocks of envoys differ by so much; and a copy that comes within it is known by its id. */
const skewMs = 300_000;

export interface Wanted {
  readonly id: string;
  readonly query: Query;
  readonly timeoutMs: number;
  /** Of one machine's values. */
  readonly answerLimit: number;
}

/** As it goes over every stream. */
export function queryOrder(wanted: Wanted, signing: Signing, now: number): Uint8Array {
  const { id, query, timeoutMs, answerLimit } = wanted;
  const { where, paths } = query;
  const message = create(QuerySchema, { where, paths: [...paths], timeoutMs, answerLimit });
  const order = {
    kind: OrderKind.QUERY,
    id,
    envoyId: "",
    issuedAtMs: BigInt(now),
    expiresAtMs: BigInt(now + timeoutMs + skewMs),
    payload: toBinary(QuerySchema, message),
  };
  return framed({ case: "order", value: sealOrder(order, signing) });
}
