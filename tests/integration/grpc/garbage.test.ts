import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect as connectHttp2, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { signingKey } from "../../../src/core/pki/keys.ts";
import { CheckInRequestSchema } from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { methods } from "../../../src/core/wire/service.ts";
import { signEnvelope } from "../../../src/core/wire/signed.ts";
import { connectLink } from "../../../src/modes/agent/link.ts";
import { frame } from "../../../src/modes/server/grpc/framing.ts";
import { type Enrolled, type World, world } from "./world.ts";

let w: World;
let web: Enrolled;
const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeAll(async () => {
  w = await world({ callMs: 300 });
  web = await w.enrol("web");
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
});

/** Whatever came before, the next one is served. */
afterAll(async () => {
  const link = connectLink(web.identity);
  expect((await link.checkIn({ machineId: web.row.machineId })).nextMs).toBe(300_000);
  link.close();
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
  await w.close();
  expect(unhandled).toEqual([]);
});

const tls = () => ({
  ca: web.identity.ca,
  cert: web.identity.certificate,
  key: web.identity.key,
  servername: "server.vigo.internal",
});

/** One stream; gives its gRPC status, or how it ended without one. */
const open = async () => {
  const session = connectHttp2(`https://127.0.0.1:${w.grpc.port}`, tls());
  session.on("error", () => {});
  const send = (body: Uint8Array, headers: OutgoingHttpHeaders = {}): Promise<string> =>
    new Promise((resolve) => {
      const stream = session.request({
        ":method": "POST",
        ":path": methods.checkIn,
        "content-type": "application/grpc+proto",
        te: "trailers",
        ...headers,
      });
      let status = "";
      const read = (sent: { readonly [name: string]: unknown }) => {
        status = String(sent["grpc-status"] ?? status) || `http ${sent[":status"]}`;
      };
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("error", () => {});
      stream.on("close", () => resolve(status));
      stream.resume();
      stream.end(body);
    });
  return { session, send };
};

let sequence = BigInt(Date.now()) * 1000n;
/** A request whose envelope is right, whatever is in it. */
function signed(payload: Uint8Array): Uint8Array {
  const { envoyId, serverId, seed } = web.identity;
  const at = BigInt(Date.now());
  const envelope = { envoyId, serverId, payload, timestampMs: at, sequence: sequence++ };
  const made = signEnvelope({ ...envelope, method: methods.checkIn }, signingKey(seed));
  return toBinary(CheckInRequestSchema, create(CheckInRequestSchema, { signed: made }));
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
/** The long runs take the same roads many times more often. */
const often = process.env["VIGO_TEST_ALL"] === "1" ? 50 : 1;
const runs = { numRuns: 150 * often };

test("random bytes before TLS", async () => {
  await fc.assert(
    fc.asyncProperty(bytes(300), async (noise) => {
      const socket = connectTcp(w.grpc.port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise<void>((resolve) => {
        socket.on("connect", () => socket.end(noise));
        socket.on("close", () => resolve());
        socket.resume();
      });
    }),
    { numRuns: 40 * often },
  );
});

test("random bytes instead of HTTP/2", async () => {
  await fc.assert(
    fc.asyncProperty(bytes(300), fc.boolean(), async (noise, greets) => {
      const socket = connectTls({
        port: w.grpc.port,
        host: "127.0.0.1",
        ...tls(),
        ALPNProtocols: ["h2"],
        checkServerIdentity: () => undefined,
      });
      socket.on("error", () => {});
      await new Promise<void>((resolve) => {
        socket.on("secureConnect", () => {
          if (greets) socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
          socket.end(noise);
        });
        socket.on("close", () => resolve());
        socket.resume();
      });
    }),
    { numRuns: 40 * often },
  );
});

test("random messages, framed and not", async () => {
  const { session, send } = await open();
  await fc.assert(
    fc.asyncProperty(bytes(200), fc.boolean(), async (noise, framed) => {
      const status = await send(framed ? frame(noise) : noise);
      // Some random bytes are a request of nobody, or say that they are very long.
      expect(["3", "5", "8"]).toContain(status);
    }),
    runs,
  );
  session.destroy();
});

test("a right request, cut and changed anywhere", async () => {
  const { session, send } = await open();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, by, cut) => {
        const message = Buffer.from(frame(signed(new Uint8Array([0x0a, 1, 0x31]))));
        const place = at % message.length;
        if (!cut) message[place] = (message[place] ?? 0) ^ by;
        const status = await send(cut ? message.subarray(0, place) : message);
        expect(status).not.toBe("13");
        // A changed field number is an unknown field to skip; everything else shows in envelope or signature.
        expect(["0", "3", "5", "6", "8", "9", "16"]).toContain(status);
      },
    ),
    runs,
  );
  session.destroy();
});

test("a random payload in a right envelope", async () => {
  const { session, send } = await open();
  await fc.assert(
    fc.asyncProperty(bytes(120), async (payload) => {
      const status = await send(frame(signed(payload)));
      expect(["0", "3", "8"]).toContain(status);
    }),
    runs,
  );
  session.destroy();
});

test.each<[string, OutgoingHttpHeaders]>([
  ["another path", { ":path": "/" }],
  ["an unknown method of the service", { ":path": "/vigo.v1.AgentService/Nothing" }],
  ["GET", { ":method": "GET", ":path": methods.reportRuns }],
  ["another content type", { "content-type": "text/html", ":path": methods.reportRuns }],
  ["a path that is no URL", { ":path": "//[" }],
  ["no host", { ":authority": "", ":path": methods.reportRuns }],
])("%s", async (_, headers) => {
  const { session, send } = await open();
  expect(await send(frame(new Uint8Array()), headers)).toMatch(/^(http 4\d\d|1?\d|)$/);
  session.destroy();
});

test("a request that never ends is cut", async () => {
  const { session } = await open();
  for (const path of [methods.checkIn, methods.reportRuns]) {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc+proto",
    });
    stream.on("error", () => {});
    stream.write(Buffer.from([0, 0, 0, 0, 9]));
    await new Promise<void>((resolve) => stream.on("close", () => resolve()));
  }
  session.destroy();
});

test("a caller that hangs up in the middle", async () => {
  for (const path of [methods.checkIn, methods.reportRuns]) {
    const { session } = await open();
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc+proto",
    });
    stream.on("error", () => {});
    stream.write(Buffer.from([0, 0, 0, 0, 9, 1]));
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    session.destroy();
  }
});
