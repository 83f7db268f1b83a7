/** A machine that is let out through a proxy only, and the proxy is a real one: tinyproxy of Debian, with its own limits and passwords. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeRoom } from "../../support/remove-room.ts";
import { failure } from "../grpc/failure.ts";
import { makeWorld, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, until } from "./real-agent.ts";

/** This machine, and none of the names that no proxy is asked for. */
const here = "0.0.0.0";

let room: string;
let w: World;
const agents: RealAgent[] = [];
const proxies: Bun.Subprocess[] = [];

beforeEach(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-tinyproxy-"));
  w = await makeWorld("checkin: {interval: 1s, stream: always}\n");
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.remove();
  for (const one of proxies.splice(0)) {
    one.kill("SIGKILL");
    await one.exited;
  }
  await w.stop();
  await removeRoom(room);
});

const log = () => readFile(join(room, "log"), "utf8");

async function freePort(): Promise<number> {
  const taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = taken;
  await taken.stop(true);
  return port;
}

const listens = (port: number) =>
  new Promise<true | undefined>((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(undefined));
  });

async function tinyproxy(more: string): Promise<number> {
  const port = await freePort();
  const config = join(room, "tinyproxy.conf");
  await writeFile(
    config,
    `Port ${port}\nListen 127.0.0.1\nLogFile "${join(room, "log")}"\nLogLevel Connect\nMaxClients 50\n${more}`,
  );
  proxies.push(
    Bun.spawn(["tinyproxy", "-d", "-c", config], { stdout: "ignore", stderr: "ignore" }),
  );
  await until("the proxy", () => listens(port));
  return port;
}

async function behind(https: string): Promise<RealAgent> {
  const agent = await realAgent({ proxy: { https } });
  agents.push(agent);
  await publishFiles(w, policyOf(agent, "one"));
  return agent;
}

const enrolled = async (agent: RealAgent) =>
  enrolAt(agent, `${here}:${w.running().ports.api}`, await w.token());

test("a daemon enrols, checks in, enforces and holds its stream, with the password that the proxy wants", async () => {
  const { api, grpc } = w.running().ports;
  const port = await tinyproxy(
    `ConnectPort ${api}\nConnectPort ${grpc}\nBasicAuth vigo pass-word\n`,
  );
  const agent = await behind(`http://vigo:pass-word@127.0.0.1:${port}`);
  await enrolled(agent);
  agent.start();
  await holds(agent.page, "one\n");
  await until("an open stream", async () =>
    /^vigo_streams_open 1$/m.test(await (await w.fetch("/metrics")).text()) ? true : undefined,
  );
  for (const asked of [api, grpc]) expect(await log()).toContain(`CONNECT ${here}:${asked} `);
  const without = await behind(`http://127.0.0.1:${port}`);
  expect((await failure(enrolled(without))).message).toContain("answers 407");
}, 60_000);

test("one that lets nobody but browsers through, as most do until they are told, is named with what to do", async () => {
  const port = await tinyproxy("ConnectPort 443\n");
  const refused = await failure(enrolled(await behind(`http://127.0.0.1:${port}`)));
  expect(refused).toMatchObject({ failure: "unavailable" });
  expect(refused.message).toContain(`the proxy 127.0.0.1:${port} answers 403`);
  expect(await log()).toContain(`CONNECT ${here}:${w.running().ports.api} `);
}, 30_000);
