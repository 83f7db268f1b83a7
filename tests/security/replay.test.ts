/** What was overheard, or is used a second time, is worth nothing: requests of envoys, logins, codes, webhooks. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Attempts } from "../../src/modes/server/auth/oidc/attempts.ts";
import { LoginCodes } from "../../src/modes/server/auth/oidc/login-codes.ts";
import { newRecoveryCodes, recoveryHash, used } from "../../src/modes/server/auth/second-factor.ts";
import { signature } from "../../src/modes/server/alerts/send.ts";
import { codeAt, stepAt, toBase32 } from "../../src/core/totp.ts";
import { createHash } from "node:crypto";
import { StockClient } from "../integration/grpc/stock-client.ts";
import { type Enrolled, type World, world } from "../integration/grpc/world.ts";

describe("a request of an envoy", () => {
  let w: World;
  let web: Enrolled;
  let db: Enrolled;
  let client: StockClient;
  beforeAll(async () => {
    w = await world();
    [web, db] = [await w.enrol("web"), await w.enrol("db")];
    client = new StockClient(web.identity);
  });
  afterAll(async () => {
    client.close();
    await w.close();
  });
  const told = { agentVersion: "1", hostname: "web", machineId: "machine-of-web", bootId: "b" };
  const send = (how: Parameters<StockClient["call"]>[3], by = client, method = "CheckIn") =>
    by.call(method, method === "CheckIn" ? "CheckIn" : "RunReports", told, how);

  test("is taken once", async () => {
    const sequence = BigInt(Date.now()) * 1000n;
    expect((await send({ sequence })).code).toBe(0);
    expect((await send({ sequence })).reason).toBe("replayed");
  });

  test("is not taken after a while, though its number was never used", async () => {
    const now = w.clock.now;
    for (const away of [-301_000, 301_000])
      expect((await send({ timestampMs: now + away })).reason).toBe("clock_skew");
    for (const away of [-290_000, 290_000])
      expect((await send({ timestampMs: now + away })).code).toBe(0);
  });

  test("is of no use for another method, another server, with other words, or from another connection", async () => {
    const rows = [
      { signedMethod: "/vigo.v1.AgentService/ReportRuns" },
      { serverId: crypto.randomUUID() },
      { tamper: (payload: Buffer) => Buffer.concat([payload, Buffer.from([0x0a, 1, 0x78])]) },
    ];
    for (const how of rows) expect((await send(how)).reason).toBe("bad_signature");
    const other = new StockClient({ ...web.identity, ...db.identity, ...own(web) });
    expect((await send({}, other)).reason).toBe("wrong_envoy");
    other.close();
  });

  /** All but the certificate and its key. */
  const own = ({ identity: { envoyId, serverId, seed } }: Enrolled) => ({
    envoyId,
    serverId,
    seed,
  });
});

describe("a login at a provider", () => {
  test("comes back once, to the browser that began it, and in time", () => {
    let now = 0;
    const attempts = new Attempts(() => now);
    const { state, binding } = attempts.begin("/");
    expect(attempts.end(state, "another browser's")).toBeUndefined();
    expect(attempts.end(state, undefined)).toBeUndefined();
    expect(attempts.end(state, binding)).toMatchObject({ to: "/" });
    expect(attempts.end(state, binding)).toBeUndefined();
    const late = attempts.begin("/");
    now = 600_000;
    expect(attempts.end(late.state, late.binding)).toBeUndefined();
  });

  test("gives a program a code for one use, whoever tries it first", () => {
    let now = 0;
    const codes = new LoginCodes(() => now);
    const verifier = "v".repeat(43);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const once = codes.give("ada", challenge);
    expect(codes.take(once, verifier)).toBe("ada");
    expect(codes.take(once, verifier)).toBeUndefined();
    const caught = codes.give("ada", challenge);
    expect(codes.take(caught, "w".repeat(43))).toBeUndefined();
    expect(codes.take(caught, verifier)).toBeUndefined();
    const late = codes.give("ada", challenge);
    now = 60_001;
    expect(codes.take(late, verifier)).toBeUndefined();
  });
});

describe("a second factor", () => {
  const now = 1_700_000_000_000;
  const secret = new Uint8Array(20).fill(7);
  const totp = { secret: toBase32(secret), lastStep: 0, recovery: [] };

  test("a code of the app, and all that came before it, is taken once", () => {
    const [before = "", code = ""] = [stepAt(now) - 1, stepAt(now)].map((step) =>
      codeAt(secret, step),
    );
    const after = used(totp, code, now);
    expect(after).toBeDefined();
    expect(after && used(after, code, now)).toBeUndefined();
    expect(after && used(after, before, now)).toBeUndefined();
  });

  test("so is a recovery code", () => {
    const [first = "", second = ""] = newRecoveryCodes();
    const kept = { ...totp, recovery: [first, second].map(recoveryHash) };
    const after = used(kept, first, now);
    expect(after?.recovery).toEqual([recoveryHash(second)]);
    expect(after && used(after, first, now)).toBeUndefined();
  });
});

test("the signature of a webhook is over the time it was made, too", () => {
  const [one, other] = [1, 2].map((seconds) => signature("key", seconds, "{}"));
  expect(one?.split("v1=")[1]).not.toBe(other?.split("v1=")[1]);
});
