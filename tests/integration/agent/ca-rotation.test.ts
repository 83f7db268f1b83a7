/** The CA is replaced under living agents: nobody is shut out, and in the end the former is worth nothing. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { certificateFacts } from "../../../src/core/pki/certificate.ts";
import { certificatesIn } from "../../../src/core/pki/pem.ts";
import { mustHaveIdentity } from "../../../src/modes/agent/identity.ts";
import { trust } from "../../../src/modes/agent/trust.ts";
import { codeOf, makeLastingWorld, messageOf, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, says, until } from "./real-agent.ts";

let w: World;
let agent: RealAgent;

beforeEach(async () => {
  w = await makeLastingWorld();
  agent = await realAgent();
  await publish("one");
  await enrolAt(agent, w.running().ports.api, await w.token());
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
});

const publish = (content: string) => publishFiles(w, policyOf(agent, content));
const rotation = async () => (await w.call("GET", "/server/ca")).body;
const fingerprintOf = (ca: unknown) => (ca as { readonly fingerprint: string }).fingerprint;
const known = async () =>
  certificatesIn((await mustHaveIdentity(agent.home)).ca).map(
    (der) => certificateFacts(der).fingerprint,
  );
const moved = (count: number) =>
  until(`${count} have moved`, async () =>
    (await rotation())["moved"] === count && (await rotation())["waiting"] === 0 ? true : undefined,
  );

test("living agents move to the next CA, and the former is dropped", async () => {
  agent.start();
  await holds(agent.page, "one\n");
  expect(await rotation()).toMatchObject({ moved: 1, waiting: 0 });
  const before = await w.token({ uses: 0 });
  const begun = await w.call("POST", "/server/ca");
  expect(begun.status).toBe(200);
  const former = fingerprintOf(begun.body["ca"]);
  const next = fingerprintOf(begun.body["next"]);
  expect(begun.body).toMatchObject({ moved: 0, waiting: 1 });
  expect(codeOf(await w.call("POST", "/server/ca"))).toBe("conflict");
  await moved(1);
  expect(await known()).toEqual([former, next]);
  // Whoever comes meanwhile knows both from the start.
  expect((await w.enrol(before, "newcomer")).status).toBe(200);
  expect(await rotation()).toMatchObject({ moved: 2, waiting: 0 });

  const finished = await w.call("POST", "/server/ca/finish", {});
  expect(finished.status).toBe(200);
  expect(fingerprintOf(finished.body["ca"])).toBe(next);
  expect(finished.body["next"]).toBeUndefined();
  expect(
    certificateFacts(await readFile(join(w.home.tls, "cert.pem"), "utf8")).issuedBy(
      await readFile(join(w.home.tls, "ca.pem"), "utf8"),
    ),
  ).toBe(true);
  // A new connection, and with it a new handshake.
  await agent.stop();
  await publish("two");
  agent.start();
  await holds(agent.page, "two\n");
  // Two renewals within a minute are one too many, so it waits for its turn.
  expect(agent.logged.filter(({ event }) => event === "check-in failed")).toEqual([]);
  const late = await w.enrol(before, "latecomer");
  expect([codeOf(late), messageOf(late)]).toEqual([
    "denied",
    "this token is for another server, or for a former CA of this one",
  ]);
  expect((await w.enrol(await w.token(), "latecomer")).status).toBe(200);
  const audit = (await w.call("GET", "/audit?limit=50")).body["entries"];
  expect(audit).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ action: "ca.new", subject: next }),
      expect.objectContaining({ action: "ca.drop", subject: former }),
    ]),
  );
}, 60_000);

test("one that is away keeps the former in force, and a restart of the server changes nothing", async () => {
  await agent.runOnce();
  await w.call("POST", "/server/ca");
  const { about } = await mustHaveIdentity(agent.home);
  const early = await w.call("POST", "/server/ca/finish", {});
  expect([codeOf(early), messageOf(early)]).toEqual([
    "conflict",
    "one envoy does not know the new CA yet",
  ]);
  await w.restart();
  expect(await rotation()).toMatchObject({
    waiting: 1,
    waiting_envoys: [{ id: about.envoy_id, hostname: "web-1" }],
  });
  await agent.runOnce();
  await agent.runOnce();
  expect(await rotation()).toMatchObject({ moved: 1, waiting: 0 });
  expect((await w.call("POST", "/server/ca/finish", {})).status).toBe(200);
  await w.restart();
  await publish("two");
  expect((await agent.runOnce()).outcome).toBe("changed");
}, 60_000);

test("one that is left behind is healed by a token", async () => {
  await agent.runOnce();
  await w.call("POST", "/server/ca");
  expect((await w.call("POST", "/server/ca/finish", { force: true })).status).toBe(200);
  await publish("two");
  expect((await agent.runOnce()).outcome).toBe("ok");
  await says(agent, "check-in failed", "cannot reach");
  await trust(agent.home, await w.token());
  expect((await agent.runOnce()).outcome).toBe("changed");
  await holds(agent.page, "two\n");
}, 60_000);

test("an envoy whose certificate is of the former CA alone is not heard any more", async () => {
  agent.start();
  await holds(agent.page, "one\n");
  const stale = await mustHaveIdentity(agent.home);
  await w.call("POST", "/server/ca");
  await moved(1);
  await agent.stop();
  await w.call("POST", "/server/ca/finish", {});
  const { hangsUpOn } = await import("../../support/hangs-up.ts");
  const trusted = (await mustHaveIdentity(agent.home)).ca;
  const { grpc } = w.running().ports;
  expect(await hangsUpOn(grpc, { ...stale, ca: trusted })).toBe(true);
  expect(await hangsUpOn(grpc, await mustHaveIdentity(agent.home))).toBe(false);
}, 60_000);
