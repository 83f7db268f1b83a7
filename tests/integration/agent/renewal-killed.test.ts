/** An agent that was killed in the middle of a renewal still opens its connection at the next start. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { finishRenewal, mustHaveIdentity } from "../../../src/modes/agent/identity.ts";
import { clientCertificate } from "../grpc/pki.ts";
import { type Enrolled, type World, world } from "../grpc/world.ts";
import { policyOf, type RealAgent, realAgent, settle } from "./real-agent.ts";

let w: World;
let agent: RealAgent;
let web: Enrolled;

beforeEach(async () => {
  w = await world({ traits });
  agent = await realAgent();
  web = await w.enrol("web-1", w.own, machineFacts().machineId);
  await settle(w, agent, web);
  await w.publish(policyOf(agent, "one"));
});
afterEach(async () => {
  await agent.remove();
  await w.close();
});

/** Issued and on record, and not yet at the agent. */
async function renewed() {
  const made = await clientCertificate(w.own, web.row.id, new Date());
  const { fingerprint: certificate, expiresAt } = made;
  const previous = web.row.certificate;
  w.fleet.renewed(web.row.id, { certificate, expiresAt, previous, trusts: "first" });
  return made;
}

const at = (name: string) => join(agent.home, "identity", name);

/** In the order in which a renewal writes them. */
const steps: readonly (readonly [
  string,
  (pair: { certificate: string; key: string }) => string,
])[] = [
  ["renewed.pem", ({ certificate, key }) => `${key}\n${certificate}`],
  ["client_key.pem", ({ key }) => key],
  ["client.pem", ({ certificate }) => certificate],
];

test.each([0, 1, 2, 3])("killed after %i of 3 files", async (written) => {
  const fresh = await renewed();
  for (const [name, content] of steps.slice(0, written)) await writeFile(at(name), content(fresh));
  await agent.runOnce();
  expect(agent.logged.map(({ event }) => event)).toEqual(["bundle accepted"]);
  const { certificate } = await mustHaveIdentity(agent.home);
  const expected = written === 0 ? web.row.certificate : fresh.fingerprint;
  expect(certificateFacts(certificate).fingerprint).toBe(expected);
  await expect(stat(at("renewed.pem"))).rejects.toThrow("ENOENT");
});

test("killed at any moment, certificate and key belong together afterwards", async () => {
  const other = await renewed();
  const pairs = [web.identity, other].map(({ certificate, key }) => ({ certificate, key }));
  const script = new URL("renew-for-ever.ts", import.meta.url).pathname;
  for (let round = 0; round < 12; round++) {
    const child = Bun.spawn([process.execPath, script, agent.home, JSON.stringify(pairs)], {
      stdin: "ignore",
      stdout: "pipe",
    });
    await child.stdout.getReader().read();
    await Bun.sleep(round);
    child.kill("SIGKILL");
    await child.exited;
    await finishRenewal(agent.home);
    const { certificate, key } = await mustHaveIdentity(agent.home);
    expect(certificateFacts(certificate).belongsTo(key)).toBe(true);
  }
}, 30_000);
