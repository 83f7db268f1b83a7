/** A machine that is let out through a proxy only: enrolment, check-ins, streams, renewal, and what is said when the proxy will not. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VigoError } from "../../../src/core/errors.ts";
import { examine } from "../../../src/modes/agent/doctor.ts";
import { mustHaveIdentity } from "../../../src/modes/agent/identity.ts";
import { keepProxy } from "../../../src/modes/agent/keep-proxy.ts";
import { isRefused, renewByKey } from "../../../src/modes/agent/renew-by-key.ts";
import { linkIdentity } from "../../../src/modes/agent/identity.ts";
import { settingsFrom } from "../../../src/modes/agent/settings.ts";
import { trust } from "../../../src/modes/agent/trust.ts";
import { type ConnectProxy, connectProxy } from "../../support/connect-proxy.ts";
import { failure } from "../grpc/failure.ts";
import { makeWorld, type World } from "../server/world.ts";
import { publishFiles } from "./publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, says, until } from "./real-agent.ts";

/** No resolver knows it: whoever gets there was led by the proxy. */
const name = "vigo.invalid";

let w: World;
let proxy: ConnectProxy;
const agents: RealAgent[] = [];
const proxies: ConnectProxy[] = [];

beforeEach(async () => {
  w = await makeWorld("checkin: {interval: 1s, stream: always}\n");
  proxy = await opened();
});
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.remove();
  for (const one of proxies.splice(0)) await one.close();
  await w.stop();
});

async function opened(how?: Parameters<typeof connectProxy>[0]): Promise<ConnectProxy> {
  const one = await connectProxy(how);
  proxies.push(one);
  return one;
}

async function behind(https: string, except?: string): Promise<RealAgent> {
  const agent = await realAgent({ proxy: { https, ...(except !== undefined && { except }) } });
  agents.push(agent);
  return agent;
}

const enrolled = async (agent: RealAgent): Promise<void> => {
  await publishFiles(w, policyOf(agent, "one"));
  await enrolAt(agent, `${name}:${w.running().ports.api}`, await w.token());
};

describe("through a proxy", () => {
  test("a daemon enrols, checks in, enforces, and holds its stream", async () => {
    const agent = await behind(`http://127.0.0.1:${proxy.port}`);
    await enrolled(agent);
    const { grpc, api } = w.running().ports;
    expect(proxy.asked).toEqual([`${name}:${api}`, `${name}:${api}`]);
    agent.start();
    await holds(agent.page, "one\n");
    await until("an open stream", async () =>
      /^vigo_streams_open 1$/m.test(await (await w.fetch("/metrics")).text()) ? true : undefined,
    );
    expect(new Set(proxy.asked.slice(2))).toEqual(new Set([`${name}:${grpc}`]));
  }, 30_000);

  test("a certificate is had by key, keys are trusted anew, and doctor finds the server", async () => {
    const agent = await behind(`http://127.0.0.1:${proxy.port}`);
    await enrolled(agent);
    const identity = await mustHaveIdentity(agent.home);
    const { settings } = agent.context;
    const renewed = await renewByKey(agent.home, identity, new Date(), settings.proxy);
    expect(renewed.certificate).not.toBe(identity.certificate);
    expect((await trust(agent.home, await w.token(), settings.proxy)).added).toEqual([]);
    const link = { ...linkIdentity(renewed), proxy: { https: `127.0.0.1:${proxy.port}` } };
    expect(await isRefused(link)).toBe(false);
    const found = (await examine(agent.context)).find((one) => one.name === "servers");
    expect(found).toMatchObject({ result: "pass" });
    await proxy.close();
    const lost = (await examine(agent.context)).find((one) => one.name === "servers");
    expect(lost).toMatchObject({ result: "fail" });
  }, 30_000);

  test("with a name and a password, which it wants", async () => {
    const strict = await opened({ wants: "vigo:a b/c" });
    await enrolled(await behind(`http://vigo:a%20b%2Fc@127.0.0.1:${strict.port}`));
    const without = await behind(`http://127.0.0.1:${strict.port}`);
    const { message } = await failure(enrolled(without));
    expect(message).toContain(`the proxy 127.0.0.1:${strict.port} answers 407`);
    expect(message).toContain("wants a name and a password");
  }, 30_000);

  test("the words of the program: bootstrap and run with HTTPS_PROXY, as a process", async () => {
    const agent = await behind("unused");
    await publishFiles(w, policyOf(agent, "two"));
    const vigo = async (words: readonly string[], env: Record<string, string>) => {
      const argv = [process.execPath, join(import.meta.dir, "../../../src/main.ts"), "agent"];
      const child = Bun.spawn([...argv, ...words, "--home", agent.home], {
        env: { PATH: process.env["PATH"] ?? "", HOME: agent.room, ...env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      const said = await Promise.all([child.stdout, child.stderr].map((one) => one.text()));
      return { code: await child.exited, said: said.join("") };
    };
    const server = `${name}:${w.running().ports.api}`;
    const token = await w.token();
    const words = ["bootstrap", "--server", server, "--token", token, "--no-service"];
    const straight = await vigo(words, {});
    expect(straight.said).toContain(`cannot reach ${server}`);
    expect(straight.code).not.toBe(0);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await vigo(words, env)).toMatchObject({ code: 0 });
    expect(await vigo(["run"], { https_proxy: env.HTTPS_PROXY })).toMatchObject({ code: 0 });
    expect(await readFile(agent.page, "utf8")).toBe("two\n");
    expect((await vigo(["run"], { ...env, NO_PROXY: ".invalid" })).said).toContain("cannot reach");
  }, 60_000);
});

describe("when it lets nobody through", () => {
  const rows: readonly [string, string, string][] = [
    ["refuses", "HTTP/1.1 403 Forbidden\r\n\r\n", "answers 403: it lets nobody through"],
    ["fails", "HTTP/1.0 502 Bad Gateway\r\nX: y\r\n\r\n", "answers 502"],
    ["is none", "220 mail.example.org ESMTP\r\n\r\n", "is no proxy for HTTPS"],
    ["hangs up", "", "hangs up"],
    ["never ends", "HTTP/1.1 200 OK\r\nX: ".padEnd(40_000, "x"), "at a length without end"],
  ];
  test.each(rows)("because it %s, that is what is said", async (_, answers, said) => {
    const bad = await opened({ answers });
    const agent = await behind(`http://127.0.0.1:${bad.port}`);
    const error = (await failure(enrolled(agent))) as VigoError;
    expect(error.failure).toBe("unavailable");
    expect(error.message).toContain(said);
  });

  test("check-ins fail as unavailable, and name it", async () => {
    const agent = await behind(`http://127.0.0.1:${proxy.port}`);
    await enrolled(agent);
    await proxy.close();
    agent.start();
    const { fields } = await says(agent, "check-in failed");
    expect(String(fields["reason"])).toContain(`the proxy 127.0.0.1:${proxy.port}`);
  }, 30_000);

  test("and what is no proxy's address is told as such", async () => {
    const agent = await behind("socks5://127.0.0.1:9");
    expect(await failure(enrolled(agent))).toMatchObject({
      failure: "invalid",
      message: "the proxy of HTTPS_PROXY is none that can be asked",
    });
  });
});

describe("what the service is told", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "vigo-proxy-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("the proxy of the enrolment is kept in its settings, with all else that is there", async () => {
    const path = join(folder, "etc", "config");
    await keepProxy(path, { https: "http://old:1" });
    await writeFile(path, `# ours\nwatch: true\n${await readFile(path, "utf8")}`);
    await keepProxy(path, { https: "http://new:3128", except: ".lan, 10.0.0.0/8" });
    const { proxy: kept, watch } = await settingsFrom({}, {}, path);
    expect([kept, watch]).toEqual([{ https: "http://new:3128", except: ".lan, 10.0.0.0/8" }, true]);
    expect(await readFile(path, "utf8")).toStartWith("# ours\n");
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    const said = await settingsFrom({}, { https_proxy: "http://mine:1", NO_PROXY: "x" }, path);
    expect(said.proxy).toEqual({ https: "http://mine:1", except: "x" });
  });

  test("one with a password is for root alone", async () => {
    const path = join(folder, "config");
    await keepProxy(path, { https: "http://a:b@c:1" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
