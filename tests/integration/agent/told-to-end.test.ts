/** A run that is told to end while a command of it goes on: the command gets its time, then it and all it started is ended. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { traits } from "../../../src/core/traits/index.ts";
import { machineFacts } from "../../../src/modes/agent/facts.ts";
import { world } from "../grpc/world.ts";
import { type RealAgent, realAgent, settle, until } from "./real-agent.ts";

let agent: RealAgent;
beforeEach(async () => {
  agent = await realAgent();
});
afterEach(() => agent.remove());

const pidFile = () => join(agent.room, "pid");

/** A command with a child that would go on for an hour, and a resource that comes after it. */
const crate = () => `configcrate: site
resources:
  - {name: long, type: exec, command: "sleep 3600 & echo $! > ${pidFile()}; wait", creates: /nowhere}
  - {name: next, type: file, target_path: ${agent.page}, content: x, depends_on: [long]}
`;

/** Of the sleeping child. */
const started = () =>
  until("the command has begun", async () => {
    const text = await readFile(pidFile(), "utf8").catch(absent);
    return text?.endsWith("\n") === true ? Number(text) : undefined;
  });

/** Nothing there, or a zombie that nobody has waited for. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(absent);
  return stat === undefined || stat.split(" ")[2] === "Z";
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

const main = resolve(import.meta.dir, "../../../src/main.ts");

test("apply: told twice it ends at once, and says what it did not do", async () => {
  const file = join(agent.room, "site.vgo");
  await writeFile(file, crate());
  const words = [process.execPath, main, "agent", "apply", file, "--home", agent.home, "--json"];
  const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  const pid = await started();
  child.kill("SIGINT");
  await Bun.sleep(200);
  expect(await isGone(pid)).toBe(false);
  child.kill("SIGINT");
  const report = JSON.parse(await new Response(child.stdout).text());
  expect(await child.exited).toBe(1);
  expect(await isGone(pid)).toBe(true);
  expect(report.resources).toMatchObject([
    { key: "site/long", outcome: "failed" },
    { key: "site/next", outcome: "skipped", reason: "needs site/long, which failed" },
  ]);
  expect(report.resources[0].reason).toContain("was stopped, because the agent was told to end");
}, 20_000);

test("daemon: ten seconds after it was told, and the server hears of it", async () => {
  const w = await world({ intervalMs: 60_000, traits });
  try {
    const web = await w.enrol("web-1", w.own, machineFacts().machineId);
    await settle(w, agent, web);
    await w.publish({
      "envoys.vgo": 'envoys: [{match: "*", configcrates: [site]}]\n',
      "configcrates/site.vgo": crate(),
    });
    agent.start();
    const pid = await started();
    const told = Date.now();
    await agent.stop();
    const took = Date.now() - told;
    expect(took > 9_500 && took < 17_000).toBe(true);
    expect(await isGone(pid)).toBe(true);
    const [newest] = await w.store.runs.newest(1);
    expect(newest?.outcome).toBe("failed");
    expect(agent.logged.map(({ event }) => event)).toContain(
      "a command is still under way and is stopped",
    );
  } finally {
    await w.close();
  }
}, 40_000);
