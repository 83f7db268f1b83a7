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
  /** Calls that bring a large message, and have not ended. */
  large: number;
}

/** Of one connection: an agent tells one thing after the other, and what is not whole yet has to be held. */
const mostLarge = 2;

/**
 * Connections that show one certificate: an agent has one or two, and may have lost some that nobody has found out about. An envoy that
 * opens more takes nobody's place but its own.
 */
const mostOfOne = 8;

export class Connections {
  readonly #open = new Map<Http2Session, Open>();
  /** How many show a certificate. */
  readonly #showing = new Map<string, number>();
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

  /** A call is about to bring a large message; false: there are too many already. */
  largeBegins(stream: ServerHttp2Stream): boolean {
    const open = stream.session && this.#open.get(stream.session);
    if (open === undefined || open.large >= mostLarge) return false;
    open.large++;
    stream.once("close", () => open.large--);
    return true;
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
    const peer = provenPeer(session.socket as TLSSocket);
    this.#makeRoom(peer.certificate);
    this.#open.set(session, {
      peer,
      idleMs: this.#open.size < keptConnections ? idleMs : briefMs,
      heardAt: performance.now(),
      held: 0,
      large: 0,
    });
    session.on("close", () => this.#forget(session, peer));
  }

  #forget(session: Http2Session, { certificate }: Peer): void {
    if (this.#open.delete(session)) this.#count(certificate, -1);
  }

  /** The one that is ended is not needed for a call that stays open, and has been silent for longest. */
  #makeRoom(certificate: string): void {
    const count = this.#count(certificate, 1);
    if (count <= mostOfOne) return;
    const own = [...this.#open].filter(([, { peer }]) => peer.certificate === certificate);
    const [first] = own.sort(([, a], [, b]) => a.held - b.held || a.heardAt - b.heardAt);
    if (first === undefined) return;
    const [session, { peer }] = first;
    this.#forget(session, peer);
    session.destroy();
  }

  #count(certificate: string, more: 1 | -1): number {
    const count = (this.#showing.get(certificate) ?? 0) + more;
    if (count === 0) this.#showing.delete(certificate);
    else this.#showing.set(certificate, count);
    return count;
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
