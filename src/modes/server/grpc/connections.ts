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

interface Open {
  readonly peer: Peer;
  /** It may be silent for so long. */
  readonly idleMs: number;
  /** When a call began or a held one ended, on the clock of `performance`. */
  heardAt: number;
  /** Calls that stay open: who makes one is not idle, however long nobody says a word. */
  held: number;
}

export class Connections {
  readonly #open = new Map<Http2Session, Open>();
  readonly #server: Http2SecureServer;
  readonly #limits: Limits;
  readonly #metrics: GrpcMetrics;
  /** One for all: a timer for each would be set anew by each call, and be kept for each. */
  readonly #sweeper: ReturnType<typeof setInterval>;

  constructor(server: Http2SecureServer, limits: Limits, metrics: GrpcMetrics) {
    this.#server = server;
    this.#limits = limits;
    this.#metrics = metrics;
    server.maxConnections = limits.maxConnections;
    server.on("drop", () => metrics.tlsRefused.add("limit"));
    server.on("session", (session) => this.#opened(session));
    server.on("tlsClientError", (error) => metrics.tlsRefused.add(tlsReason(error)));
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(limits.briefMs, limits.idleMs) / 4);
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Undefined once the connection has ended. */
  peer(session: Http2Session | undefined): Peer | undefined {
    return session && this.#open.get(session)?.peer;
  }

  /** A call has begun: whose is it? */
  heard(session: Http2Session | undefined): Peer | undefined {
    const open = session && this.#open.get(session);
    this.#metrics.begun++;
    if (open !== undefined) open.heardAt = performance.now();
    return open?.peer;
  }

  /** A call that stays open has begun. */
  hold(stream: ServerHttp2Stream): void {
    const open = stream.session && this.#open.get(stream.session);
    if (open === undefined) return;
    open.held++;
    stream.once("close", () => {
      open.held--;
      open.heardAt = performance.now();
    });
  }

  /** Ends those that showed one of these certificates. */
  cut(...certificates: readonly (string | undefined)[]): void {
    for (const [session, { peer }] of this.#open)
      if (certificates.includes(peer.certificate)) session.destroy();
  }

  /** Takes no more, lets the calls under way finish for a while, then cuts. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#open.keys()) session.close();
    const late = setTimeout(() => {
      for (const session of this.#open.keys()) session.destroy();
    }, graceMs);
    await closed;
    clearTimeout(late);
  }

  #opened(session: Http2Session): void {
    this.#metrics.begun++;
    session.on("error", (error: Error & { readonly code?: string }) =>
      this.#metrics.connectionErrors.add(error.code ?? error.name),
    );
    const { keptConnections, idleMs, briefMs } = this.#limits;
    this.#open.set(session, {
      peer: provenPeer(session.socket as TLSSocket),
      idleMs: this.#open.size < keptConnections ? idleMs : briefMs,
      heardAt: performance.now(),
      held: 0,
    });
    session.on("close", () => this.#open.delete(session));
  }

  /** A call that is under way when its connection is ended is answered all the same. */
  #sweep(): void {
    const now = performance.now();
    for (const [session, { held, heardAt, idleMs }] of this.#open)
      if (held === 0 && now - heardAt > idleMs) session.close();
  }
}

/** Read once a connection: it costs a third of a check-in. */
function provenPeer(socket: TLSSocket): Peer {
  const certificate = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
  return { certificate, address: socket.remoteAddress ?? "" };
}
