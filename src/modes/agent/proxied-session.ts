/**
 * HTTP/2 sessions through a proxy. The runtime wants a connection at once when it opens a session, and one through a proxy takes two
 * steps: it is made before. Must not know what is called.
 */
import type { ClientHttp2Stream } from "node:http2";
import { connect, type ConnectionOptions } from "node:tls";
import type { Socket } from "node:net";
import { Http2SessionManager } from "@connectrpc/connect-node";
import type { ProxySettings } from "./proxy.ts";
import { tunnelTo } from "./tunnel.ts";

type Keep = ConstructorParameters<typeof Http2SessionManager>[1];
type Sessions = Pick<Http2SessionManager, "authority" | "request" | "notifyResponseByteRead">;

/** A session was to be opened, and no way was there yet. */
class NoWay extends Error {}

export class ProxiedSession implements Sessions {
  readonly authority: string;
  readonly #inner: Http2SessionManager;
  readonly #tunnel: () => Promise<Socket | undefined>;
  /** Open, and not used. */
  #next: Socket | undefined;
  /** One is made at a time, for all who ask. */
  #making: Promise<void> | undefined;

  constructor(server: string, keep: Keep, tls: ConnectionOptions, proxy: ProxySettings) {
    const createConnection = () =>
      connect({ ...tls, ALPNProtocols: ["h2"], socket: this.#taken() });
    this.#inner = new Http2SessionManager(`https://${server}`, keep, { createConnection });
    this.authority = this.#inner.authority;
    this.#tunnel = () => tunnelTo(server, proxy);
  }

  async request(...asked: Parameters<Sessions["request"]>): Promise<ClientHttp2Stream> {
    if (["closed", "error"].includes(this.#inner.state())) await this.#prepare();
    try {
      return await this.#inner.request(...asked);
    } catch (error) {
      // The session before turned out to be dead.
      if (!(error instanceof NoWay)) throw error;
      await this.#prepare();
      return this.#inner.request(...asked);
    }
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.#inner.notifyResponseByteRead(stream);
  }

  abort(): void {
    this.#inner.abort();
    this.#next?.destroy();
    this.#next = undefined;
  }

  #taken(): Socket {
    const socket = this.#next;
    this.#next = undefined;
    if (socket === undefined || socket.destroyed) throw new NoWay("no way to the server is open");
    return socket;
  }

  async #prepare(): Promise<void> {
    if (this.#next?.destroyed === false) return;
    this.#making ??= this.#tunnel()
      .then((socket) => {
        this.#next = socket;
      })
      .finally(() => {
        this.#making = undefined;
      });
    await this.#making;
  }
}
