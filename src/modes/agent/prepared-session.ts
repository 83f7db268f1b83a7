/**
 * HTTP/2 sessions over connections that are made before, straight or through a proxy, and have shown that they speak it. The
 * runtime wants a connection at once when it opens a session, which one through a proxy is not; and from one whose other end
 * speaks something else it throws where nobody can catch it. Must not know what is called.
 */
import type { ClientHttp2Stream } from "node:http2";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { Http2SessionManager } from "@connectrpc/connect-node";
import { endOf } from "./addresses.ts";
import type { ProxySettings } from "./proxy.ts";
import { tunnelTo } from "./tunnel.ts";

type Keep = ConstructorParameters<typeof Http2SessionManager>[1];
type Sessions = Pick<Http2SessionManager, "authority" | "request" | "notifyResponseByteRead">;

/** A session was to be opened, and no way was there yet. */
class NoWay extends Error {}

export class PreparedSession implements Sessions {
  readonly authority: string;
  readonly #inner: Http2SessionManager;
  readonly #way: () => Promise<TLSSocket>;
  /** Open, and not used. */
  #next: TLSSocket | undefined;
  /** One is made at a time, for all who ask. */
  #making: Promise<void> | undefined;

  constructor(
    server: string,
    keep: Keep,
    tls: ConnectionOptions,
    proxy: ProxySettings | undefined,
  ) {
    const createConnection = () => this.#taken();
    this.#inner = new Http2SessionManager(`https://${server}`, keep, { createConnection });
    this.authority = this.#inner.authority;
    this.#way = () => connected(server, tls, proxy);
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

  #taken(): TLSSocket {
    const socket = this.#next;
    this.#next = undefined;
    if (socket === undefined || socket.destroyed) throw new NoWay("no way to the server is open");
    return socket;
  }

  async #prepare(): Promise<void> {
    if (this.#next?.destroyed === false) return;
    this.#making ??= this.#way()
      .then((socket) => {
        this.#next = socket;
      })
      .finally(() => {
        this.#making = undefined;
      });
    await this.#making;
  }
}

async function connected(
  server: string,
  tls: ConnectionOptions,
  proxy: ProxySettings | undefined,
): Promise<TLSSocket> {
  const tunnel = await tunnelTo(server, proxy);
  const way = tunnel === undefined ? endOf(server) : { socket: tunnel };
  const socket = connect({ ...tls, ...way, ALPNProtocols: ["h2"] });
  // One for good: what breaks before the session listens shows when the session is opened.
  socket.on("error", () => socket.destroy());
  try {
    await shaken(socket);
    return socket;
  } catch (error) {
    socket.destroy();
    tunnel?.destroy();
    throw error;
  }
}

/** Who takes a connection and says nothing is not waited for. */
const patienceMs = 20_000;

function shaken(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => end(new Error("it does not answer")), patienceMs);
    const hungUp = () => end(new Error("it hangs up"));
    const isSecure = () => end(socket.alpnProtocol === "h2" ? undefined : new Error(noHttp2));
    const end = (error?: Error) => {
      clearTimeout(late);
      socket.off("secureConnect", isSecure).off("error", end).off("close", hungUp);
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on("secureConnect", isSecure).on("error", end).on("close", hungUp);
  });
}

const noHttp2 = "it speaks no HTTP/2, so it is no server's port for agents; that is 1530 usually";
