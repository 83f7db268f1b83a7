/**
 * An envoy with a right certificate and a right key that sends without end, in pieces too small, over too many connections, or of a
 * time that cannot be: it holds no more of the server than its share, and what people ask is answered as before.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ClientHttp2Session, connect } from "node:http2";
import { methods, serverName } from "../../src/core/wire/service.ts";
import { connectLink, type Link } from "../../src/modes/agent/link.ts";
import { type Enrolled, type World as Door, world } from "../integration/grpc/world.ts";
import { join, toldRun, toldSpan } from "../integration/server/join.ts";
import { makeWorld, type World } from "../integration/server/world.ts";

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it was answered",
    (error: unknown) => String(error),
  );

describe("at the door", () => {
  let w: Door;
  let mallory: Enrolled;
  beforeAll(async () => {
    w = await world();
    mallory = await w.enrol("mallory");
  });
  afterAll(() => w.close());

  const session = (): ClientHttp2Session => {
    const { ca, certificate: cert, key } = mallory.identity;
    const address = `https://127.0.0.1:${w.grpc.port}`;
    return connect(address, { ca, cert, key, servername: serverName }).on("error", () => {});
  };

  /** Its status, once the server has had enough of it; `more` is asked again and again for what to send next. */
  async function sent(path: string, head: Buffer, more: () => Buffer | undefined): Promise<string> {
    const own = session();
    const stream = own.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc+proto",
      te: "trailers",
    });
    let status = "";
    const read = (told: { readonly [name: string]: unknown }) => {
      status = String(told["grpc-status"] ?? status);
    };
    stream.on("response", read).on("trailers", read);
    stream.on("error", () => {}).resume();
    const closed = new Promise<void>((resolve) => stream.on("close", () => resolve()));
    stream.write(head);
    for (let piece = more(); piece !== undefined && status === ""; piece = more()) {
      if (!stream.write(piece)) await new Promise<void>((resolve) => setImmediate(resolve));
      if (stream.destroyed) break;
    }
    if (!stream.destroyed) stream.end();
    await closed;
    own.destroy();
    return status;
  }

  const prefix = (length: number): Buffer => {
    const made = Buffer.alloc(5);
    made.writeUInt32BE(length, 1);
    return made;
  };

  test.each([methods.checkIn, methods.reportRuns, methods.resolveSecrets])(
    "%s: what comes after the end of a message is not gathered",
    async (path) => {
      const chunk = Buffer.alloc(64 * 1024);
      let chunks = 0;
      const status = await sent(path, prefix(1), () => (chunks++ < 20_000 ? chunk : undefined));
      expect([status, chunks < 20_000]).toEqual([expect.stringMatching(/^[38]$/), true]);
    },
    60_000,
  );

  test("a long message in small pieces costs little more than in one", async () => {
    const length = 3 * 1024 * 1024;
    const pieces = 60_000;
    const head = Buffer.concat([prefix(length), Buffer.alloc(length - pieces)]);
    const piece = Buffer.alloc(1);
    let left = pieces;
    const before = process.cpuUsage();
    await sent(methods.checkIn, head, () => (left-- > 0 ? piece : undefined));
    const { user, system } = process.cpuUsage(before);
    // Copied anew with each piece, it is 180 GB that are moved.
    expect((user + system) / 1_000).toBeLessThan(2_500);
  }, 120_000);

  test("before it has said who it is, and where it only asks, it says nothing long", async () => {
    for (const [path, length] of [
      [methods.stream, 65 * 1024],
      [methods.resolveSecrets, 257 * 1024],
    ] as const) {
      const status = await sent(path, prefix(length), () => undefined);
      expect([path, status]).toEqual([path, "8"]);
    }
  });

  test("a stream that was refused is closed, whatever goes on coming", async () => {
    const own = session();
    const stream = own.request({ ":method": "POST", ":path": methods.stream, te: "trailers" });
    stream.on("error", () => {}).resume();
    stream.write(prefix(70_000));
    const chunk = Buffer.alloc(64 * 1024);
    let chunks = 0;
    for (; chunks < 2_000 && !stream.destroyed; chunks++)
      if (!stream.write(chunk)) await Bun.sleep(1);
    own.destroy();
    expect(chunks).toBeLessThan(2_000);
  }, 60_000);

  test("it brings no more than two large messages at once over one connection", async () => {
    const own = session();
    const began = Array.from({ length: 10 }, async () => {
      const stream = own.request({
        ":method": "POST",
        ":path": methods.checkIn,
        "content-type": "application/grpc+proto",
      });
      stream.on("error", () => {}).write(Buffer.concat([prefix(90_000), Buffer.alloc(80_000)]));
      return new Promise((resolve) => stream.on("response", resolve));
    });
    let refused = 0;
    for (const one of began) void one.then(() => refused++);
    for (const end = Date.now() + 10_000; refused < 8; await Bun.sleep(5))
      expect(Date.now()).toBeLessThan(end);
    await Bun.sleep(50);
    expect(refused).toBe(8);
    own.destroy();
  });

  test("it has few connections, and the one in use is not what it loses", async () => {
    const others = await w.enrol("other");
    const [link, own] = [connectLink(others.identity), connectLink(mallory.identity)];
    await link.checkIn({ machineId: others.row.machineId });
    const used = session();
    const held = used.request({ ":method": "POST", ":path": methods.stream });
    let isCut = false;
    held.on("error", () => {}).on("close", () => (isCut = true));
    await new Promise<void>((resolve) => used.ping(() => resolve()));
    const sessions = Array.from({ length: 40 }, session);
    const opened = sessions.map((one) => new Promise((resolve) => one.on("connect", resolve)));
    await Promise.all(opened);
    for (const end = Date.now() + 10_000; w.grpc.connections() > 9; await Bun.sleep(5))
      expect(Date.now()).toBeLessThan(end);
    await own.checkIn({ machineId: mallory.row.machineId });
    await link.checkIn({ machineId: others.row.machineId });
    expect([w.grpc.connections(), isCut]).toEqual([9, false]);
    for (const one of [used, ...sessions]) one.destroy();
    for (const one of [link, own]) one.close();
    for (const end = Date.now() + 10_000; w.grpc.connections() > 0; await Bun.sleep(5))
      expect(Date.now()).toBeLessThan(end);
  });

  test("it is kept with no digest, nor id, that is longer than one", async () => {
    const link = connectLink(mallory.identity);
    const { machineId } = mallory.row;
    const long = new Uint8Array(100_000);
    for (const told of [{ bodyDigest: long }, { traitsRoot: long }])
      expect(await messageOf(link.checkIn({ machineId, ...told }))).toContain("digest");
    await link.checkIn({ machineId, bootId: "b".repeat(100_000) });
    const envoy = w.fleet.get(mallory.row.id);
    const name = "n".repeat(100_000);
    await link.checkIn({ machineId, agentVersion: name, hostname: name });
    const copied = await messageOf(link.checkIn({ machineId: "m".repeat(100_000) }));
    expect(copied).toContain("another machine");
    const kept = [envoy?.seen(), envoy?.told, w.fleet.takeEvents()];
    expect(JSON.stringify(kept).length).toBeLessThan(3_000);
    link.close();
  });
});

test("it tells of no trait that nobody knows, and no mebibyte of one", async () => {
  const w = await world();
  const { identity, row } = await w.enrol("mallory");
  const link = connectLink(identity);
  const section = (name: string, text: string) => ({
    machineId: row.machineId,
    sections: [{ name, value: Buffer.from(JSON.stringify(text)), collectedAtMs: 1n }],
  });
  await link.checkIn(section("unheard_of", "x"));
  const long = link.checkIn(section("kept", "x".repeat(1024 * 1024)));
  expect(await messageOf(long)).toContain("more than 1048576 bytes");
  await link.checkIn(section("kept", "x".repeat(1024 * 1024 - 2)));
  expect((await w.store.traits.of(row.id)).map((one) => one.section)).toEqual(["kept"]);
  link.close();
  await w.close();
});

describe("times that cannot be", () => {
  let w: World;
  let mallory: { readonly link: Link; readonly id: string };
  let honest: { readonly link: Link; readonly id: string };
  /** The largest number that JSON takes; dates end before it. */
  const never = Number.MAX_SAFE_INTEGER;
  beforeAll(async () => {
    w = await makeWorld();
    [mallory, honest] = [await join(w, "mallory"), await join(w, "honest")];
  });
  afterAll(async () => {
    for (const { link } of [mallory, honest]) link.close();
    await w.stop();
  });

  test("leave everything to be asked, and what others did stands where it stood", async () => {
    const { link } = mallory;
    const told = (collectedAtMs: bigint) => ({
      hostname: "mallory",
      bootId: "b",
      machineId: "m1",
      sections: [{ name: "os", value: new TextEncoder().encode("{}"), collectedAtMs }],
      openSpan: { first: 9n, last: 9n, firstAtMs: BigInt(never), lastAtMs: BigInt(never) },
    });
    for (const at of [2n ** 63n - 1n, -(2n ** 63n)]) await link.checkIn(told(at));
    const drifted = (at: number) => [toldRun(1, at, [{ key: "web/motd", cause: "drift" }])];
    await link.reportRuns({ reports: [...drifted(never), toldSpan(2, 3, never, never)] });
    await honest.link.checkIn({ ...told(1n), hostname: "honest", openSpan: undefined });
    await honest.link.reportRuns({ reports: drifted(Date.now()) });
    await Bun.sleep(2);
    for (const path of [
      "/runs",
      "/drift",
      "/envoys",
      `/envoys/${mallory.id}`,
      `/envoys/${mallory.id}/traits`,
      `/envoys/${mallory.id}/history`,
      `/runs?envoy=${mallory.id}`,
      "/trend",
    ])
      expect([path, (await w.call("GET", path)).status]).toEqual([path, 200]);
    const { runs } = (await w.call("GET", "/runs")).body as {
      readonly runs: readonly { readonly started_at: string; readonly hostname: string }[];
    };
    expect(runs.map(({ hostname }) => hostname)).toEqual(["honest", "mallory"]);
    for (const { started_at } of runs)
      expect(Date.parse(started_at)).toBeLessThanOrEqual(Date.now());
    expect(w.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
