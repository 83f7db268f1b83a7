/** An agent that was away until its certificate had ended comes back by itself, and nobody else does. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { issueClient, openCa } from "../../../src/core/pki/ca.ts";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { newCertificateRequest } from "../../../src/core/pki/csr.ts";
import { newKeyPair, sign, signingKey } from "../../../src/core/pki/keys.ts";
import { renewalMethod } from "../../../src/core/wire/service.ts";
import { envelopeBytes } from "../../../src/core/wire/signed.ts";
import {
  type Identity,
  mustHaveIdentity,
  writeCertificate,
} from "../../../src/modes/agent/identity.ts";
import { codeOf, makeLastingWorld, messageOf, type World } from "../server/world.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, says, until } from "./real-agent.ts";
import { publishFiles } from "./publish-files.ts";

let w: World;
let agent: RealAgent;

beforeEach(async () => {
  w = await makeLastingWorld();
  agent = await realAgent();
  await publishFiles(w, policyOf(agent, "one"));
  await enrolAt(agent, w.running().ports.api, await w.token());
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
});

const day = 86_400_000;
const lifetime = 90 * day;

/** A certificate of this server's CA, for this envoy, that ends so many milliseconds from now. */
async function endsIn(ms: number): Promise<void> {
  const read = (name: string) => readFile(join(w.home.tls, name), "utf8");
  const ca = await openCa({ certificate: await read("ca.pem"), key: await read("ca_key.pem") });
  const { csr: request, key } = await newCertificateRequest("web-1");
  const { envoy_id: envoyId } = (await mustHaveIdentity(agent.home)).about;
  const { pem } = await issueClient(ca, { request, envoyId }, new Date(Date.now() + ms - lifetime));
  await writeCertificate(agent.home, { certificate: pem, key });
}

const certificateEnd = async () =>
  certificateFacts((await mustHaveIdentity(agent.home)).certificate).expiresAt;

async function isRenewed(): Promise<void> {
  const { fields } = await says(agent, "client certificate renewed");
  expect(fields).toEqual({ by: "signing key" });
  expect(await certificateEnd()).toBeGreaterThan(Date.now() + lifetime - day);
  await holds(agent.page, "one\n");
}

describe("an agent whose certificate has ended", () => {
  test("asks with its signing key, and enforces", async () => {
    await endsIn(-10 * day);
    agent.start();
    await isRenewed();
    expect(agent.logged.filter(({ event }) => event === "check-in failed")).toEqual([]);
  }, 30_000);

  test("does so for one pass, too", async () => {
    await endsIn(-10 * day);
    expect((await agent.runOnce()).outcome).toBe("changed");
    await isRenewed();
  }, 30_000);

  test("and whose clock is behind, learns it from the server's hanging up", async () => {
    await endsIn(-60_000);
    agent.clock.offsetMs = -120_000;
    agent.start();
    await isRenewed();
  }, 30_000);

  test("while the server was away, comes back when the server does", async () => {
    await agent.runOnce();
    await w.running().close();
    await endsIn(2_000);
    agent.start();
    await says(agent, "check-in failed", "cannot reach");
    await until("it has ended", async () => (await certificateEnd()) < Date.now() || undefined);
    await w.restart();
    await isRenewed();
  }, 60_000);

  test("because its clock is wrong, is told the time, and goes on when the clock is right", async () => {
    await agent.runOnce();
    agent.clock.offsetMs = 100 * day;
    agent.start();
    const { fields } = await says(agent, "check-in failed", "clocks of agent and server");
    expect(fields["hint"]).toContain(new Date().toISOString().slice(0, 13));
    agent.clock.offsetMs = 0;
    await says(agent, "the server is reached again");
    await holds(agent.page, "one\n");
  }, 60_000);

  test("stays out when it is revoked", async () => {
    await endsIn(-10 * day);
    const { envoy_id } = (await mustHaveIdentity(agent.home)).about;
    await w.call("POST", `/envoys/${envoy_id}/revoke`);
    agent.start();
    await says(agent, "check-in failed", "envoy is revoked");
    expect(await certificateEnd()).toBeLessThan(Date.now());
  }, 30_000);
});

interface Forged {
  readonly envoyId?: string;
  readonly seed?: Uint8Array;
  readonly at?: number;
  readonly method?: string;
  readonly serverId?: string;
}

async function request({ about, seed }: Identity, forged: Forged = {}) {
  const { csr } = await newCertificateRequest("web-1");
  const at = BigInt(forged.at ?? Date.now());
  const envelope = {
    method: forged.method ?? renewalMethod,
    serverId: forged.serverId ?? about.server_id,
    envoyId: forged.envoyId ?? about.envoy_id,
    timestampMs: at,
    sequence: at * 1000n,
    payload: csr,
  };
  const signature = sign(envelopeBytes(envelope), signingKey(forged.seed ?? seed));
  return {
    envoy_id: envelope.envoyId,
    timestamp_ms: Number(at),
    sequence: String(envelope.sequence),
    csr: Buffer.from(csr).toString("base64"),
    signature: Buffer.from(signature).toString("base64"),
  };
}

const ask = (body: object) => w.call("POST", "/renew", body, "");

const refusals: readonly (readonly [string, Forged, string, string])[] = [
  ["an unknown envoy", { envoyId: crypto.randomUUID() }, "missing", "does not know this envoy"],
  ["another key", { seed: newKeyPair().seed }, "unauthenticated", "signature is wrong"],
  ["another method", { method: "/vigo.v1.AgentService/CheckIn" }, "unauthenticated", "signature"],
  ["another server", { serverId: crypto.randomUUID() }, "unauthenticated", "signature is wrong"],
  ["a request from before", { at: Date.now() - day }, "failed", "clocks"],
  ["a request from the future", { at: Date.now() + day }, "failed", "clocks"],
];

test.each(refusals)("%s gets no certificate", async (_, forged, code, message) => {
  const answer = await ask(await request(await mustHaveIdentity(agent.home), forged));
  expect(codeOf(answer)).toBe(code);
  expect(messageOf(answer)).toContain(message);
});

test("a request is good once, and its certificate is the envoy's", async () => {
  const identity = await mustHaveIdentity(agent.home);
  const body = await request(identity);
  const answer = await ask(body);
  expect(answer.status).toBe(200);
  const { expiresAt, issuedBy } = certificateFacts(String(answer.body["certificate"]));
  expect(issuedBy(identity.ca)).toBe(true);
  const shown = await w.call("GET", `/envoys/${identity.about.envoy_id}`);
  expect(shown.body["certificate_expires_at"]).toBe(new Date(expiresAt).toISOString());
  expect(codeOf(await ask(body))).toBe("conflict");
  const soon = await ask(await request(identity, { at: Date.now() + 1 }));
  expect([codeOf(soon), messageOf(soon)]).toEqual([
    "limited",
    "the certificate was renewed a moment ago",
  ]);
});

test("what was changed on the way is refused", async () => {
  const body = await request(await mustHaveIdentity(agent.home));
  const { csr } = await newCertificateRequest("web-1");
  const other = Buffer.from(csr).toString("base64");
  expect(codeOf(await ask({ ...body, csr: other }))).toBe("unauthenticated");
  expect(codeOf(await ask({ ...body, sequence: `${BigInt(body.sequence) + 1n}` }))).toBe(
    "unauthenticated",
  );
  expect(codeOf(await ask({ ...body, sequence: "9".repeat(19) }))).toBe("unauthenticated");
});
