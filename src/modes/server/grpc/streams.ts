/**
 * The open streams of AgentService: one an envoy, heard and written to; wished for while somebody has something to tell the envoy, let
 * go when nobody has. Must not know what orders want.
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ServerHttp2Stream } from "node:http2";
import { VigoError } from "../../../core/errors.ts";
import {
  type Signed,
  StreamOpenSchema,
  type StreamRequest,
  StreamRequestSchema,
  StreamResponseSchema,
} from "../../../core/wire/gen/vigo/v1/agent_pb.ts";
import { beatMs, methods } from "../../../core/wire/service.ts";
import type { Envoy } from "../envoys/envoy.ts";
import type { Fleet } from "../envoys/fleet.ts";
import type { Gate, Peer } from "./gate.ts";
import { frame } from "./framing.ts";
import { readPayload } from "./payload.ts";
import { Refusal } from "./refusal.ts";
import { type Channel, type Conversation, converse } from "./stream.ts";

/** Who has something to tell envoys, and wants to hear them. */
export interface Correspondent {
  /** There are orders for it that need a stream. */
  wants(envoyId: string): boolean;
  opened(envoy: Envoy): void;
  heard(envoy: Envoy, message: StreamRequest["message"]): Promise<void> | void;
}

export interface StreamsOptions {
  readonly fleet: Fleet;
  /** `checkin.stream: always` */
  readonly always: boolean;
  /** An idle stream is let go after it (d: 5 min). */
  readonly idleMs?: number;
  /** A caller has to say who it is by then (d: 10 s). */
  readonly helloMs?: number;
  /** How often that is looked at (d: 15 s). */
  readonly sweepMs?: number;
  readonly now?: () => number;
}

/** A message as it goes over a stream. */
export const framed = (
  message: MessageInitShape<typeof StreamResponseSchema>["message"] & {},
): Uint8Array => frame(toBinary(StreamResponseSchema, create(StreamResponseSchema, { message })));

interface Open {
  readonly channel: Channel;
  heardAt: number;
  /** Somebody wanted it last. */
  usedAt: number;
}

/** Nobody is anybody before it. */
const helloBytes = 64 * 1024;
const silentMs = 2.5 * beatMs;

export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<string, Open>();
  readonly #sweeper: ReturnType<typeof setInterval>;
  readonly #correspondents: Correspondent[] = [];
  #closed = false;

  constructor(options: StreamsOptions) {
    this.#options = options;
    options.fleet.onRevoke(({ id }) => this.#open.get(id)?.channel.cut());
    this.#sweeper = setInterval(() => this.#sweep(), options.sweepMs ?? 15_000);
    this.#sweeper.unref();
  }

  /** vigo_streams_open */
  get size(): number {
    return this.#open.size;
  }

  /** All that is heard is told to each of those who serve, and each heeds what is its own. */
  serve(correspondent: Correspondent): void {
    this.#correspondents.push(correspondent);
  }

  /** Should the envoy be told to open one? */
  isWished(envoyId: string): boolean {
    if (this.#open.has(envoyId)) return true;
    return this.#options.always || this.#isWanted(envoyId);
  }

  isOpen(envoyId: string): boolean {
    return this.#open.has(envoyId);
  }

  /** False: there is none, or it takes nothing. */
  send(
    envoyId: string,
    message: MessageInitShape<typeof StreamResponseSchema>["message"],
  ): boolean {
    return message !== undefined && this.sendFramed(envoyId, framed(message));
  }

  /** The same bytes may go to many: what `framed` gave. */
  sendFramed(envoyId: string, bytes: Uint8Array): boolean {
    const open = this.#open.get(envoyId);
    if (open === undefined) return false;
    open.usedAt = this.#now();
    return open.channel.send(bytes);
  }

  /** For the `stream` event of port 1530. */
  accept(
    stream: ServerHttp2Stream,
    at: {
      readonly gate: Gate;
      readonly peer: Peer;
      readonly maxBytes: number;
      failed(caught: unknown): void;
    },
  ): void {
    if (this.#closed) stream.close();
    else converse(stream, (channel) => this.#conversation(channel, at));
  }

  /** Agents come again, to whoever listens then. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    for (const { channel } of this.#open.values()) channel.cut();
    this.#open.clear();
  }

  #conversation(channel: Channel, at: Parameters<Streams["accept"]>[1]): Conversation {
    let envoy: Envoy | undefined;
    const late = setTimeout(() => channel.cut(), this.#options.helloMs ?? 10_000);
    return {
      mostBytes: () => (envoy === undefined ? Math.min(helloBytes, at.maxBytes) : at.maxBytes),
      heard: (bytes) => {
        const { message } = readPayload(StreamRequestSchema, bytes);
        if (envoy !== undefined) return this.#heard(envoy, channel, message);
        clearTimeout(late);
        if (message.case !== "open")
          throw new VigoError("invalid", "a stream begins with who opens it");
        envoy = this.#admit(message.value, at);
        this.#begin(envoy, channel);
      },
      closed: () => {
        clearTimeout(late);
        if (envoy !== undefined && this.#open.get(envoy.id)?.channel === channel)
          this.#open.delete(envoy.id);
      },
      failed: at.failed,
    };
  }

  #admit(signed: Signed, { gate, peer }: Parameters<Streams["accept"]>[1]): Envoy {
    const envoy = gate.admit(signed, methods.stream, peer);
    const hello = readPayload(StreamOpenSchema, signed.payload);
    if (!this.#options.fleet.admits(envoy, hello))
      throw new Refusal("cloned", "another machine uses this envoy's identity; this one waits");
    return envoy;
  }

  /** The newest is the one that is heard: the one before may be half dead. */
  #begin(envoy: Envoy, channel: Channel): void {
    const now = this.#now();
    this.#open.get(envoy.id)?.channel.cut();
    this.#open.set(envoy.id, { channel, heardAt: now, usedAt: now });
    channel.accept();
    for (const correspondent of this.#correspondents) correspondent.opened(envoy);
  }

  #heard(envoy: Envoy, channel: Channel, message: StreamRequest["message"]): Promise<void> | void {
    const open = this.#open.get(envoy.id);
    if (open?.channel !== channel) return;
    open.heardAt = this.#now();
    if (message.case === "open") throw new VigoError("invalid", "a stream is opened once");
    if (message.case !== "beat") return this.#tell(envoy, message);
  }

  /** Waits only where somebody has to: then nothing further is read from this envoy. */
  #tell(envoy: Envoy, message: StreamRequest["message"]): Promise<void> | void {
    const waits = this.#correspondents.flatMap((each) => each.heard(envoy, message) ?? []);
    if (waits.length > 0) return Promise.all(waits).then(() => {});
  }

  #isWanted(envoyId: string): boolean {
    return this.#correspondents.some((each) => each.wants(envoyId));
  }

  #sweep(): void {
    const { always, idleMs = 300_000 } = this.#options;
    const now = this.#now();
    for (const [id, open] of this.#open) {
      if (this.#isWanted(id)) open.usedAt = now;
      if (now - open.heardAt > silentMs) open.channel.cut();
      else if (!always && now - open.usedAt > idleMs) this.#letGo(id, open);
    }
  }

  #letGo(id: string, { channel }: Open): void {
    this.#open.delete(id);
    channel.end();
  }

  #now(): number {
    return (this.#options.now ?? performance.now.bind(performance))();
  }
}
