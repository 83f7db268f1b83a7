/**
 * One stream of messages both ways, straight on the HTTP/2 stream: what comes is handled one after the other and not read ahead, what
 * goes is limited by what the other end takes. Must not know what the messages are.
 */
import type { ServerHttp2Stream } from "node:http2";
import { asVigoError, failures, VigoError } from "../../../core/errors.ts";
import { encodeMessage, Gathered } from "./framing.ts";
import { Refusal } from "./refusal.ts";
import { tooLarge } from "./unary.ts";

export interface Conversation {
  /** What the next message may have, in bytes. */
  mostBytes(): number;
  /** Rejects with what the other end may be told; that ends the stream. */
  heard(message: Uint8Array): Promise<void> | void;
  /** Nobody is there any more, for whatever reason; once. */
  closed(): void;
  /** Whatever made it fail. */
  failed(caught: unknown): void;
}

export interface Channel {
  /** The other end is welcome, and hears of it. */
  accept(): void;
  /** What `frame` gave. False: the other end does not take what it was sent, and the stream is cut. */
  send(framed: Uint8Array): boolean;
  /** In peace: the other end need not come back. */
  end(): void;
  cut(): void;
}

/** Of what was sent and not taken yet, in bytes. */
const mostUntaken = 1024 * 1024;

const opened = { ":status": 200, "content-type": "application/grpc+proto" };

export function converse(
  stream: ServerHttp2Stream,
  begin: (channel: Channel) => Conversation,
): void {
  let over = false;
  const channel: Channel = {
    accept: () => open(stream),
    send(framed) {
      if (over || stream.destroyed) return false;
      open(stream);
      stream.write(framed);
      if (stream.writableLength <= mostUntaken) return true;
      this.cut();
      return false;
    },
    end: () => finish(stream, { "grpc-status": "0" }),
    cut: () => stream.close(cancelled),
  };
  const talk = begin(channel);
  const closed = () => {
    if (over) return;
    over = true;
    talk.closed();
  };
  const refuse = (caught: unknown) => {
    if (over) return;
    talk.failed(caught);
    const error = asVigoError(caught);
    finish(stream, {
      "grpc-status": String(failures[error.failure].grpc),
      "grpc-message": encodeMessage(error.message),
      ...(error instanceof Refusal ? error.metadata : {}),
    });
    closed();
    // It may still be sending what nobody will read.
    if (stream.writableFinished) stream.close();
    else stream.once("finish", () => stream.close());
  };
  const parts = new Deframer(() => talk.mostBytes());
  let work: Promise<void> | undefined;
  const handle = async (chunk: Uint8Array) => {
    for (const message of parts.add(chunk)) {
      if (over) return;
      await talk.heard(message);
    }
  };
  stream.on("data", (chunk: Buffer) => {
    if (over) return;
    stream.pause();
    work = (work ?? Promise.resolve()).then(() => handle(chunk)).catch(refuse);
    void work.then(() => stream.resume());
  });
  stream.on("end", () => {
    finish(stream, { "grpc-status": "0" });
    closed();
  });
  stream.on("close", closed);
  // A caller that hangs up ends its stream with an error: nobody is left to answer, and nothing has failed here.
  stream.on("error", closed);
}

/** NGHTTP2_CANCEL (RFC 9113 §7). */
const cancelled = 8;

function open(stream: ServerHttp2Stream): void {
  if (!stream.headersSent && !stream.destroyed) stream.respond(opened, { waitForTrailers: true });
}

function finish(stream: ServerHttp2Stream, trailers: Readonly<Record<string, string>>): void {
  if (stream.destroyed || stream.writableEnded) return;
  if (!stream.headersSent) {
    stream.respond({ ...opened, ...trailers }, { endStream: true });
    return;
  }
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end();
}

/** Whole messages out of what arrives in any pieces. */
class Deframer {
  readonly #rest = new Gathered();

  constructor(readonly mostBytes: () => number) {}

  *add(chunk: Uint8Array): Iterable<Uint8Array> {
    this.#rest.add(chunk);
    for (;;) {
      const { bytes } = this.#rest;
      if (bytes.length < 5) return;
      const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
      const most = this.mostBytes();
      if (length > most) throw tooLarge(most);
      if (bytes[0] !== 0) throw new VigoError("invalid", "not an uncompressed message");
      if (bytes.length < 5 + length) return;
      this.#rest.drop(5 + length);
      yield bytes.subarray(5, 5 + length);
    }
  }
}
