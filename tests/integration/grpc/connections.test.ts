import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { methods } from "../../../src/core/wire/service.ts";
import { connectLink, type Link } from "../../../src/modes/agent/link.ts";
import { type Enrolled, type World, world } from "./world.ts";

let w: World;
let web: Enrolled;
beforeAll(async () => {
  w = await world({ maxConnections: 2, idleMs: 400 });
  web = await w.enrol("web");
});
afterAll(() => w.close());

const options = () => ({
  port: w.grpc.port,
  host: "127.0.0.1",
  ca: web.identity.ca,
  cert: web.identity.certificate,
  key: web.identity.key,
  servername: "server.vigo.internal",
  ALPNProtocols: ["h2"],
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await Bun.sleep(5))
    if (Date.now() > end) throw new Error("it did not come to that in 5 s");
}

test("no more than so many at once, and none that says nothing for long", async () => {
  const sessions = [0, 1, 2].map(() => {
    const session = connectHttp2(`https://127.0.0.1:${w.grpc.port}`, options());
    return session.on("error", () => {});
  });
  await until(() => w.grpc.metrics.tlsRefused.of("limit") === 1);
  await until(() => sessions.every((session) => session.destroyed));
  expect(w.grpc.connections()).toBe(0);
  expect(w.grpc.metrics.tlsRefused.of("limit")).toBe(1);
});

test("no session is resumed: each connection shows its certificate", async () => {
  const socket = connectTls(options());
  let tickets = 0;
  socket.on("session", () => tickets++);
  socket.on("error", () => {});
  socket.resume();
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
  expect(tickets).toBe(0);
  expect(w.grpc.metrics.tlsRefused.of("handshake")).toBe(0);
});

test("an older TLS is not spoken", async () => {
  const socket = connectTls({ ...options(), maxVersion: "TLSv1.2" });
  const error = await new Promise<Error>((resolve) => socket.on("error", resolve));
  expect(error.message).toContain("PROTOCOL_VERSION");
});

test("above those that are kept, one is ended when it is idle, and the kept ones stay", async () => {
  const crowded = await world({ keptConnections: 2, maxConnections: 9, briefMs: 100 });
  try {
    const names = ["a", "b", "c", "d"];
    const links: Link[] = [];
    for (const name of names) {
      const link = connectLink((await crowded.enrol(name)).identity);
      links.push(link);
      await link.checkIn({ machineId: `machine-of-${name}` });
    }
    await until(() => crowded.grpc.connections() === 2);
    // They are answered again, each over a connection made anew; nobody is refused.
    for (const [at, link] of links.entries())
      await link.checkIn({ machineId: `machine-of-${names[at]}` });
    await until(() => crowded.grpc.connections() === 2);
    expect(crowded.grpc.metrics.tlsRefused.of("limit")).toBe(0);
    for (const link of links) link.close();
  } finally {
    await crowded.close();
  }
});

test("who keeps a call open is not idle, and is once it has ended", async () => {
  const quiet = await world({ idleMs: 100 });
  const { identity } = await quiet.enrol("a");
  const { ca, certificate: cert, key } = identity;
  const session = connectHttp2(`https://127.0.0.1:${quiet.grpc.port}`, {
    ...options(),
    port: quiet.grpc.port,
    ca,
    cert,
    key,
  }).on("error", () => {});
  try {
    const stream = session.request({ ":method": "POST", ":path": methods.stream });
    stream.on("error", () => {});
    await Bun.sleep(400);
    expect(quiet.grpc.connections()).toBe(1);
    // Nor is it being ended: the next call goes over the same connection.
    const next = session.request({ ":method": "POST", ":path": methods.checkIn });
    const answered = new Promise((resolve) => next.on("response", resolve).on("close", resolve));
    next.end();
    expect(await answered).toMatchObject({ "grpc-status": "3" });
    stream.close();
    await until(() => quiet.grpc.connections() === 0);
  } finally {
    session.destroy();
    await quiet.close();
  }
});
