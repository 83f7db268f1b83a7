/** A server that is known by several addresses, of which some do not answer. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readIdentity } from "../../../src/modes/agent/identity.ts";
import { calling } from "../../../src/modes/agent/settings.ts";
import { checkIn } from "../../../src/modes/agent/check-in.ts";
import { Member } from "../../../src/modes/agent/member.ts";
import { trust } from "../../../src/modes/agent/trust.ts";
import { makeWorld, type World } from "../server/world.ts";
import { failure } from "../grpc/failure.ts";
import { enrolAt, type RealAgent, realAgent } from "./real-agent.ts";

let w: World;
let agent: RealAgent;
beforeEach(async () => {
  w = await makeWorld();
  agent = await realAgent();
});
afterEach(async () => {
  await agent.remove();
  await w.stop();
});

/** A port where nobody listens. */
const nobody = "127.0.0.1:1";

async function calls(servers?: string): Promise<void> {
  const member = await Member.open(calling(agent.context, servers));
  try {
    await checkIn(await member.link(), member);
  } finally {
    await member.close();
  }
}

test("enrolment, trust and check-ins try them in turn, and all are kept", async () => {
  const { grpc, api } = w.running().ports;
  const servers = `${nobody}, localhost:${api}`;
  await enrolAt(agent, servers, await w.token());
  const { about } = (await readIdentity(agent.home)) ?? {};
  expect(about?.servers).toEqual([`127.0.0.1:${grpc}`, `localhost:${grpc}`]);
  expect((await trust(agent.home, await w.token())).added).toEqual([]);
  await calls(`${nobody},localhost:${grpc}`);
  expect((await failure(calls(nobody))).message).toContain("cannot reach 127.0.0.1:1");
  await calls();
});

test("one that is no server for agents, as its other port, is passed over like one that is away", async () => {
  const { grpc, api } = w.running().ports;
  await enrolAt(agent, `localhost:${api}`, await w.token());
  expect(await failure(calls(`localhost:${api}`))).toMatchObject({
    failure: "unavailable",
    message: expect.stringContaining("it speaks no HTTP/2"),
  });
  await calls(`localhost:${api},localhost:${grpc}`);
});

test("keys of an attempt that cannot be read any more are made anew", async () => {
  const unread = join(agent.home, "identity", "enrolling.json");
  await mkdir(join(agent.home, "identity"), { recursive: true });
  for (const text of ['{"hostname":"web-1","se', "{}", "null"]) {
    await writeFile(unread, text);
    await failure(enrolAt(agent, nobody, await w.token()));
    expect(JSON.parse(await readFile(unread, "utf8"))).toMatchObject({ hostname: "web-1" });
  }
});

test("none of them answers, or one is no address", async () => {
  const token = await w.token();
  expect((await failure(enrolAt(agent, `${nobody},127.0.0.1:2`, token))).message).toContain(
    "cannot reach 127.0.0.1:2",
  );
  expect((await failure(enrolAt(agent, "https://x:8443", token))).message).toBe(
    "https://x:8443 is no address of a server",
  );
  expect((await failure(enrolAt(agent, ",", token))).message).toContain("--server is HOST:8443");
});
