/** The key that signs bundles is replaced while there is one: agents follow, also those that were away, and nobody else leads them. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFile, rm, writeFile } from "node:fs/promises";
import { followed, succeededBy } from "../../../src/core/bundle/succession.ts";
import { keyId, newKeyPair, signingKey } from "../../../src/core/pki/keys.ts";
import { mustHaveIdentity } from "../../../src/modes/agent/identity.ts";
import { trust } from "../../../src/modes/agent/trust.ts";
import { openBundleKey } from "../../../src/modes/server/trust/bundle-key.ts";
import {
  replaceBundleKey,
  rotateBundleKey,
} from "../../../src/modes/server/trust/replace-bundle-key.ts";
import { makeLastingWorld, type World } from "../server/world.ts";
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
const trusted = async () => (await mustHaveIdentity(agent.home)).bundleKeys.map(({ id }) => id);

async function rotated(times = 1): Promise<string> {
  await w.running().close();
  let key = "";
  for (let n = 0; n < times; n++) ({ key_id: key } = await rotateBundleKey(w.home, new Date()));
  await w.restart();
  return key;
}

describe("an agent", () => {
  test("that was away while the key was replaced, three times, follows by itself and forgets the former", async () => {
    const before = await trusted();
    await agent.runOnce();
    const key = await rotated(3);
    await publish("two");
    agent.start();
    await holds(agent.page, "two\n");
    await until("the former key is forgotten", async () =>
      (await trusted()).join() === key ? true : undefined,
    );
    expect(before).not.toContain(key);
    expect((await says(agent, "another key signs bundles")).fields).toEqual({ key_id: key });
    expect(agent.logged.filter(({ event }) => event === "bundle refused")).toEqual([]);
    // At its next start what it keeps is verified again.
    await agent.stop();
    await w.running().close();
    await rm(agent.page);
    expect((await agent.runOnce({ offline: true })).outcome).toBe("changed");
    expect(await readFile(agent.page, "utf8")).toBe("two\n");
    await w.restart();
    const { entries } = (await w.call("GET", "/audit?limit=20")).body as {
      entries: readonly { action: string }[];
    };
    expect(entries.filter(({ action }) => action === "bundle_key.rotate").length).toBe(3);
  }, 60_000);

  test("that runs meanwhile follows although nothing is published", async () => {
    agent.start();
    await holds(agent.page, "one\n");
    const key = await rotated();
    await until("the next key", async () => ((await trusted()).join() === key ? true : undefined));
    await rm(agent.page);
    await holds(agent.page, "one\n");
    expect(agent.logged.filter(({ event }) => event === "bundle refused")).toEqual([]);
  }, 60_000);

  test("that knows a key which was lost since is led nowhere, and takes a token", async () => {
    await agent.runOnce();
    await rotated();
    await w.running().close();
    await rm(w.home.bundleKey);
    const { key_id: key } = await replaceBundleKey(w.home, new Date());
    expect((await openBundleKey(w.home.bundleKey)).successions).toEqual([]);
    await w.restart();
    await publish("two");
    agent.start();
    const { fields } = await says(agent, "bundle refused", `signed with key ${key}`);
    expect(fields["hint"]).toContain("vigo agent trust --token");
    const policy = await until("the doctor sees it", async () => {
      const { checks } = (await w.call("GET", "/doctor")).body as { checks: readonly Check[] };
      return checks.find(({ name, result }) => name === "policy" && result === "warn");
    });
    expect([policy.message, policy.fix]).toEqual([
      "web-1 does not take what it is offered",
      expect.stringContaining("vigo agent trust --token"),
    ]);
    await agent.stop();
    await trust(agent.home, await w.token());
    agent.start();
    await holds(agent.page, "two\n");
    await until("all is well", async () => {
      const { checks } = (await w.call("GET", "/doctor")).body as { checks: readonly Check[] };
      return checks.find(({ name, result }) => name === "policy" && result === "pass");
    });
  }, 60_000);
});

test("a change that was killed before the key was there is none, and is made anew", async () => {
  await w.running().close();
  const before = await readFile(w.home.bundleKey);
  await rotateBundleKey(w.home, new Date());
  // As it was between the two writes.
  await writeFile(w.home.bundleKey, before);
  expect((await openBundleKey(w.home.bundleKey)).successions).toEqual([]);
  const { key_id: key } = await rotateBundleKey(w.home, new Date());
  const opened = await openBundleKey(w.home.bundleKey);
  expect([opened.id, opened.successions.length]).toEqual([key, 1]);
  await w.restart();
  await expect(rotateBundleKey(w.home, new Date())).rejects.toThrow("another server runs");
});

test("a chain is followed link by link, and nothing in it is taken that was not signed for this server by a key before", () => {
  const pairs = Array.from({ length: 4 }, () => {
    const { seed, publicKey } = newKeyPair();
    return { publicKey, id: keyId(publicKey), key: signingKey(seed) };
  });
  const [a, b, c, evil] = pairs as [P, P, P, P];
  const trust = new Map([[a.id, a.publicKey]]);
  const [ab, bc] = [succeededBy("s", a, b.publicKey), succeededBy("s", b, c.publicKey)];
  const ids = (chain: Parameters<typeof followed>[2], server = "s") =>
    followed(server, trust, chain).map(keyId);
  expect(ids([ab, bc])).toEqual([b.id, c.id]);
  expect(ids([])).toEqual([]);
  expect(ids([bc, ab])).toEqual([b.id]);
  expect(ids([ab, bc], "another server")).toEqual([]);
  expect(ids([{ ...ab, publicKey: evil.publicKey }])).toEqual([]);
  expect(ids([{ ...succeededBy("s", evil, evil.publicKey), fromKeyId: a.id }])).toEqual([]);
  expect(ids([succeededBy("s", evil, c.publicKey)])).toEqual([]);
  expect(ids([{ ...ab, signature: new Uint8Array(64) }])).toEqual([]);
  expect(ids([{ ...ab, publicKey: b.publicKey.slice(1) }])).toEqual([]);
  expect(ids([ab, ab])).toEqual([b.id]);
  expect(ids([succeededBy("s", a, a.publicKey)])).toEqual([]);
});

interface Check {
  readonly name: string;
  readonly result: string;
  readonly message: string;
  readonly fix?: string;
}

interface P {
  readonly publicKey: Uint8Array;
  readonly id: string;
  readonly key: ReturnType<typeof signingKey>;
}
