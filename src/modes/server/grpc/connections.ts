/**
 * The open connections of port 1530: who is at the other end, how many there may be, when one is ended. Must not know calls.
 */
import type { Http2SecureServer, Http2Session, ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Peer } from "./gate.ts";
import type { GrpcMetrics } from "./metrics.ts";
import { tlsReason } from "./tls.ts";

export interface Limits {
  /** None are taken above this … */
  readonly maxConnections: number;
  /** … and those above this are ended as soon as they are idle, so that a larger fleet takes turns. */
  readonly keptConnections: number;
  readonly idleMs: number;
  /** The same for those that are not kept. */
  readonly briefMs: number;
}

export class Connections {
  readonly #peers = new Map<Http2Session, Peer>();
  /** Calls that stay open: who makes one is not idle, however long nobody says a word. */
  readonly #held = new Map<Http2Session, number>();
  readonly #server: Http2SecureServer;
  readonly #limits: Limits;
  readonly #metrics: GrpcMetrics;

  constructor(server: Http2SecureServer, limits: Limits, metrics: GrpcMetrics) {
    this.#server = server;
    this.#limits = limits;
    this.#metrics = metrics;
    server.maxConnections = limits.maxConnections;
    server.on("drop", () => metrics.tlsRefused.add("limit"));
    server.on("session", (session) => this.#opened(session));
    server.on("tlsClientError", (error) => metrics.tlsRefused.add(tlsReason(error)));
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Undefined once the connection has ended. */
  peer(session: Http2Session | undefined): Peer | undefined {
    return session && this.#peers.get(session);
  }

  /** A call that stays open has begun. */
  hold(stream: ServerHttp2Stream): void {
    const { session } = stream;
    if (session === undefined) return;
    this.#held.set(session, (this.#held.get(session) ?? 0) + 1);
    stream.once("close", () => this.#let(session));
  }

  #let(session: Http2Session): void {
    const left = (this.#held.get(session) ?? 1) - 1;
    if (left > 0) this.#held.set(session, left);
    else this.#held.delete(session);
  }

  /** Ends those that showed one of these certificates. */
  cut(...certificates: readonly (string | undefined)[]): void {
    for (const [session, { certificate }] of this.#peers)
      if (certificates.includes(certificate)) session.destroy();
  }

  /** Takes no more, lets the calls under way finish for a while, then cuts. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#peers.keys()) session.close();
    const late = setTimeout(() => {
      for (const session of this.#peers.keys()) session.destroy();
    }, graceMs);
    await closed;
    clearTimeout(late);
  }

  #opened(session: Http2Session): void {
    session.on("error", (error: Error & { readonly code?: string }) =>
      this.#metrics.connectionErrors.add(error.code ?? error.name),
    );
    const { keptConnections, idleMs, briefMs } = this.#limits;
    const isKept = this.#peers.size < keptConnections;
    this.#peers.set(session, provenPeer(session.socket as TLSSocket));
    session.on("close", () => this.#peers.delete(session));
    session.setTimeout(isKept ? idleMs : briefMs, () => {
      if (!this.#held.has(session)) session.close();
    });
  }
}

/** Read once a connection: it costs a third of a check-in. */
function provenPeer(socket: TLSSocket): Peer {
  const certificate = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
  return { certificate, address: socket.remoteAddress ?? "" };
}
