import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { connect as connectHttp2 } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { VigoError } from "../../../src/core/errors.ts";
import {
  type StreamRequest,
  SignedSchema,
  StreamRequestSchema,
  type StreamResponse,
} from "../../../src/core/wire/gen/vigo/v1/agent_pb.ts";
import { beatMs, methods, serverName } from "../../../src/core/wire/service.ts";
import { connectLink, type Link, type LinkOptions } from "../../../src/modes/agent/link.ts";
import { Told } from "../../../src/modes/agent/tasks/told.ts";
import type { Envoy } from "../../../src/modes/server/envoys/envoy.ts";
import type { Fleet } from "../../../src/modes/server/envoys/fleet.ts";
import {
  type Correspondent,
  Streams,
  type StreamsOptions,
} from "../../../src/modes/server/grpc/streams.ts";
import { until } from "../agent/real-agent.ts";
import { type Answer, type Deviation, StockClient } from "./stock-client.ts";
import { type Enrolled, type World, world } from "./world.ts";

setDefaultTimeout(30_000);

let w: World;
let streams: Streams;
let web: Enrolled;
const links: Link[] = [];

/** Who has orders, in tests. */
class Desk implements Correspondent {
  readonly wanted = new Set<string>();
  readonly came: string[] = [];
  readonly messages: StreamRequest["message"][] = [];
  /** Nobody reads on before it. */
  busy: Promise<void> | undefined;

  wants(id: string): boolean {
    return this.wanted.has(id);
  }
  opened({ id }: Envoy): void {
    this.came.push(id);
  }
  heard(_: Envoy, message: StreamRequest["message"]): Promise<void> | void {
    this.messages.push(message);
    return this.busy;
  }
}
let desk: Desk;

async function open(options: Partial<StreamsOptions> = {}): Promise<void> {
  desk = new Desk();
  w = await world({
    streams: (fleet: Fleet) => {
      streams = new Streams({ fleet, always: false, sweepMs: 20, ...options });
      streams.serve(desk);
      return streams;
    },
  });
  web = await w.enrol("web");
}
beforeEach(() => {
  links.length = 0;
});
afterEach(async () => {
  for (const link of links) link.close();
  await w.close();
});

const hello = { bootId: "b", machineId: "machine-of-web" };

interface Opened {
  readonly told: Told<StreamRequest>;
  readonly got: StreamResponse[];
  readonly cut: AbortController;
  /** Undefined: it ended in peace. */
  readonly ended: Promise<VigoError | undefined>;
}

function opened(who = web, options: LinkOptions = {}, servers = who.identity.servers): Opened {
  const link = connectLink({ ...who.identity, servers }, options);
  links.push(link);
  const told = new Told<StreamRequest>();
  const got: StreamResponse[] = [];
  const cut = new AbortController();
  const read = async () => {
    try {
      for await (const one of link.stream(hello, told, cut.signal)) got.push(one);
      return undefined;
    } catch (error) {
      if (error instanceof VigoError) return error;
      throw error;
    } finally {
      told.close();
    }
  };
  return { told, got, cut, ended: read() };
}

const say = ({ told }: Opened, message: StreamRequest["message"]) =>
  told.say(create(StreamRequestSchema, { message }));
const beat = { case: "beat", value: {} } as StreamRequest["message"];
const output = (text: string) =>
  create(StreamRequestSchema, { message: { case: "output", value: { taskId: "t", text } } });

const isOpen = () =>
  until("the stream is open", () => (streams.isOpen(web.row.id) ? true : undefined));
const isClosed = () =>
  until("the stream is closed", () => (streams.isOpen(web.row.id) ? undefined : true));

async function wished(): Promise<boolean> {
  const link = connectLink(web.identity);
  try {
    const told = { agentVersion: "1", hostname: "web", ...hello };
    return (await link.checkIn(told)).openStream;
  } finally {
    link.close();
  }
}

describe("on demand", () => {
  beforeEach(() => open({ idleMs: 100 }));

  test("an envoy is told to open one while somebody has something for it", async () => {
    expect(await wished()).toBe(false);
    desk.wanted.add(web.row.id);
    expect(await wished()).toBe(true);
    opened();
    await isOpen();
    expect(desk.came).toEqual([web.row.id]);
    expect(streams.size).toBe(1);
  });

  test("it is let go in peace when nobody has, and not before", async () => {
    desk.wanted.add(web.row.id);
    const stream = opened();
    await isOpen();
    await Bun.sleep(300);
    expect(streams.isOpen(web.row.id)).toBe(true);
    desk.wanted.clear();
    expect(await stream.ended).toBeUndefined();
    expect(await wished()).toBe(false);
  });
});

test("always: everybody opens one, and it stays", async () => {
  await open({ always: true, idleMs: 50 });
  expect(await wished()).toBe(true);
  opened();
  await isOpen();
  await Bun.sleep(300);
  expect(streams.isOpen(web.row.id)).toBe(true);
});

test("one that says nothing any more is cut, and whatever it says counts", async () => {
  const clock = { now: 0 };
  await open({ always: true, now: () => clock.now });
  const stream = opened();
  await isOpen();
  for (let said = 1; said <= 3; said++) {
    clock.now += 2 * beatMs;
    say(stream, beat);
    stream.told.say(output("word"));
    await until("it is heard", () => (desk.messages.length === said ? true : undefined));
    await Bun.sleep(60);
    expect(streams.isOpen(web.row.id)).toBe(true);
  }
  clock.now += 3 * beatMs;
  expect((await stream.ended)?.failure).toBe("unavailable");
  await isClosed();
  expect(desk.messages.map(({ case: kind }) => kind)).toEqual(["output", "output", "output"]);
});

describe("who may", () => {
  beforeEach(() => open({ always: true }));

  test("revoked, it is cut at once and let in no more", async () => {
    const stream = opened();
    await isOpen();
    w.fleet.revoke(web.row.id, w.clock.now);
    expect((await stream.ended)?.failure).toBe("unavailable");
    await isClosed();
    expect((await opened().ended)?.failure).toBe("denied");
  });

  test("revoked, it is cut though its connection shows a certificate that was followed by two", async () => {
    const one = opened();
    await isOpen();
    const { id, certificate } = web.row;
    const renewed = { expiresAt: w.clock.now + 1e9, trusts: "first" };
    w.fleet.renewed(id, { ...renewed, certificate: "second", previous: certificate });
    w.fleet.renewed(id, { ...renewed, certificate: "third", previous: "second" });
    w.fleet.revoke(id, w.clock.now);
    expect((await one.ended)?.failure).toBe("unavailable");
    await isClosed();
  });

  test("one that does not say who opens it is cut", async () => {
    await w.close();
    await open({ helloMs: 100 });
    const { ca, certificate: cert, key } = web.identity;
    const session = connectHttp2(`https://127.0.0.1:${w.grpc.port}`, {
      ...{ ca, cert, key, servername: serverName },
    }).on("error", () => {});
    const stream = session.request({ ":method": "POST", ":path": methods.stream });
    await new Promise((resolve) => stream.on("error", () => {}).on("close", resolve));
    const beganLate = opened();
    await isOpen();
    await Bun.sleep(200);
    expect(streams.isOpen(web.row.id)).toBe(true);
    beganLate.cut.abort();
    session.destroy();
  });

  test("the newest of an envoy's is heard, and the one before is cut", async () => {
    const first = opened();
    await isOpen();
    const second = opened();
    expect((await first.ended)?.failure).toBe("unavailable");
    expect(streams.size).toBe(1);
    expect(streams.send(web.row.id, { case: "checkNow", value: {} })).toBe(true);
    await until("it comes", () => second.got[0]);
  });

  /** How the opening of a stream by a client of nothing of ours ends. */
  async function asks(deviation: Deviation, how: Deviation = web.identity): Promise<Answer> {
    const client = new StockClient(web.identity, how);
    try {
      return await client.open(hello, deviation);
    } finally {
      client.close();
    }
  }

  test("who has shown less than all of it opens nothing", async () => {
    const other = await w.enrol("other");
    const sequence = BigInt(Date.now()) * 1000n;
    await asks({ sequence });
    const refused = [
      await asks({ sequence }),
      await asks({ timestampMs: Date.now() - 3_600_000 }),
      await asks({ signedMethod: "/vigo.v1.AgentService/CheckIn" }),
      await asks({ seed: other.identity.seed }),
      await asks({}, other.identity),
    ];
    expect(refused.map(({ reason }) => reason)).toEqual([
      "replayed",
      "clock_skew",
      "bad_signature",
      "bad_signature",
      "wrong_envoy",
    ]);
  });

  test("a second hello ends it", async () => {
    const stream = opened();
    await isOpen();
    say(stream, { case: "open", value: create(SignedSchema, {}) });
    expect((await stream.ended)?.message).toContain("opened once");
  });

  test("a second machine with the same identity waits", async () => {
    const link = connectLink(web.identity);
    links.push(link);
    await link.checkIn({ agentVersion: "1", hostname: "web", ...hello });
    const other = { bootId: "other", machineId: "another-machine" };
    const cut = new AbortController().signal;
    const read = async () => {
      for await (const _ of link.stream(other, new Told<StreamRequest>(), cut)) throw new Error();
    };
    const refused = await read().catch((error: unknown) => error);
    expect(String(refused)).toContain("another machine");
  });
});

describe("more than the other end takes", () => {
  beforeEach(() => open({ always: true }));

  test("the server reads no further while somebody is at work", async () => {
    const stream = opened();
    await isOpen();
    const { promise, resolve } = Promise.withResolvers<void>();
    desk.busy = promise;
    for (let n = 0; n < 100; n++) stream.told.say(output("x".repeat(64 * 1024)));
    await until("the first has come", () => desk.messages[0]);
    await Bun.sleep(200);
    expect(desk.messages).toHaveLength(1);
    // What does not fit the windows of HTTP/2 has stayed with the agent.
    expect(stream.told.waiting).toBeGreaterThan(50);
    desk.busy = undefined;
    resolve();
    await until("all have come", () => (desk.messages.length === 100 ? true : undefined));
  });

  test("an agent that does not read is cut", async () => {
    const wire = await relay(w.grpc.port);
    const stream = opened(web, {}, [`127.0.0.1:${wire.port}`]);
    await isOpen();
    wire.freeze();
    const command = new Uint8Array(256 * 1024);
    const order = { case: "order", value: { order: command } } as const;
    let sent = 0;
    while (streams.send(web.row.id, order) && sent < 1_000) sent++;
    expect(sent).toBeLessThan(100);
    await isClosed();
    stream.cut.abort();
    wire.close();
  });

  test("what is larger than a message may be ends it", async () => {
    const stream = opened();
    await isOpen();
    stream.told.say(output("x".repeat(5 * 1024 * 1024)));
    expect(["invalid", "limited", "unavailable"]).toContain((await stream.ended)?.failure ?? "");
    await isClosed();
  });
});

describe("a way that swallows everything", () => {
  test("is noticed by the agent within seconds, as by a NAT that has forgotten", async () => {
    await open({ always: true });
    const wire = await relay(w.grpc.port);
    const stream = opened(web, { pingMs: 200 }, [`127.0.0.1:${wire.port}`]);
    await isOpen();
    wire.freeze();
    const began = performance.now();
    expect((await stream.ended)?.failure).toBe("unavailable");
    expect(performance.now() - began).toBeLessThan(10_000);
    wire.close();
  });

  test("is kept open by something on it, also while nobody says anything", async () => {
    await open({ always: true });
    const wire = await relay(w.grpc.port);
    opened(web, { pingMs: 100 }, [`127.0.0.1:${wire.port}`]);
    await isOpen();
    const before = wire.bytes();
    await until("pings have passed", () => (wire.bytes() > before + 80 ? true : undefined));
    expect(desk.messages).toEqual([]);
    wire.close();
  });
});

/** A way to a port that can stop carrying anything without ending. */
async function relay(port: number) {
  const sockets: Socket[] = [];
  let frozen = false;
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    sockets.push(near, far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (chunk) => {
        bytes += chunk.length;
        if (frozen) from.pause();
        else to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    freeze: () => {
      frozen = true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
