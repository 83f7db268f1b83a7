/**
 * One unary call straight on the HTTP/2 stream: a message in, a message or a status out. Spares the check-in what a general
 * router costs. Must not know any method.
 */
import type { ServerHttp2Stream } from "node:http2";
import { asVigoError, failures, VigoError } from "../../../core/errors.ts";
import { maxMessageBytes } from "../../../core/wire/service.ts";
import { encodeMessage, frame, Gathered, unframe } from "./framing.ts";
import type { Peer } from "./gate.ts";
import { Refusal } from "./refusal.ts";
import type { Turn } from "./turn.ts";

/** Throws or rejects with a `VigoError` for what the caller may be told. */
export type Unary = (message: Uint8Array, peer: Peer) => Uint8Array | Promise<Uint8Array>;

export interface Call {
  readonly handle: Unary;
  readonly peer: Peer;
  readonly maxBytes?: number;
  /** Asked once, before a large message is taken (d: there is). */
  isRoomFor?(): boolean;
  readonly turn: Pick<Turn, "take">;
  /** Whatever made it fail. */
  failed(caught: unknown): void;
}

/** Above it a message is large. */
const largeBytes = 64 * 1024;

const contentType = "application/grpc+proto";
const accepted = { ":status": 200, "content-type": contentType };
const ok = { "grpc-status": "0" };
/** gRPC has no use for a date, which would be made and sent with each answer. */
const how = { waitForTrailers: true, sendDate: false };

export function serveUnary(stream: ServerHttp2Stream, call: Call): void {
  const { maxBytes = maxMessageBytes } = call;
  const received = new Gathered();
  let isLarge = false;
  let done = false;

  const finish = (act: () => void) => {
    if (done) return;
    done = true;
    act();
  };
  const refuse = (caught: unknown) => finish(() => fail(stream, call, caught));

  stream.on("data", (chunk: Buffer) => {
    if (done) return;
    received.add(chunk);
    if (!isLarge && received.length > largeBytes) {
      isLarge = true;
      if (call.isRoomFor?.() === false) return refuse(tooManyLarge());
    }
    const known = unframe(received.bytes, maxBytes);
    if (known === "large") refuse(tooLarge(maxBytes));
    // Nothing that may still come makes it whole, and it may come without end.
    if (known === "broken") refuse(notWhole());
  });
  stream.on("end", () => {
    const message = unframe(received.bytes, maxBytes);
    if (typeof message === "string") refuse(notWhole());
    else finish(() => call.turn.take(() => answer(stream, call, message)));
  });
  // A caller that hangs up ends its stream with an error: nobody is left to answer, and nothing has failed here.
  stream.on("error", () => finish(() => {}));
}

const tooManyLarge = () =>
  new VigoError("limited", "too many large messages at once over one connection");

const notWhole = () => new VigoError("invalid", "not one whole message");

export const tooLarge = (limit: number): Refusal =>
  new Refusal("size", `a message may have ${limit} bytes at most`);

function answer(stream: ServerHttp2Stream, call: Call, message: Uint8Array): void {
  try {
    const reply = call.handle(message, call.peer);
    if (reply instanceof Promise)
      reply.then(
        (bytes) => respond(stream, bytes),
        (caught: unknown) => fail(stream, call, caught),
      );
    else respond(stream, reply);
  } catch (caught) {
    fail(stream, call, caught);
  }
}

function respond(stream: ServerHttp2Stream, message: Uint8Array): void {
  if (stream.destroyed) return;
  stream.respond(accepted, how);
  stream.once("wantTrailers", () => stream.sendTrailers(ok));
  stream.end(frame(message));
}

function fail(stream: ServerHttp2Stream, call: Call, caught: unknown): void {
  call.failed(caught);
  if (stream.destroyed || stream.headersSent) return;
  const error = asVigoError(caught);
  stream.respond(
    {
      ":status": 200,
      "content-type": contentType,
      "grpc-status": String(failures[error.failure].grpc),
      "grpc-message": encodeMessage(error.message),
      ...(error instanceof Refusal ? error.metadata : {}),
    },
    { endStream: true },
  );
  // The caller may still be sending what nobody will read.
  if (!stream.readableEnded) stream.close();
}
