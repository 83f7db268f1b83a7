/** What the doctor says of an agent that is well, and of one that is not. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { traits } from "../../../src/core/traits/index.ts";
import { examine } from "../../../src/modes/agent/doctor.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { writePause } from "../../../src/modes/agent/pause.ts";
import { calling } from "../../../src/modes/agent/settings.ts";
import { type World, world } from "../grpc/world.ts";
import { policyOf, type RealAgent, realAgent, settle } from "./real-agent.ts";

let w: World;
let agent: RealAgent;
beforeEach(async () => {
  w = await world({ traits });
  agent = await realAgent();
  await settle(w, agent, await w.enrol("web-1", w.own, machineFacts().machineId));
  await w.publish(policyOf(agent, "one"));
  await agent.runOnce();
});
afterEach(async () => {
  await agent.remove();
  await w.close();
});

/** Result by check, of those that did not pass. */
async function troubles(context = agent.context) {
  const checks = await examine(context);
  expect(checks.length).toBe(10);
  for (const { result, fix } of checks) expect(fix === undefined).toBe(result === "pass");
  return Object.fromEntries(
    checks.filter(({ result }) => result !== "pass").map(({ name, result }) => [name, result]),
  );
}

test("well, but for the daemon that nobody has started", async () => {
  expect(await troubles()).toEqual({ daemon: "warn" });
});

test("paused, silent for long, its certificate about to end, its server at another place", async () => {
  const until = new Date(Date.now() + 100 * 86_400_000).toISOString();
  await writePause(agent.home, { until, reason: "a test" });
  agent.clock.offsetMs = 70 * 86_400_000;
  expect(await troubles(calling(agent.context, "127.0.0.1:1"))).toEqual({
    certificate: "warn",
    daemon: "warn",
    servers: "fail",
    contact: "warn",
    enforcement: "warn",
  });
  agent.clock.offsetMs = 91 * 86_400_000;
  expect(await troubles()).toMatchObject({ certificate: "fail" });
});

test("its state cut short", async () => {
  await truncate(join(agent.home, "state", "data.mdb"), 5_000);
  expect(await troubles()).toMatchObject({ state: "warn", bundle: "warn" });
});
