import { afterAll, beforeAll, expect, test } from "bun:test";
import files from "node:fs/promises";
import { readLive } from "../../../src/core/publish/live.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";
import { codeOf, makeWorld, messageOf, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld("");
});
afterAll(() => w.stop());

const stacks = (more: Readonly<Record<string, string>> = {}) => ({
  "envoys.vgo": 'envoys:\n  - {match: "db*"}\n  - {match: "web*", configcrates: [kernel]}\n',
  "configcrates/kernel.vgo":
    "configcrate: kernel\nvars: {on: '1'}\nresources:\n  - {name: forward, type: sysctl, key: net.ipv4.ip_forward, value: '{{ vars.on }}'}\n",
  ...more,
});

const publish = (tree: Readonly<Record<string, string>>, now = new Date()) =>
  publishTree(
    files,
    w.home.folder,
    {
      tree: {
        files: new Map(Object.entries(tree).map(([path, text]) => [path, Buffer.from(text)])),
      },
      actor: "tester",
      message: "a test",
      source: "test",
      now,
    },
    { self: "test", isAlive: () => true },
  );

const reload = async () => (await w.call("POST", "/config/reload", {})).body;

test("what is published is in force at once when it is asked for", async () => {
  await publish(stacks());
  const live = await readLive(files, w.home.folder);
  expect(await reload()).toEqual({ version: live?.manifest.version });
  const { body } = await w.call("GET", "/config/status");
  expect(body).toMatchObject({
    in_force: { actor: "tester", message: "a test", live: true },
    problems: [],
    envoys: 0,
    enforcing: 0,
    unresolved: [],
    unresolved_count: 0,
  });
});

test("a trace says what was passed over, what matched and what came of it", async () => {
  const { body } = await w.call("GET", "/config/trace?host=web-1&crate=kernel");
  expect(body).toMatchObject({
    hostname: "web-1",
    traits_known: false,
    passed_over: [{ place: { file: "envoys.vgo", line: 2 }, why: "name" }],
    hostcrate: { file: "envoys.vgo", line: 3 },
    configcrates: [{ name: "kernel" }],
    vars: [{ name: "on", value: "1" }],
    resources: [{ name: "kernel/forward", decision: "in", keys: ["kernel/forward"] }],
    problems: [],
  });
  const unknown = await w.call("GET", "/config/trace?host=web-1&crate=kernle");
  expect([unknown.status, messageOf(unknown)]).toEqual([404, expect.stringContaining("kernle")]);
});

test("what cannot be used is said, and what was before stays in force", async () => {
  const before = (await w.call("GET", "/config/status")).body;
  const broken = {
    "configcrates/kernel.vgo": "configcrate: kernel\nresources: [{type: sysctll}]\n",
  };
  await publish(stacks(broken), new Date(Date.now() + 5_000));
  expect(await reload()).toMatchObject({
    failure: expect.stringContaining("configcrates/kernel.vgo:2:"),
  });
  const { body } = await w.call("GET", "/config/status");
  expect(body["in_force"]).toEqual(before["in_force"]);
  const { versions } = (await w.call("GET", "/config/history")).body as {
    versions: { live: boolean; actor: string }[];
  };
  expect(versions.filter(({ actor }) => actor === "tester").map(({ live }) => live)).toEqual([
    false,
    true,
  ]);
});

test("asks for permission", async () => {
  const answer = await w.call("GET", "/config/status", undefined, "");
  expect([answer.status, codeOf(answer)]).toEqual([401, "unauthenticated"]);
});
