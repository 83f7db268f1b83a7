/**
 * A connection through a proxy: CONNECT (RFC 9110, 9.3.6), and then the bytes as they are, so that TLS is between this machine and
 * the server alone. The proxy resolves the name. Must not know what it is for.
 */
import { connect, type Socket } from "node:net";
import { VigoError } from "../../core/errors.ts";
import { endOf } from "./addresses.ts";
import { type ProxySettings, proxyFor } from "./proxy.ts";

const patienceMs = 20_000;
/** Of the proxy's answer. */
const longestHead = 16_384;

/** Open all the way to `host:port`; undefined where no proxy is on the way. Rejects with `unavailable`, and names the proxy. */
export async function tunnelTo(
  server: string,
  settings: ProxySettings | undefined,
): Promise<Socket | undefined> {
  const { host, port } = endOf(server);
  const proxy = proxyFor({ host, port }, settings);
  if (proxy === undefined) return undefined;
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const socket = connect({ host: bare(proxy.hostname), port: Number(proxy.port || 80) });
  try {
    await opened(socket, target, proxy);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "");

function opened(socket: Socket, target: string, proxy: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => reject(failed(proxy, why, cause));
    const late = setTimeout(() => fail("does not answer"), patienceMs);
    let head = "";
    const listen = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end === -1 && head.length <= longestHead) return;
      clearTimeout(late);
      socket.removeAllListeners();
      const trouble = end === -1 ? "answers at a length without end" : troubleIn(head, end + 4);
      if (trouble === undefined) resolve();
      else fail(trouble);
    };
    socket.on("data", listen);
    socket.on("error", (cause) => fail(cause.message, cause));
    socket.on("close", () => {
      clearTimeout(late);
      fail("hangs up");
    });
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${proof(proxy)}\r\n`);
  });
}

/** Undefined for a way that is open. */
function troubleIn(said: string, begins: number): string | undefined {
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(said) ?? [];
  if (status === undefined) return "is no proxy for HTTPS";
  if (!status.startsWith("2")) return `answers ${status}${meanings[status] ?? ""}`;
  return said.length > begins ? "says more than was asked" : undefined;
}

const meanings: Readonly<Record<string, string>> = {
  403: ": it lets nobody through to that host and port",
  407: ": it wants a name and a password, as in http://NAME:PASSWORD@HOST:PORT",
};

const failed = (proxy: URL, why: string, cause: unknown) =>
  new VigoError("unavailable", `the proxy ${proxy.host} ${why}`, {
    hint: "HTTPS_PROXY names it, or https_proxy in the agent's settings; NO_PROXY goes around it",
    cause,
  });

/** RFC 7617. */
function proof({ username, password }: URL): string {
  if (username === "") return "";
  const said = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Proxy-Authorization: Basic ${Buffer.from(said).toString("base64")}\r\n`;
}
