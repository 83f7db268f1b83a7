/** A daemon whose server is there and does not do as it is asked: clocks, copies, certificates. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { sign, signingKey } from "../../../src/core/pki/keys.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { renewalMessage } from "../../../src/core/wire/service.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { readIdentity } from "../../../src/modes/agent/identity.ts";
import { connectLink } from "../../../src/modes/agent/link.ts";
import { failure } from "../grpc/failure.ts";
import { type Enrolled, type World, world } from "../grpc/world.ts";
import { holds, policyOf, type RealAgent, realAgent, says, settle, until } from "./real-agent.ts";

const day = 86_400_000;
let w: World;
let agent: RealAgent;
let web: Enrolled;

beforeEach(async () => {
  w = await world({ intervalMs: 300, traits });
  agent = await realAgent();
});
afterEach(async () => {
  await agent.remove();
  await w.close();
});

/** An enrolled agent, and a policy for it. */
async function enrolled(): Promise<void> {
  web = await w.enrol("web-1", w.own, machineFacts().machineId);
  await settle(w, agent, web);
  await w.publish(policyOf(agent, "one"));
}

const envoy = () => {
  const found = w.fleet.get(web.row.id);
  if (found === undefined) throw new Error("the server has lost its envoy");
  return found;
};

/** Drift is mended, whatever the server says. */
async function isEnforced(content = "one\n"): Promise<void> {
  await writeFile(agent.page, "damaged\n");
  await holds(agent.page, content);
}

const failures = () => agent.logged.filter(({ event }) => event === "check-in failed");

test("with the server's clock elsewhere it says how far, enforces on, and is back when it is right", async () => {
  await enrolled();
  agent.start();
  await holds(agent.page, "one\n");
  w.clock.now = Date.now() + 3_600_000;
  const { fields } = await says(agent, "check-in failed");
  expect(fields["hint"]).toMatch(
    /^the server's clock is (359\d|3600)\.\d s ahead of this machine's/,
  );
  await isEnforced();
  expect(failures()).toHaveLength(1);
  w.clock.now = Date.now();
  await says(agent, "the server is reached again");
}, 30_000);

test("after its clock was set back, it goes on above the numbers that it has used", async () => {
  await enrolled();
  await agent.runOnce();
  const { highest = 0n } = envoy().sequences;
  agent.clock.offsetMs = -120_000;
  expect((await agent.runOnce()).outcome).toBe("ok");
  expect(failures()).toEqual([]);
  const { highest: now = 0n } = envoy().sequences;
  expect(now > highest && now < highest + 1_000n).toBe(true);
});

test("of two machines with one identity the newcomer waits, says so, and takes over when the first is gone", async () => {
  await enrolled();
  await agent.runOnce();
  // To the server, the identity is another machine's, and this one has a copy of it.
  envoy().row = { ...envoy().row, machineId: "the-first" };
  const first = connectLink(web.identity);
  const call = () => first.checkIn({ machineId: "the-first", bootId: "b", agentVersion: "1" });
  await call();
  agent.start();
  const { fields } = await says(agent, "check-in failed", "another machine uses this envoy's");
  expect(fields["hint"]).toContain("vigo agent bootstrap --force");
  const told = envoy().newest;
  await isEnforced();
  await says(agent, "run ended");
  await call();
  expect(w.events).toMatchObject([{ kind: "envoy.cloned" }]);
  expect(envoy().row.machineId).toBe("the-first");
  first.close();
  // What it has enforced meanwhile is not told in the name of the first.
  expect(envoy().newest).toEqual(told);
  w.clock.now += 10_000;
  await says(agent, "the server is reached again");
  await until("its own runs are told", () =>
    envoy().newest.length > told.length ? true : undefined,
  );
  expect(w.events.map(({ kind }) => kind)).toEqual(["envoy.cloned", "envoy.moved"]);
}, 30_000);

describe("a client certificate", () => {
  test("is renewed after two thirds of its life, and then the only one that is taken", async () => {
    const present = w.clock.now;
    w.clock.now = present - 61 * day;
    await enrolled();
    w.clock.now = present;
    agent.start();
    await says(agent, "client certificate renewed");
    await until("it is shown", () => envoy().row.previousCertificate === undefined || undefined);
    const { certificate = "" } = (await readIdentity(agent.home)) ?? {};
    expect(certificateFacts(certificate).fingerprint).toBe(envoy().row.certificate);
    expect(envoy().row.certificate).not.toBe(web.row.certificate);
    const old = connectLink(web.identity);
    expect((await failure(old.checkIn({}))).message).toBe("the certificate is not this envoy's");
    old.close();
    expect(failures()).toEqual([]);
  }, 30_000);

  test("is left alone before that", async () => {
    const present = w.clock.now;
    w.clock.now = present - 59 * day;
    await enrolled();
    w.clock.now = present;
    agent.start();
    await holds(agent.page, "one\n");
    await agent.stop();
    expect(envoy().row.certificate).toBe(web.row.certificate);
  }, 30_000);

  test("whose renewals never arrived goes on being taken", async () => {
    await enrolled();
    const link = connectLink(web.identity);
    const csrSignature = sign(renewalMessage(web.csr), signingKey(web.identity.seed));
    for (let lost = 0; lost < 3; lost++) {
      await link.renewCertificate({ csr: web.csr, csrSignature });
      w.clock.now += 61_000;
    }
    link.close();
    await agent.runOnce();
    expect(failures()).toEqual([]);
  });
});
