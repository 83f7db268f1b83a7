/** What is touched is mended at once, with a server that asks for a run every five minutes only. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Body } from "../../../src/core/bundle/body.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { watchedPlaces } from "../../../src/modes/agent/watched-places.ts";
import { world, type World } from "../grpc/world.ts";
import { holds, type RealAgent, realAgent, settle, until } from "./real-agent.ts";

let w: World;
let agent: RealAgent;
beforeEach(async () => {
  w = await world({ traits });
  agent = await realAgent({ watch: true });
  await settle(w, agent, await w.enrol("web-1", w.own, machineFacts().machineId));
});
afterEach(async () => {
  await agent.remove();
  await w.close();
});

const at = (...names: readonly string[]) => join(agent.room, ...names);
const page = () => at("site", "page");
const runs = () => agent.logged.filter(({ event }) => event === "run ended").length;

async function begin(): Promise<void> {
  await w.publish({
    "envoys.vgo": 'envoys: [{match: "*", configcrates: [site]}]\n',
    "configcrates/site.vgo": `configcrate: site\nresources:\n  - {name: folder, type: directory, target_path: ${at("site")}}\n  - {name: page, type: file, target_path: ${page()}, content: one, mode: "0640"}\n`,
  });
  agent.start();
  await holds(page(), "one");
  await until("the first run has ended", () => (runs() > 0 ? true : undefined));
}

setDefaultTimeout(60_000);

test("content, mode, removal, and a folder that is made anew", async () => {
  await begin();
  await writeFile(page(), "other");
  await holds(page(), "one");
  await chmod(page(), 0o666);
  await until("its mode is mended", async () =>
    ((await stat(page())).mode & 0o777) === 0o640 ? true : undefined,
  );
  await rm(page());
  await holds(page(), "one");
  await rm(at("site"), { recursive: true });
  await holds(page(), "one");
  await writeFile(page(), "again");
  await holds(page(), "one");
});

test("what is none of ours wakes nobody", async () => {
  await begin();
  await rename(page(), at("site", "moved"));
  await holds(page(), "one");
  const before = await until("two runs have ended", () => (runs() === 2 ? 2 : undefined));
  await writeFile(at("site", "stranger"), "x");
  await writeFile(page(), "other");
  await holds(page(), "one");
  await until("that run has ended", () => (runs() > before ? true : undefined));
  expect(runs()).toBe(before + 1);
});

test("a service, a package and accounts are watched by what their tools leave behind", async () => {
  const body: Body = {
    format: 1,
    resources: [
      { key: "a", type: "service", params: { service: "nginx", state: "running" } },
      { key: "b", type: "package", params: { package: "nginx" } },
      { key: "c", type: "user", params: { username: "dana" } },
      { key: "d", type: "file", params: { target_path: "/etc/motd" } },
      { key: "e", type: "file", params: { target_path: "/etc/issue" }, noop: true },
      { key: "f", type: "of tomorrow", params: {} },
    ],
    secrets: [],
  };
  const places = [...watchedPlaces(body, resources)].map(([folder, names]) => [folder, [...names]]);
  expect(Object.fromEntries(places)).toEqual({
    "/run/systemd/units": ["invocation:nginx.service"],
    "/etc/systemd/system": ["nginx.service"],
    "/etc/systemd/system/multi-user.target.wants": ["nginx.service"],
    "/var/lib/dpkg": ["status"],
    "/etc": ["passwd", "shadow", "motd"],
  });
});
