/** What an operator watches goes on being shown while the server is restarted: a task, a run of a workflow, a push. A question is asked again. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { publishFiles } from "../agent/publish-files.ts";
import { enrolAt, holds, policyOf, type RealAgent, realAgent, until } from "../agent/real-agent.ts";
import { makeLastingWorld, type World } from "./world.ts";

setDefaultTimeout(90_000);

let w: World;
const agents: RealAgent[] = [];
/** As they were printed; the server was restarted once, while all of them were watched. */
const seen: Record<string, { readonly code: number; readonly out: string; readonly err: string }> =
  {};

function watching(...words: readonly string[]) {
  const screen = recordingScreen();
  const done = cli([...words, "--home", w.home.folder], screen);
  return { done, ...screen };
}

beforeAll(async () => {
  w = await makeLastingWorld();
  const config = await readFile(w.home.config, "utf8");
  const patient = config.replace("interval: 1s", "interval: 1s, offline_threshold: 1h");
  await writeFile(w.home.config, patient);
  await w.restart();
  for (const name of ["web-1", "web-2"]) {
    const agent = await realAgent();
    agents.push(agent);
    await enrolAt(agent, w.running().ports.api, await w.token(), name);
    agent.start();
  }
  const [one, two] = agents as [RealAgent, RealAgent];
  const hold = "workflow: hold\ntarget: web-1\nsteps: [{hold: 3s}, {run: echo over}]\n";
  await publishFiles(w, { ...policyOf(one, "one"), "workflows/hold.vgo": hold });
  await holds(one.page, "one\n");
  await two.stop();
  const gate = join(one.room, "gate");
  const command = `echo one; until [ -e ${gate} ]; do sleep 0.1; done; echo two`;
  const watched = {
    task: [watching("task", "run", command, "--target", "web-1"), /^one$/m],
    run: [watching("workflow", "run", "hold"), /1\.1.*running/],
    push: [watching("envoys", "push", "web-2", "--wait", "1m", "--json"), /begin/],
    question: [watching("query", "os.family", "--wait", "1m", "--json"), /web-1/],
  } as const;
  for (const [name, [{ printed }, sign]] of Object.entries(watched))
    await until(`${name} is watched`, () =>
      sign.test(`${printed().out}\n${printed().err}`) ? true : undefined,
    );
  await w.restart();
  await writeFile(gate, "");
  two.start();
  for (const [name, [{ done, printed }]] of Object.entries(watched))
    seen[name] = { code: await done, ...printed() };
});
afterAll(async () => {
  for (const agent of agents) await agent.remove();
  await w.stop();
});

test("a task: what is printed before and after", () => {
  expect([seen["task"]?.code, seen["task"]?.out]).toEqual([0, "one\ntwo"]);
});

test("a run of a workflow, each of its steps", () => {
  expect(seen["run"]?.code).toBe(0);
  expect(seen["run"]?.err).toMatch(
    /1\.1 .*: ok, 1 target\n1\.2 .*: running, 1 target\n1\.2 .*: ok/,
  );
});

test("a push of one that comes back after the server, and is not told of twice", async () => {
  const events = seen["push"]?.out.split("\n").map((line) => JSON.parse(line) as { kind: string });
  expect([seen["push"]?.code, events?.map(({ kind }) => kind)]).toEqual([
    0,
    ["begin", "ran", "end"],
  ]);
  const { entries } = (await w.call("GET", "/audit?limit=50")).body as never as {
    entries: { action: string; detail: Record<string, unknown> }[];
  };
  const pushes = entries.filter(({ action }) => action === "envoy.push");
  expect(pushes.map(({ detail }) => detail)).toEqual([
    { asked: ["web-2"], targets: 1, again: true },
    { asked: ["web-2"], targets: 1 },
  ]);
});

test("a question is over, and says that its answer is a part", () => {
  expect(seen["question"]?.code).toBe(5);
  expect(seen["question"]?.err).toMatch(
    / before all had answered\nhint: what was printed is a part of the answer: ask again$/,
  );
});
