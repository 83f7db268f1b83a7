/**
 * The calls that are not worth a path of their own, through the Connect router; gRPC only, without compression, so that no
 * small message becomes a large one. Must not know what the calls do.
 */
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { asVigoError, failures, VigoError } from "../../../core/errors.ts";
import { CheckInRequestSchema } from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { Gathered, unframe } from "./framing.ts";
import type { Peer } from "./gate.ts";
import { readPayload } from "./payload.ts";
import { Refusal } from "./refusal.ts";
import { tooLarge } from "./unary.ts";

/** What is asked here names things: what agents have to tell comes another way. */
const mostAsked = 256 * 1024;

const peerKey = createContextKey<Peer | undefined>(undefined);

export interface RouterOptions {
  /** Registers the implementations. */
  readonly routes: (router: ConnectRouter) => void;
  readonly maxBytes: number;
  readonly peerOf: (request: Http2ServerRequest) => Peer;
  /** Whatever made a call fail. */
  readonly failed: (caught: unknown) => void;
}

/** For the `request` event. Never throws, and never rejects. */
export function router(options: RouterOptions) {
  const { routes, maxBytes } = options;
  const made = createConnectRouter({
    grpcWeb: false,
    connect: false,
    acceptCompression: [],
    writeMaxBytes: maxBytes,
  });
  routes(made);
  const handlers = new Map(made.handlers.map((handler) => [handler.requestPath, handler]));

  return (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    const handler = handlers.get(request.url);
    if (handler === undefined || request.authority === undefined) {
      response.writeHead(handler === undefined ? 404 : 400).end();
      return;
    }
    run(handler, request, response, options).catch((caught: unknown) => {
      options.failed(caught);
      response.stream.close();
    });
  };
}

async function run(
  handler: UniversalHandler,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  { maxBytes, peerOf, failed }: RouterOptions,
): Promise<void> {
  const most = Math.min(maxBytes, mostAsked);
  const values = createContextValues().set(peerKey, peerOf(request));
  const plain = universalRequestFromNodeRequest(request, response, undefined, values);
  const isOne = ["unary", "server_streaming"].includes(handler.method.methodKind);
  const sent = plain.body as AsyncIterable<Uint8Array>;
  // None of the others is served here, so that nobody reads them.
  const body = isOne ? readable(sent, most, failed) : sent;
  // The caller may still be sending what nobody will read.
  request.stream.once("finish", () => {
    if (!request.stream.readableEnded) request.stream.close();
  });
  await universalResponseToNodeResponse(await handler({ ...plain, body }), response);
}

/**
 * In the router's place: it would refuse a large message as well, but tell nobody, and call one that nobody can read an error of the
 * server's own.
 */
async function* readable(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  failed: (caught: unknown) => void,
): AsyncIterable<Uint8Array> {
  try {
    yield await oneMessage(body, limit);
  } catch (caught) {
    failed(caught);
    throw asConnectError(caught);
  }
}

/** Framed, as it came. What is left is not read: to end the reading would end the request before it is answered. */
async function oneMessage(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array> {
  const gathered = new Gathered();
  const pieces = body[Symbol.asyncIterator]();
  let message = unframe(gathered.bytes, limit);
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    gathered.add(next.value);
    message = unframe(gathered.bytes, limit);
    if (message === "large") throw tooLarge(limit);
    // Nothing that may still come makes it whole.
    if (message === "broken") break;
  }
  if (typeof message === "string") throw new VigoError("invalid", "not one whole message");
  // All requests are one signed payload.
  readPayload(CheckInRequestSchema, message);
  return gathered.bytes;
}

/** Runs an implementation for the peer that calls, and turns what it throws into a status. */
export async function serving<R>(
  context: HandlerContext,
  failed: (caught: unknown) => void,
  serve: (peer: Peer) => Promise<R>,
): Promise<R> {
  const peer = context.values.get(peerKey);
  if (peer === undefined) throw new Error("a call came past the router");
  try {
    return await serve(peer);
  } catch (caught) {
    failed(caught);
    throw asConnectError(caught);
  }
}

function asConnectError(caught: unknown): ConnectError {
  const error = asVigoError(caught);
  const metadata = error instanceof Refusal ? error.metadata : {};
  const code: Code = failures[error.failure].grpc;
  return new ConnectError(error.message, code, metadata);
}
