/** A server or an agent that was restored from a backup, and a signing key that is lost: nothing is refused for ever. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustHaveIdentity } from "../../../src/modes/agent/identity.ts";
import { trust } from "../../../src/modes/agent/trust.ts";
import { replaceBundleKey } from "../../../src/modes/server/trust/replace-bundle-key.ts";
import { makeLastingWorld, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, says, until } from "./real-agent.ts";

let w: World;
let agent: RealAgent;

beforeEach(async () => {
  w = await makeLastingWorld();
  agent = await realAgent();
  await publish("one");
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
});

const publish = (content: string) => publishFiles(w, policyOf(agent, content));

const enrolled = async () => enrolAt(agent, w.running().ports.api, await w.token());

function copy(from: string, to: string): void {
  const done = Bun.spawnSync(["sh", "-c", 'rm -rf "$2" && cp -a "$1" "$2"', "sh", from, to]);
  expect(done.exitCode).toBe(0);
}

const backup = () => join(agent.room, "backup");

/** What an operator does: stop, put the backup in its place, start. */
async function restoreServer(): Promise<void> {
  await w.running().close();
  Bun.spawnSync(["chmod", "-R", "u+w", w.home.folder]);
  copy(backup(), w.home.folder);
  await w.restart();
}

async function backUpServer(): Promise<void> {
  await w.running().close();
  copy(w.home.folder, backup());
  await w.restart();
}

/** Drift is mended, whatever the server says. */
async function isEnforced(content: string): Promise<void> {
  await writeFile(agent.page, "damaged\n");
  await holds(agent.page, content);
}

test("a server that has forgotten the envoy is not asked often, and what it said last is enforced", async () => {
  await backUpServer();
  await enrolled();
  await agent.runOnce();
  await restoreServer();
  agent.start();
  const { fields } = await says(agent, "check-in failed", "does not know this envoy");
  expect(fields["hint"]).toContain("vigo agent bootstrap");
  expect(fields["again_in_s"]).toBeGreaterThanOrEqual(150);
  await isEnforced("one\n");
}, 40_000);

test("a server that is restored gives older policies, which are refused, until it publishes again", async () => {
  await enrolled();
  await publish("two");
  await backUpServer();
  await publish("three");
  agent.start();
  await holds(agent.page, "three\n");
  await restoreServer();
  await says(agent, "bundle refused", "older than");
  await isEnforced("three\n");
  await publish("four");
  await holds(agent.page, "four\n");
}, 60_000);

interface Listed {
  readonly number: number;
  readonly outcome: string;
}
const runs = async () =>
  ((await w.call("GET", "/runs?limit=100")).body["runs"] as readonly Listed[]).toSorted(
    (a, b) => a.number - b.number,
  );

test("an agent that is restored tells of its runs under numbers above those that are known", async () => {
  await enrolled();
  await agent.runOnce();
  copy(agent.home, backup());
  for (let turn = 0; turn < 3; turn++) {
    await writeFile(agent.page, "damaged\n");
    await agent.runOnce();
  }
  const before = await runs();
  expect(before.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  copy(backup(), agent.home);
  for (let turn = 0; turn < 2; turn++) {
    await writeFile(agent.page, "damaged\n");
    expect((await agent.runOnce()).outcome).toBe("changed");
  }
  expect((await runs()).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(agent.logged.filter(({ event }) => event !== "bundle accepted")).toEqual([]);
}, 40_000);

test("an agent that is restored takes what is published, though it remembers less", async () => {
  await enrolled();
  await agent.runOnce();
  copy(agent.home, backup());
  await publish("two");
  await agent.runOnce();
  copy(backup(), agent.home);
  agent.start();
  await holds(agent.page, "two\n");
}, 40_000);

test("a lost signing key is replaced by hand, its bundles are refused, and a token heals that", async () => {
  await enrolled();
  const { about } = await mustHaveIdentity(agent.home);
  await agent.runOnce();
  await w.running().close();
  await rm(w.home.bundleKey);
  await expect(w.restart()).rejects.toThrow(`${w.home.bundleKey} is missing`);
  const { key_id: key, envoys } = await replaceBundleKey(w.home, new Date());
  expect(envoys).toBe(1);
  await expect(replaceBundleKey(w.home, new Date())).rejects.toThrow("envoys trust it");
  await w.restart();
  await publish("two");
  agent.start();
  const { fields } = await says(agent, "bundle refused", `signed with key ${key}`);
  expect(fields["hint"]).toContain("vigo agent trust --token");
  await isEnforced("one\n");
  await agent.stop();

  const told = await trust(agent.home, await w.token());
  expect(told).toEqual({ added: [key], verification_keys: [key] });
  agent.start();
  await holds(agent.page, "two\n");
  const { entries } = (await w.call("GET", "/audit?limit=10")).body as {
    entries: readonly { action: string; subject: string }[];
  };
  expect(entries.map(({ action, subject }) => `${action} ${subject}`)).toEqual(
    expect.arrayContaining([`envoy.reissue ${about.envoy_id}`, `bundle_key.replace ${key}`]),
  );
  await until("the run is told", async () => (await runs()).length > 1 || undefined);
}, 60_000);

test("a damaged file of an identity is named, with the way out", async () => {
  await enrolled();
  const file = (name: string) => join(agent.home, "identity", name);
  for (const [name, holds] of [
    ["client.pem", "certificate"],
    ["ca.pem", "certificate"],
    ["client_key.pem", "private key"],
    ["signing_key", "key"],
  ] as const) {
    const sound = await readFile(file(name), "utf8");
    await writeFile(file(name), sound.slice(0, 40));
    await expect(mustHaveIdentity(agent.home)).rejects.toMatchObject({
      failure: "failed",
      message: `${file(name)}: it holds no ${holds}`,
      hint: expect.stringContaining("vigo agent bootstrap --force"),
    });
    await writeFile(file(name), sound);
  }
  await mustHaveIdentity(agent.home);
});
