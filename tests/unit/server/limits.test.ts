import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { VigoError } from "../../../src/core/errors.ts";
import { Lockout } from "../../../src/modes/server/auth/lockout.ts";
import { Attempts } from "../../../src/modes/server/auth/oidc/attempts.ts";
import { LoginCodes } from "../../../src/modes/server/auth/oidc/login-codes.ts";
import { Limiter } from "../../../src/modes/server/http/limiter.ts";
import { metricsAllowed } from "../../../src/modes/server/metrics/allowed.ts";

const refusal = (work: () => void): VigoError | undefined => {
  try {
    work();
    return undefined;
  } catch (caught) {
    if (caught instanceof VigoError) return caught;
    throw caught;
  }
};

describe("an address", () => {
  test("may ask in a burst, then at a pace, and others do not suffer", () => {
    const clock = { now: 0 };
    const limiter = new Limiter({ burst: 3, perSecond: 1, now: () => clock.now });
    for (let n = 0; n < 3; n++) limiter.take("a");
    expect(refusal(() => limiter.take("a"))?.failure).toBe("limited");
    limiter.take("b");
    clock.now = 1_000;
    limiter.take("a");
    expect(refusal(() => limiter.take("a"))?.hint).toBe("try again in 1 s");
  });

  test("that guesses waits longer", () => {
    const clock = { now: 0 };
    const limiter = new Limiter({ burst: 10, perSecond: 1, now: () => clock.now });
    limiter.take("a");
    limiter.punish("a", 20);
    expect(refusal(() => limiter.take("a"))?.hint).toBe("try again in 12 s");
    clock.now = 12_000;
    limiter.take("a");
  });

  test("is forgotten when there are too many of them", () => {
    const limiter = new Limiter({ burst: 1, perSecond: 1, now: () => 0 });
    limiter.take("first");
    for (let n = 0; n < 10_000; n++) limiter.take(`other ${n}`);
    limiter.take("first");
    expect(refusal(() => limiter.take("other 9999"))?.failure).toBe("limited");
  });
});

describe("a login at a provider", () => {
  test("is forgotten when too many others have begun", () => {
    const attempts = new Attempts(() => 0);
    const begin = () => attempts.begin("/");
    const [first, second] = [begin(), begin()];
    for (let n = 0; n < 999; n++) begin();
    expect(attempts.end(first.state, first.binding)).toBeUndefined();
    expect(attempts.end(second.state, second.binding)?.to).toBe("/");
  });

  test("gives codes of which so many wait", () => {
    const codes = new LoginCodes(() => 0);
    const challenge = createHash("sha256").update("v").digest("base64url");
    const give = (user: string) => codes.give(user, challenge);
    const [first, second] = [give("ada"), give("bob")];
    for (let n = 0; n < 999; n++) give("eve");
    expect([codes.take(first, "v"), codes.take(second, "v")]).toEqual([undefined, "bob"]);
  });
});

describe("a name", () => {
  test("is forgotten when there are too many of them", () => {
    const lockout = new Lockout(() => 0);
    for (const name of ["first", "second"]) for (let n = 0; n < 4; n++) lockout.attempt(name);
    for (let n = 0; n < 9_999; n++) lockout.attempt(`other ${n}`);
    expect(refusal(() => lockout.attempt("second"))?.failure).toBe("limited");
    expect(refusal(() => lockout.attempt("first"))).toBeUndefined();
  });

  test("waits longer with each wrong password, until the right one", () => {
    const clock = { now: 0 };
    const lockout = new Lockout(() => clock.now);
    const waits: number[] = [];
    for (let n = 0; n < 17; n++) {
      let wait = 0;
      while (refusal(() => lockout.attempt("admin")) !== undefined) {
        clock.now += 1_000;
        wait++;
      }
      waits.push(wait);
    }
    expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    lockout.attempt("somebody else");
    lockout.passed("admin");
    lockout.attempt("admin");
  });

  test("gets no more guesses at once than one after the other", () => {
    const lockout = new Lockout(() => 0);
    const refused = Array.from({ length: 100 }, () => refusal(() => lockout.attempt("admin")));
    expect(refused.filter((one) => one === undefined)).toHaveLength(4);
  });
});

describe("/metrics", () => {
  const allowed = metricsAllowed({
    token: "a-long-enough-token",
    allow: ["loopback", "10.0.0.0/8", "2001:db8::/32", "192.0.2.7"],
  });
  test.each([
    ["127.0.0.1", undefined, true],
    ["::1", undefined, true],
    ["::ffff:127.0.0.1", undefined, true],
    ["10.255.0.1", undefined, true],
    ["192.0.2.7", undefined, true],
    ["192.0.2.8", undefined, false],
    ["2001:db8:1::1", undefined, true],
    ["2001:db9::1", undefined, false],
    ["", undefined, false],
    ["192.0.2.8", "Bearer a-long-enough-token", true],
    ["192.0.2.8", "Bearer a-long-enough-tokem", false],
    ["192.0.2.8", "Basic a-long-enough-token", false],
  ])("%p with %p: %p", (address, authorization, may) =>
    expect(allowed(address, authorization)).toBe(may),
  );
});
