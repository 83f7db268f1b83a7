import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TlsReason } from "../../../src/modes/server/grpc/metrics.ts";
import type { RefusalReason } from "../../../src/core/wire/service.ts";
import { authority, clientCertificate } from "./pki.ts";
import { type Deviation, StockClient } from "./stock-client.ts";
import { type Enrolled, type World, world } from "./world.ts";

let w: World;
let web: Enrolled;
let db: Enrolled;
beforeAll(async () => {
  w = await world();
  web = await w.enrol("web");
  db = await w.enrol("db");
});
afterAll(() => w.close());

const told = { agentVersion: "1", hostname: "web", machineId: "machine-of-web", bootId: "b" };

/** One CheckIn by a client of its own. */
async function checkIn(deviation: Deviation = {}, how: Deviation = web.identity, message = told) {
  const client = new StockClient(web.identity, how);
  const answer = await client.call("CheckIn", "CheckIn", message, deviation);
  client.close();
  return answer;
}

test("a stock client with an enrolled certificate checks in", async () => {
  const answer = await checkIn();
  expect(answer).toMatchObject({ code: 0, response: { nextMs: 300_000 } });
  expect(w.fleet.get(web.row.id)?.lastSeenAt).toBe(w.clock.now);
});

describe("refused by TLS", () => {
  const refused = async (how: Deviation | Record<string, undefined>, reason: TlsReason) => {
    const before = w.grpc.metrics.tlsRefused.of(reason);
    const client = new StockClient(web.identity, how);
    expect((await client.call("CheckIn", "CheckIn", told)).code).toBe(14);
    client.close();
    expect(w.grpc.metrics.tlsRefused.of(reason)).toBeGreaterThan(before);
  };

  test("without a certificate", () => refused({}, "no_cert"));

  test("with another CA's certificate", async () => {
    const stranger = await authority(new Date());
    await refused(await clientCertificate(stranger, web.row.id, new Date()), "wrong_ca");
  });

  test("with one that has expired", async () => {
    const lastYear = new Date(Date.now() - 365 * 86_400_000);
    await refused(await clientCertificate(w.own, web.row.id, lastYear), "expired");
  });
});

describe("refused by the gate", () => {
  const rows: readonly [string, RefusalReason, number, () => Promise<Deviation>, Deviation?][] = [
    ["an id nobody knows", "envoy_not_found", 5, async () => ({ envoyId: crypto.randomUUID() })],
    ["another envoy's certificate", "wrong_envoy", 16, async () => ({ envoyId: db.row.id })],
    ["an old timestamp", "clock_skew", 9, async () => ({ timestampMs: Date.now() - 400_000 })],
    ["a timestamp to come", "clock_skew", 9, async () => ({ timestampMs: Date.now() + 400_000 })],
    ["another envoy's key", "bad_signature", 16, async () => ({ seed: db.identity.seed })],
    ["another server's id", "bad_signature", 16, async () => ({ serverId: crypto.randomUUID() })],
    [
      "another method's signature",
      "bad_signature",
      16,
      async () => ({ signedMethod: "/vigo.v1.AgentService/ReportRuns" }),
    ],
    [
      "a changed payload",
      "bad_signature",
      16,
      async () => ({ tamper: (bytes) => Buffer.concat([bytes, Buffer.from([0x52, 0])]) }),
    ],
    [
      "a sequence that was used",
      "replayed",
      6,
      async () => {
        const sequence = BigInt(Date.now()) * 1000n + 500n;
        expect((await checkIn({ sequence })).code).toBe(0);
        return { sequence };
      },
    ],
    [
      "a sequence from long ago",
      "replayed",
      6,
      async () => ({ sequence: BigInt(Date.now() - 60_000) * 1000n }),
    ],
  ];
  test.each(rows)("%s: %s", async (_, reason, code, deviation) => {
    const made = await deviation();
    const before = w.grpc.metrics.refused.of(reason);
    expect(await checkIn(made)).toMatchObject({ code, reason });
    expect(w.grpc.metrics.refused.of(reason)).toBe(before + 1);
  });

  test("the clock's answer carries the server's time", async () => {
    const { metadata } = await checkIn({ timestampMs: Date.now() - 400_000 });
    expect(metadata["vigo-server-time"]).toBe(String(w.clock.now));
  });

  test("however many ids are made up, a hundred lines in ten minutes tell of them", async () => {
    const began = w.clock.now;
    w.clock.now += 600_000;
    const client = new StockClient(web.identity, web.identity);
    const lines = () => w.logged.filter((line) => line.startsWith("unknown envoy")).length;
    const before = lines();
    const ask = () =>
      client.call("CheckIn", "CheckIn", told, {
        envoyId: crypto.randomUUID(),
        timestampMs: w.clock.now,
      });
    for (let asked = 0; asked < 120; asked++) expect((await ask()).code).toBe(5);
    expect(lines() - before).toBe(100);
    w.clock.now += 600_000;
    await ask();
    expect(lines() - before).toBe(101);
    client.close();
    w.clock.now = began;
  });

  test("an unknown id is logged once in ten minutes", async () => {
    const envoyId = crypto.randomUUID();
    const lines = () => w.logged.filter((line) => line.includes(envoyId)).length;
    await checkIn({ envoyId });
    await checkIn({ envoyId });
    expect(lines()).toBe(1);
  });

  test("a revoked envoy, whose connection is cut at once", async () => {
    const old = await w.enrol("old");
    const client = new StockClient(old.identity);
    const call = () => client.call("CheckIn", "CheckIn", { ...told, machineId: "machine-of-old" });
    expect((await call()).code).toBe(0);
    const open = w.grpc.connections();
    w.fleet.revoke(old.row.id, w.clock.now);
    await until(() => w.grpc.connections() < open);
    expect(await call()).toMatchObject({ code: 7, reason: "revoked", message: "envoy is revoked" });
    client.close();
  });
});

describe("refused for its size", () => {
  test.each(["CheckIn", "ReportRuns"])("%s with 5 MB", async (method) => {
    const before = w.grpc.metrics.refused.of("size");
    const client = new StockClient(web.identity);
    const signed = { payload: Buffer.alloc(5_000_000), envoyId: web.row.id };
    expect(await client.raw(method, { signed })).toMatchObject({ code: 8, reason: "size" });
    expect(w.grpc.metrics.refused.of("size")).toBe(before + 1);
    expect((await client.call("CheckIn", "CheckIn", told)).code).toBe(0);
    client.close();
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !holds(); await Bun.sleep(5))
    if (Date.now() > end) throw new Error("it did not come to that in 5 s");
}
