/** A forward proxy that knows CONNECT (RFC 9110, 9.3.6) and nothing else; every name leads to this machine. Must not know any test. */
import { connect, createServer, type Socket } from "node:net";

export interface ConnectProxy {
  readonly port: number;
  /** `HOST:PORT` of each CONNECT, in order, also of those that were refused. */
  readonly asked: string[];
  /** Cuts what is open, and takes no more. */
  close(): Promise<void>;
}

interface Behaviour {
  /** `name:password` it wants. */
  readonly wants?: string;
  /** What it answers instead of letting anybody through. */
  readonly answers?: string;
}

export async function connectProxy({ wants, answers }: Behaviour = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const open = new Set<Socket>();
  const kept = (socket: Socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server = createServer((client) => {
    kept(client);
    client.once("data", (bytes) => {
      const head = bytes.toString("latin1");
      const [, target = "", port = ""] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
      asked.push(`${target}:${port}`);
      const said = /^Proxy-Authorization: Basic (\S+)\r$/m.exec(head)?.[1] ?? "";
      if (answers !== undefined) return void client.end(answers);
      if (wants !== undefined && Buffer.from(said, "base64").toString() !== wants)
        return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      const there = connect(Number(port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n");
        client.pipe(there).pipe(client);
      });
      kept(there);
      there.on("close", () => client.destroy());
      client.on("close", () => there.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens nowhere");
  return {
    port: address.port,
    asked,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
