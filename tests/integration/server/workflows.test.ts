import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { uptime } from "node:os";
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
  w = await makeWorld(
    "checkin: {interval: 1s}\ntuning: {flush_interval: 100ms}\npublish: {url_allow: [127.0.0.1]}\n",
  );
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

  test("gives parameters to commands and named tasks, never to a shell", async () => {
    await publish(
      {
        given: `target: [web-1]
params: {word: {type: string, default: "a; touch ${mark("evil")}"}, times: {type: integer, min: 1, max: 3}}
steps:
  - run: 'printf "%s=%s " "$VIGO_PARAM_WORD" "$VIGO_PARAM_TIMES" >> ${mark("given")}'
  - {task: note, params: {what: $word}}
`,
      },
      `task: note
params: {what: {type: string}, more: {type: string, default: usual}}
command: [sh, -c, 'printf "%s %s " "$1" "$2" >> ${mark("given")}', sh, $what, $more]
`,
    );
    const missing = await begin("given");
    expect([missing.status, messageOf(missing)]).toEqual([
      400,
      "parameter times is required: integer from 1 to 3",
    ]);
    const wrong = await begin("given", { params: { times: 4, tims: 1 } });
    expect(messageOf(wrong)).toBe(
      'unknown parameter "tims", did you mean "times"?; parameter times must be a whole number from 1 to 3, not 4',
    );
    expect((await run("given", { params: { times: "2" } })).state).toBe("done");
    const word = `a; touch ${mark("evil")}`;
    expect(await readFile(mark("given"), "utf8")).toBe(`${word}=2 ${word} usual `);
    expect(await marks("evil")).toBe(0);
  });

  test("what a step ran is run again as it was, though a named task has the workflow's name", async () => {
    const text = `printf "%s " "$VIGO_PARAM_WORD" >> ${mark("again")}`;
    await publish(
      {
        same: `target: [web-1]\nparams: {word: {type: string, default: step}}\nsteps: [{run: '${text}'}]\n`,
      },
      `task: same\nparams: {word: {type: string}}\ncommand: [sh, -c, 'echo other >> ${mark("again")}']\n`,
    );
    expect((await run("same")).state).toBe("done");
    const { tasks } = (await w.call("GET", "/tasks?limit=1")).body as never as {
      tasks: { id: string; command: string }[];
    };
    expect(tasks[0]?.command).toBe(text);
    const again = await w.call("POST", `/tasks/${tasks[0]?.id}/rerun`, {});
    expect([again.status, messageOf(again)]).toEqual([200, "undefined"]);
    await until("it ran again", async () =>
      (await readFile(mark("again"), "utf8")) === "step step " ? true : undefined,
    );
  });

  test("leaves machines out that failed, ends when more have failed than may, and undoes", async () => {
    await publish({
      some: `target: web-*
batches: ["1", 100%]
abort: {max_failures: "1"}
steps:
  - {name: try, run: 'if mkdir ${mark("once")}; then exit 3; fi'}
  - {name: go, run: 'echo x >> ${mark("went")}'}
  - {name: others, run: "exit 4", when: 'envoy.hostname == "web-3"'}
on_failure:
  - {run: 'echo x >> ${mark("undone")}'}
  - {run: 'echo x >> ${mark("all")}', targets: begun}
  - {run: "exit 5", targets: failed}
  - {run: 'echo x >> ${mark("last")}', targets: all}
`,
    });
    const over = await run("some");
    expect(over.state).toBe("failed");
    expect(over.reason).toBe(
      "step 2.3 (others): 1 failed: web-3: exit code 4 (2 in all; more than 1 of 3)",
    );
    expect(states(over)).toEqual([
      ...["1.1 ok", "1.2 skipped", "1.3 skipped", "2.1 ok", "2.2 ok", "2.3 failed"],
      ...["undo.1 ok", "undo.2 ok", "undo.3 failed", "undo.4 ok"],
    ]);
    expect(over.failed.map((one) => [one.hostname, one.failed_at, one.reason])).toEqual([
      ["web-1", "1.1", "exit code 3"],
      ["web-3", "2.3", "exit code 4"],
    ]);
    const counts = ["went", "undone", "all", "last"].map(marks);
    expect(await Promise.all(counts)).toEqual([2, 2, 3, 3]);
  });

  test("pushes machines, waits for what they report, and holds while it stays so", async () => {
    await publish({
      look: `target: web-*
steps:
  - push: true
  - {wait: 'up_to_date && status in ["converged", "changed"] && traits.os.family == "debian"', timeout: 30s}
  - {hold: 2s, while: 'status != "failed"'}
`,
    });
    const done = await run("look");
    expect([done.state, done.reason]).toEqual(["done", undefined]);
    await publish({
      never: `target: web-*
abort: {max_failures: "2"}
steps:
  - {wait: 'traits.os.family == "plan9" || envoy.hostname == "web-2"', timeout: 2s}
  - {hold: 1h, while: 'envoy.hostname != "web-2"'}
`,
    });
    const never = await run("never");
    expect(states(never)).toEqual(["1.1 ok", "1.2 failed"]);
    expect(never.reason).toContain(
      'web-2: no longer so: envoy.hostname != "web-2" (3 in all; more than 2 of 3)',
    );
  });

  test("waits, holds and chooses by what machines say now, not by what they told last", async () => {
    // It travels every 15 minutes: of nothing else than a question could this be known in time.
    const since = Math.floor(uptime());
    await publish({
      now: `target: web-*
abort: {max_failures: "3"}
steps:
  - {wait: 'traits.uptime.seconds > ${since + 3}', timeout: 30s}
  - {run: 'echo x >> ${mark("late")}', when: 'traits.uptime.seconds > ${since + 3}'}
  - {run: 'echo x >> ${mark("early")}', when: 'traits.uptime.seconds < ${since + 3}'}
  - {hold: 2s, while: 'traits.uptime.seconds < ${since + 3}'}
`,
    });
    const done = await run("now");
    expect(states(done)).toEqual(["1.1 ok", "1.2 ok", "1.3 skipped", "1.4 ok"]);
    expect(uptime()).toBeGreaterThan(since + 3);
    expect([await marks("late"), await marks("early")]).toEqual([3, 0]);
    expect(done.failed.map(({ failed_at, reason }) => [failed_at, reason])).toEqual(
      names.map(() => ["1.4", `no longer so: traits.uptime.seconds < ${since + 3}`]),
    );
  });

  test("fails a wait for a machine that does not answer, and says why", async () => {
    await publish({
      silent: `target: [web-1, db-1]
abort: {max_failures: "1"}
steps:
  - {wait: 'traits.os.family == "debian"', timeout: 3s}
`,
    });
    await w.enrol(await w.token(), "db-1");
    const done = await run("silent");
    await w.call("POST", "/envoys/db-1/revoke");
    expect([done.state, done.failed]).toEqual([
      "done",
      [
        expect.objectContaining({
          hostname: "db-1",
          reason: expect.stringMatching(
            /^not in time: traits.os.family.* \((?:offline: it was never seen|it has no stream yet)/,
          ),
        }),
      ],
    ]);
  });

  test("passes over who is in maintenance: nobody waits for it, and it has not failed", async () => {
    await publish({
      alone: `target: web-*
steps:
  - {push: true, timeout: 30s}
  - {wait: 'envoy.hostname != "web-2"', timeout: 20s}
  - {hold: 1s, while: 'envoy.hostname != "web-2"'}
  - {run: 'echo x >> ${mark("alone")}'}
`,
    });
    await w.call("POST", "/envoys/web-2/maintenance", { for: "1h" });
    try {
      const done = await run("alone");
      expect([done.state, done.failed]).toEqual(["done", []]);
      const said = "1 passed over: web-2: it is in maintenance";
      expect(done.steps.map(({ reason }) => reason)).toEqual([said, said, undefined, undefined]);
      // Somebody has ordered it, and means it.
      expect(await marks("alone")).toBe(3);
    } finally {
      await w.call("DELETE", "/envoys/web-2/maintenance");
    }
  });

  test("asks an address until it answers well", async () => {
    let good = false;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("", { status: good ? 200 : 503 }),
    });
    try {
      await publish({
        asks: `target: web-1\nsteps: [{health: "http://127.0.0.1:${server.port}/", timeout: 30s}]\n`,
        dies: `target: web-1\nsteps: [{health: "http://127.0.0.1:${server.port}/", timeout: 3s}]\n`,
      });
      const id = idOf(await begin("asks"));
      const dead = await run("dies");
      expect(dead.reason).toMatch(/^step 1\.1 \(1 health\): http:\S+ .*503/);
      good = true;
      expect((await ended(id)).state).toBe("done");
    } finally {
      await server.stop(true);
    }
  });
});

describe("a workflow that publishes", () => {
  test("puts what lies on this host into force once, in stages, and says when it is refused", async () => {
    const steps =
      "target: web-1\nsteps:\n  - publish: {message: by hand, replace: true, canary: 100%, hold: 5s, gate: failed<50%}\n";
    const after = `  - {run: 'echo x >> ${mark("published")}'}\n`;
    await publish({ release: steps + after });
    const folder = join(w.home.stacks, "workflows");
    await rm(w.home.stacks, { recursive: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(w.home.stacks, "envoys.vgo"), "envoys: [{match: '*', roles: [web]}]\n");
    const site = `resources: [{type: file, target_path: ${mark("page")}, content: new}]`;
    const crate = `configcrate: site\n${site}\n`;
    await mkdir(join(w.home.stacks, "configcrates"));
    await writeFile(join(w.home.stacks, "configcrates/site.vgo"), crate);
    const refused = await run("release");
    expect([refused.state, refused.reason]).toEqual([
      "failed",
      expect.stringMatching(
        /^step 1\.1 \(1 publish\): envoys\.vgo:1:\d+: VG402 unknown role "web"/,
      ),
    ]);
    const roles = "roles: [{role: web, configcrates: [site]}]\n";
    await writeFile(join(w.home.stacks, "roles.vgo"), roles);
    const before = await live();
    const id = idOf(await begin("release"));
    await until("it is published", async () => ((await live()) > before ? true : undefined));
    await w.restart();
    const done = await ended(id);
    expect([done.state, done.reason, await marks("published"), done.version]).toEqual([
      "done",
      undefined,
      1,
      before,
    ]);
    const own = (await history()).filter(
      ({ source }) => source === `workflow release, run ${id}, step 1.1`,
    );
    expect(own.map(({ message }) => message)).toEqual(["by hand"]);
  });

  const history = async () =>
    (await w.call("GET", "/config/history")).body["versions"] as {
      readonly version: number;
      readonly source: string;
      readonly message: string;
    }[];
  const live = async () => (await history())[0]?.version ?? 0;
});

describe("a run that needs a person", () => {
  const asking = (name: string) => `target: web-1
roles: [admin, operator]
steps:
  - {run: 'echo x >> ${mark(name)}'}
  - {approval: {role: admin, other: true}, timeout: 1h}
  - {run: 'echo x >> ${mark(name)}; sleep 30; echo x >> ${mark(name)}', timeout: 1m}
on_failure: {run: 'echo x >> ${mark(`${name}-undone`)}; sleep 30', timeout: 1m}
`;

  async function bearerOf(name: string, role: string): Promise<string> {
    const password = "correct horse battery";
    await w.call("POST", "/users", { name, role, password });
    return String((await w.call("POST", "/login", { name, password }, "")).body["token"]);
  }
  const approve = (id: string, bearer?: string) =>
    w.call("POST", `/workflow-runs/${id}/approve`, {}, bearer);
  const abort = (id: string, body = {}) => w.call("POST", `/workflow-runs/${id}/abort`, body);

  test("waits, over a restart of the server too, for somebody who may approve", async () => {
    await publish({ asking: asking("asked").replace("sleep 30", "true") });
    const viewer = await bearerOf("vera", "viewer");
    expect((await begin("asking", {}, viewer)).status).toBe(403);
    const operator = await bearerOf("olaf", "operator");
    const id = idOf(await begin("asking", {}, operator));
    await isAt(id, "1.2");
    expect((await shown(id)).state).toBe("waiting");
    await w.restart();
    expect((await shown(id)).state).toBe("waiting");
    const wrong = await approve(id, operator);
    expect([wrong.status, codeOf(wrong)]).toEqual([403, "denied"]);
    expect((await approve(id)).status).toBe(200);
    const done = await ended(id);
    expect([done.state, done.steps[1]?.by, await marks("asked")]).toEqual(["done", "local", 3]);
    expect((await approve(id)).status).toBe(409);
    const { entries } = (await w.call("GET", "/audit?limit=200")).body as never as {
      entries: { action: string; subject: string; detail: object }[];
    };
    const own = entries.filter(({ subject }) => subject === id).map(({ action }) => action);
    expect(own.reverse()).toEqual([
      "workflow.run",
      "workflow.wait",
      "workflow.approve",
      "workflow.end",
    ]);
    const steps = entries.flatMap(({ action, subject, detail }) =>
      action === "task.run" && "workflow_run" in detail ? [subject] : [],
    );
    expect(steps.length).toBeGreaterThan(0);
    await until("people are told", async () => {
      const { alerts } = (await w.call("GET", "/alerts?limit=100")).body as never as {
        alerts: { kind: string; subject: string }[];
      };
      // What its steps order are its own affair, not one more alert each.
      expect(alerts.filter(({ subject }) => steps.includes(subject))).toEqual([]);
      const told = alerts.filter(({ subject }) => subject === id).map(({ kind }) => kind);
      return told.toSorted().join() === "workflow.done,workflow.started,workflow.waiting"
        ? true
        : undefined;
    });
  });

  test("is broken off while it waits, or in the midst of a step, and undoes what was done", async () => {
    await publish({ asking: asking("broken") });
    const waiting = idOf(await begin("asking"));
    await isAt(waiting, "1.2");
    expect((await abort(waiting, { reason: "not today", hard: true })).status).toBe(200);
    const first = await ended(waiting);
    expect([first.state, first.reason]).toEqual(["aborted", "aborted by local: not today"]);
    expect([states(first), await marks("broken-undone")]).toEqual([
      ["1.1 ok", "1.2 aborted", "1.3 pending", "undo.1 pending"],
      0,
    ]);
    await publish({ asking: asking("midst").replace(", other: true", "") });
    const midst = idOf(await begin("asking"));
    await isAt(midst, "1.2");
    await approve(midst);
    await until("it runs", async () => ((await marks("midst")) === 2 ? true : undefined));
    await abort(midst);
    await isAt(midst, "undo.1");
    await until("it undoes", async () => ((await marks("midst-undone")) === 1 ? true : undefined));
    expect((await abort(midst)).status).toBe(409);
    expect((await abort(midst, { hard: true })).status).toBe(200);
    const second = await ended(midst);
    expect([second.state, states(second)]).toEqual([
      "aborted",
      ["1.1 ok", "1.2 ok", "1.3 aborted", "undo.1 aborted"],
    ]);
    const task = second.steps[2]?.task_id ?? "";
    const { body } = await w.call("GET", `/tasks/${task}`);
    expect(body["state"]).toBe("cancelled");
    expect(await marks("midst")).toBe(2);
    expect((await abort(midst)).status).toBe(409);
  });

  test("fails when its time is over", async () => {
    const slow = "target: web-1\ntimeout: 3s\nsteps: [{run: sleep 60, timeout: 2m}]\n";
    const wait = "target: web-1\nsteps: [{approval: true, timeout: 2s}]\n";
    await publish({ slow, wait });
    const [late, lone] = await Promise.all([run("slow"), run("wait")]);
    expect([late.state, late.reason, states(late)]).toEqual([
      "failed",
      "it took longer than its timeout",
      ["1.1 aborted"],
    ]);
    expect([lone.state, states(lone)]).toEqual(["failed", ["1.1 timed out"]]);
  });
});

describe("vigo cli workflow", () => {
  const vigo = async (...words: readonly string[]) => {
    const screen = recordingScreen();
    const code = await cli([...words, "--home", w.home.folder], screen);
    return { code, ...screen.printed() };
  };
  beforeAll(() =>
    publish({
      tell: `description: Says something
batches: ["1", 100%]
params: {word: {type: string, default: hi}}
steps:
  - {name: say, run: 'test "$VIGO_PARAM_WORD" = hi'}
  - {approval: true, in: first}
`,
    }),
  );

  test("lists, plans, runs, approves and shows", async () => {
    expect((await vigo("workflow", "list")).out).toMatch(
      /tell +--target +word=hi +2 +Says something/,
    );
    expect((await vigo("explain", "tell")).out).toMatch(
      /^workflow +tell\nfor +Says something\n(?:.*\n)*parameters\n {2}--param word=… .*default hi(?:.*\n)*steps\n {2}1 {2}say\n {2}2 {2}2 approval$/,
    );
    const planned = await vigo("workflow", "run", "tell", "--target", "@web", "--dry-run");
    expect(planned.out).toMatch(/web-1 +1\nweb-2 +2\nweb-3 +2\n/);
    expect(planned.out).toMatch(/2\.1 +2 +say +run +pending/);
    const running = vigo("workflow", "run", "tell", "--target", "@web");
    const id = await until("it waits", async () => {
      const { out } = await vigo("workflow", "status", "--json");
      const [newest] = (JSON.parse(out) as { runs: Shown[] }).runs;
      return newest?.state === "waiting" ? newest.id : undefined;
    });
    expect((await vigo("workflow", "approve", id)).out).toMatch(/^tell goes on/);
    const { code, err } = await running;
    expect(err).toMatch(/1\.1 {2}say \(run\): ok, 1 target\n/);
    expect(err).toContain(`it waits for a person: vigo cli workflow approve ${id}`);
    expect(err).toMatch(/1\.2 {2}2 approval: ok, 1 target, approved by local\n/);
    expect([code, err]).toEqual([0, expect.stringMatching(/state +done/)]);
    expect((await vigo("workflow", "status", id)).out).toMatch(/2\.1 +2 +say +run +ok +2 /);
    expect((await vigo("workflow", "abort", id)).code).toBe(1);
  });

  test("ends as the run does, and says why", async () => {
    const bad = await vigo("workflow", "run", "tell", "--target", "web-1", "--param", "word=ho");
    expect([bad.code, bad.err]).toEqual([1, expect.stringMatching(/web-1 +1 +1\.1 +exit code 1/)]);
    const { runs } = (await w.call("GET", "/workflow-runs?limit=1")).body as never as {
      runs: { id: string }[];
    };
    const again = await vigo("workflow", "status", runs[0]?.id ?? "", "--follow");
    expect([again.code, (await vigo("workflow", "status", runs[0]?.id ?? "")).code]).toEqual([
      1, 0,
    ]);
    expect((await vigo("workflow", "status", "--follow")).err).toContain("which run?");
    const { out } = await vigo(
      "workflow",
      "run",
      "tell",
      "--target",
      "web-1",
      "--param",
      "word=x",
      "--json",
    );
    const events = out.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ kind: "run" });
    expect(events.at(-1)).toMatchObject({ kind: "end", run: { state: "failed" } });
    expect((await vigo("workflow", "run", "tel", "--target", "web-1")).err).toMatch(
      /did you mean "tell"/,
    );
    expect((await vigo("workflow", "run", "tell")).code).toBe(2);
    expect((await vigo("workflow", "run", "tell", "--param", "x")).code).toBe(2);
  });
});
