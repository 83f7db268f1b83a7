import { expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { server } from "../../../src/modes/server/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { parseConfig } from "../../../src/modes/server/config/read.ts";
import { makeWorld, type World } from "./world.ts";

const first = "the-first-token-of-prometheus";
const second = "another-token-of-prometheus";

const metrics = async (w: World, token: string) =>
  (await w.fetch("/metrics", { headers: { authorization: `Bearer ${token}` } })).status;

const setSecret = async (w: World, value: string) =>
  expect(
    (
      await w.call("POST", "/secrets/set", {
        path: "metrics/prometheus",
        value_base64: btoa(value),
      })
    ).status,
  ).toBe(200);

/** A server with a secret in its settings. */
async function inWorld(work: (w: World, config: string) => Promise<void>): Promise<void> {
  const w = await makeWorld();
  try {
    await w.call("POST", "/secrets/init", {});
    await setSecret(w, `${first}\n`);
    const plain = await readFile(w.home.config, "utf8");
    const config = `${plain}metrics: {allow: [], token: secret:metrics/prometheus}\n`;
    await writeFile(w.home.config, config);
    await work(w, config);
  } finally {
    await w.stop();
  }
}

const checked = async (w: World, ...flags: string[]) => {
  const screen = recordingScreen();
  const code = await server(["check-config", "--home", w.home.folder, ...flags], screen);
  const { out, err } = screen.printed();
  return { code, said: `${out}${err}` };
};

test("settings hold what secrets hold, from SIGHUP and from the start on", () =>
  inWorld(async (w) => {
    await w.running().reload();
    expect(await metrics(w, first)).toBe(200);
    expect(await metrics(w, "secret:metrics/prometheus")).toBe(403);
    await setSecret(w, second);
    expect(await metrics(w, second)).toBe(403);
    await w.running().reload();
    expect([await metrics(w, first), await metrics(w, second)]).toEqual([403, 200]);
    await w.restart();
    expect([await metrics(w, first), await metrics(w, second)]).toEqual([403, 200]);
  }));

test("nothing prints them", () =>
  inWorld(async (w) => {
    await w.restart();
    for (const flags of [[], ["--json"]]) {
      const { code, said } = await checked(w, ...flags);
      expect([code, said]).toEqual([0, expect.not.stringContaining(first)]);
    }
    expect((await checked(w, "--json")).said).toContain('"secret:metrics/prometheus"');
    await setSecret(w, "short-one");
    const { code, said } = await checked(w);
    expect([code, said]).toEqual([2, expect.not.stringContaining("short-one")]);
    expect(said).toContain("metrics.token must be 16 to 256 characters without blanks");
    await expect(w.running().reload()).rejects.toThrow("the value of secret:metrics/prometheus");
    expect(await metrics(w, first)).toBe(200);
    expect(w.log.join("")).not.toContain(first);
  }));

test("a secret that is gone stops the start, and says which", () =>
  inWorld(async (w) => {
    await w.call("POST", "/secrets/delete", { path: "metrics/prometheus" });
    await expect(w.running().reload()).rejects.toThrow(
      "server.yaml:2:29: metrics.token needs the secret metrics/prometheus, and there is none",
    );
    expect((await checked(w)).code).toBe(2);
  }));

test("how to spread calls is a share of the interval", () => {
  const settings = parseConfig("checkin: {splay: 25%}\ntraits: {volatile_interval: 1m}\n", "f");
  expect([settings.checkin.splay, settings.traits.volatile_interval]).toEqual([250, 60_000]);
  expect(() => parseConfig("checkin: {splay: 101%}", "f")).toThrow("must be at most 100%");
});

test("SIGHUP changes what can change while the server runs, and names what cannot", async () => {
  const w = await makeWorld("publish: {max_envoys: 5}\n");
  try {
    const token = await w.token();
    await w.enrol(token, "web-1");
    const doctorOf = async () => {
      const { checks } = (await w.call("GET", "/doctor")).body as {
        checks: { name: string; result: string }[];
      };
      return checks.find(({ name }) => name === "stale envoys")?.result;
    };
    expect(await doctorOf()).toBe("pass");
    const plain = (await readFile(w.home.config, "utf8")).split("\n")[0] ?? "";
    const told = [
      "checkin: {offline_threshold: 1s}",
      "metrics: {per_envoy: true}",
      "database: {retention: 1d}",
      "tuning: {max_message_mb: 8}",
    ];
    await writeFile(w.home.config, `${plain}\n${told.join("\n")}\n`);
    await w.running().reload();
    expect(w.log.filter((line) => line.includes("restart to apply")).join("")).toContain(
      '"settings":"tuning"',
    );
    const deadline = Date.now() + 10_000;
    while ((await doctorOf()) === "pass" && Date.now() < deadline) await Bun.sleep(50);
    expect(await doctorOf()).toBe("warn");
    expect(await (await w.fetch("/metrics")).text()).toContain(
      'vigo_envoy_status{envoy="web-1",status="offline"} 1',
    );
  } finally {
    await w.stop();
  }
});
