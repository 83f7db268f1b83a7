import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { packTree } from "../../../src/core/publish/archive.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { treeOf } from "../../support/policy.ts";
import { recordingScreen } from "../../support/screen.ts";
import { enrolAt, type RealAgent, realAgent, until } from "../agent/real-agent.ts";
import { type Answered, codeOf, makeWorld, messageOf, type World } from "./world.ts";

setDefaultTimeout(60_000);

/** A real server, and real daemons that call every second; all of them on this machine. */
let w: World;
const agents: RealAgent[] = [];
const names = ["web-1", "web-2", "web-3"];
/** What commands write goes here. */
let room: string;

beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1s}\ntuning: {flush_interval: 100ms}\n");
  for (const name of names) {
    const agent = await realAgent();
    agents.push(agent);
    await enrolAt(agent, w.running().ports.api, await w.token(), name);
    agent.start();
  }
  room = agents[0]?.room ?? "";
  await publish();
});
afterAll(async () => {
  for (const agent of agents) await agent.remove();
  await w.stop();
});

const mark = (name: string) => join(room, name);
const marks = async (name: string) =>
  (
    await readFile(mark(name), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    })
  ).split("\n").length - 1;

/** One policy for all, and the workflows that are given. */
async function publish(workflows: Readonly<Record<string, string>> = {}, tasks = "") {
  const tree = treeOf({
    "envoys.vgo": 'envoys: [{match: "*", roles: [web]}]\n',
    "roles.vgo": "roles: [{role: web, configcrates: [site]}]\n",
    "configcrates/site.vgo": `configcrate: site\nresources:\n  - {name: page, type: file, target_path: ${mark("page")}, content: hello}\n`,
    ...(tasks === "" ? {} : { "tasks/one.vgo": tasks }),
    ...Object.fromEntries(
      Object.entries(workflows).map(([name, text]) => [
        `workflows/${name}.vgo`,
        `workflow: ${name}\n${text}`,
      ]),
    ),
  });
  const { body, status } = await w.call("POST", "/config/publish", {
    tree: packTree(tree),
    replace: true,
    unwatched: true,
  });
  expect([status, body["outcome"], body["problems"]]).toEqual([
    200,
    expect.stringMatching(/published|unchanged/),
    [],
  ]);
}

interface Shown {
  readonly id: string;
  readonly state: string;
  readonly reason?: string;
  readonly ended_at?: string;
  readonly batches: number;
  readonly version: number;
  readonly steps: {
    readonly key: string;
    readonly state: string;
    readonly reason?: string;
    readonly by?: string;
    readonly task_id?: string;
  }[];
  readonly failed: {
    readonly hostname: string;
    readonly failed_at: string;
    readonly reason: string;
  }[];
}

const begin = (
  name: string,
  body: Record<string, unknown> = {},
  bearer?: string,
): Promise<Answered> => w.call("POST", `/workflows/${name}/runs`, body, bearer);
const idOf = ({ body }: Answered): string => (body as { run: { id: string } }).run.id;
const shown = async (id: string) =>
  (await w.call("GET", `/workflow-runs/${id}`)).body as never as Shown;
const ended = (id: string) =>
  until(`${id} ends`, async () => {
    const now = await shown(id);
    return now.ended_at === undefined ? undefined : now;
  });
const isAt = (id: string, key: string) =>
  until(`${id} is at ${key}`, async () =>
    (await shown(id)).steps.find((step) => step.key === key)?.state === "running"
      ? true
      : undefined,
  );
const run = async (name: string, body?: Record<string, unknown>) => {
  const answer = await begin(name, body);
  expect([answer.status, messageOf(answer)]).toEqual([200, "undefined"]);
  return ended(idOf(answer));
};
const states = ({ steps }: Shown) => steps.map(({ key, state }) => `${key} ${state}`);

describe("a workflow", () => {
  test("does its steps one after the other, in each batch", async () => {
    await publish({
      two: `target: "@web"
batches: ["1", 100%]
steps:
  - {name: first, run: 'echo x >> ${mark("first")}'}
  - {name: second, run: 'wc -l < ${mark("first")} >> ${mark("second")}'}
`,
    });
    const done = await run("two");
    expect([done.state, done.batches]).toEqual(["done", 2]);
    expect(states(done)).toEqual(["1.1 ok", "1.2 ok", "2.1 ok", "2.2 ok"]);
    expect(await marks("first")).toBe(3);
    expect(await readFile(mark("second"), "utf8")).toBe("1\n3\n3\n");
    const entries = (await w.call("GET", "/audit?limit=50")).body as {
      entries: { action: string; subject: string }[];
    };
    const own = entries.entries
      .filter(({ subject }) => subject === done.id)
      .map(({ action }) => action);
    expect(own.sort()).toEqual(["workflow.end", "workflow.run"]);
  });
});
