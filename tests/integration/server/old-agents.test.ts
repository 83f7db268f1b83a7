/** Agents that are older than the policy: the server asks what they know, once for each program, and says before a publish who lacks what. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { type Knowledge, knowledgeOf, knowledgeText } from "../../../src/core/bundle/knowledge.ts";
import { ownKnowledgeDigest } from "../../../src/core/bundle/own-knowledge.ts";
import { sha256 } from "../../../src/core/pki/keys.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import type { Link } from "../../../src/modes/agent/link.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";
import { join } from "./join.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let room = "";
const links: Link[] = [];
const whole = knowledgeOf({ resources, traits });
const { file: _, ...types } = whole.types;
const bytesOf = (knowledge: Knowledge) => new TextEncoder().encode(knowledgeText(knowledge));
const old = bytesOf({ ...whole, types: { ...types, file: ["target_path", "content"] } });

beforeAll(async () => {
  w = await makeWorld();
  room = await mkdtemp(pathOf(tmpdir(), "vigo-old-agents-"));
  await mkdir(pathOf(room, "configcrates"));
  await writeFile(pathOf(room, "envoys.vgo"), 'envoys: [{ match: "*", configcrates: [a] }]\n');
  await writeFile(
    pathOf(room, "configcrates/a.vgo"),
    'configcrate: a\nresources:\n  - { name: x, type: file, target_path: /x, content: a, mode: "0600" }\n',
  );
});
afterAll(async () => {
  for (const link of links) link.close();
  await w.stop();
  await removeRoom(room);
});

const machine = (hostname: string) => ({
  hostname,
  bootId: `boot-${hostname}`,
  machineId: `machine-${hostname}`,
});

async function member(hostname: string, agentVersion: string, knows: Uint8Array | undefined) {
  const { link } = await join(w, hostname);
  links.push(link);
  const said = { ...machine(hostname), agentVersion };
  const registryDigest = knows === undefined ? ownKnowledgeDigest() : sha256(knows);
  return (registry?: Uint8Array) =>
    link.checkIn({ ...said, registryDigest, ...(registry && { registry }) });
}

async function vigo(...words: readonly string[]) {
  const screen = recordingScreen();
  const code = await cli([...words, "--home", w.home.folder], screen);
  return { code, ...screen.printed() };
}

const lack = "run 0.9, which has no parameter mode of file: there it is blocked";

test("a program that is not this one is asked once, and believed only by its digest", async () => {
  const first = await member("web-1", "0.9", old);
  expect((await first()).registryWanted).toBe(true);
  expect((await first(bytesOf(whole))).registryWanted).toBe(true);
  expect((await first(old)).registryWanted).toBe(false);
  const second = await member("web-2", "0.9", old);
  expect((await second()).registryWanted).toBe(false);
  const same = await member("web-3", "1.0", undefined);
  expect((await same()).registryWanted).toBe(false);
});

test("plan, publish, doctor and the envoy itself tell of it", async () => {
  const place = "configcrates/a.vgo:3:5";
  const planned = await vigo("config", "plan", "--stacks", room);
  expect(planned.out).toContain(`${place}: warning VG960 2 envoys ${lack}`);
  expect(planned.out).toContain("update the agent of web-1, web-2");
  const published = await vigo("publish", "--stacks", room);
  expect([published.code, published.out]).toEqual([0, expect.stringContaining(`2 envoys ${lack}`)]);
  const token = (await Bun.file(w.home.localToken).text()).trim();
  const server = ["--server", `https://localhost:${w.running().ports.api}`, "--token", token];
  const trust = ["--ca-file", pathOf(w.home.tls, "ca.pem")];
  const screen = recordingScreen();
  await cli(["publish", "--stacks", room, "--replace", ...server, ...trust], screen);
  expect(screen.printed().out).toContain(`2 envoys ${lack}`);
  expect((await vigo("envoys", "show", "web-1")).out).toContain(
    "it has no parameter mode of file; update it",
  );
  expect((await vigo("envoys", "show", "web-3")).out).not.toContain("agent too old");
  expect((await vigo("doctor")).out).toContain(`2 envoys ${lack}`);
});

test("a restart forgets none of it, whoever calls meanwhile or does not", async () => {
  for (const link of links.splice(0)) link.close();
  await w.restart();
  const planned = await vigo("config", "plan", "--stacks", room);
  expect(planned.out).toContain(`warning VG960 2 envoys ${lack}`);
  // One that tells something else is believed.
  const updated = await member("web-5", "0.9", undefined);
  expect((await updated()).registryWanted).toBe(false);
  expect((await vigo("envoys", "show", "web-5")).out).not.toContain("agent too old");
  const again = await member("web-6", "0.9", old);
  expect((await again()).registryWanted).toBe(false);
  expect((await vigo("envoys", "show", "web-6")).out).toContain("agent too old");
});

test("an agent that is updated is told of no more", async () => {
  const { link } = await join(w, "web-4");
  links.push(link);
  const said = { ...machine("web-4"), agentVersion: "0.9", registryDigest: sha256(old) };
  await link.checkIn(said);
  expect((await vigo("envoys", "show", "web-4")).out).toContain("agent too old");
  await link.checkIn({ ...said, agentVersion: "1.0", registryDigest: ownKnowledgeDigest() });
  expect((await vigo("envoys", "show", "web-4")).out).not.toContain("agent too old");
});
