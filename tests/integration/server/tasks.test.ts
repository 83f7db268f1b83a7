import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { enrolAt, type RealAgent, realAgent, until } from "../agent/real-agent.ts";
import { publishFiles } from "../agent/publish-files.ts";
import { type Answered, makeWorld, messageOf, type World } from "./world.ts";

setDefaultTimeout(60_000);

/** A real server, and a real daemon that calls every second. */
let w: World;
let agent: RealAgent;
let id: string;

beforeAll(async () => {
  w = await makeWorld("checkin: {interval: 1s}\ntuning: {flush_interval: 100ms}\n");
  agent = await realAgent();
  await enrolAt(agent, w.running().ports.api, await w.token());
  agent.start();
  id = await until("it is seen", async () => {
    const { envoys } = (await w.call("GET", "/envoys")).body as { envoys: { id: string }[] };
    return envoys[0]?.id;
  });
});
afterAll(async () => {
  await agent.remove();
  await w.stop();
});

const order = (command: string, more: Record<string, unknown> = {}): Promise<Answered> =>
  w.call("POST", "/tasks", { command, targets: ["web-1"], ...more });

interface Shown {
  readonly id: string;
  readonly task?: string;
  readonly state: string;
  readonly reason?: string;
  readonly counts: Record<string, number>;
  readonly ended_at?: string;
  readonly targets: {
    readonly state: string;
    readonly exit_code?: number;
    readonly reason?: string;
    readonly dropped?: number;
    readonly output: { readonly stream: string; readonly text: string }[];
  }[];
}

const idOf = ({ body }: Answered): string => (body as { task: { id: string } }).task.id;
const shown = async (task: string) =>
  (await w.call("GET", `/tasks/${task}`)).body as never as Shown;
const ended = (task: string) =>
  until(`${task} ends`, async () => {
    const now = await shown(task);
    return now.ended_at === undefined ? undefined : now;
  });
const run = async (command: string, more?: Record<string, unknown>) =>
  ended(idOf(await order(command, more)));
const isIn = (task: string, state: string) =>
  until(`it is ${state}`, async () =>
    (await shown(task)).targets[0]?.state === state ? true : undefined,
  );

describe("a task on one machine", () => {
  test("runs once, and what it prints and how it ends is known", async () => {
    const task = await run("echo hello; echo oops >&2");
    expect(task).toMatchObject({ state: "done", counts: { ok: 1 } });
    expect(task.targets[0]).toMatchObject({ state: "ok", exit_code: 0 });
    const text = (stream: string) =>
      task.targets[0]?.output.filter((one) => one.stream === stream).map((one) => one.text);
    expect(text("out")?.join("")).toBe("hello\n");
    expect(text("err")?.join("")).toBe("oops\n");
  });

  test("failed with its exit code, and stopped when it takes too long", async () => {
    const failed = await run("exit 7");
    expect(failed.targets[0]).toMatchObject({ state: "failed", exit_code: 7 });
    const late = await run("sleep 60", { timeout: "1s" });
    expect(late.targets[0]).toMatchObject({ state: "timed out" });
    expect(late.targets[0]?.reason).toContain("longer than 1 s");
  });

  test("prints no more than the limit", async () => {
    const { targets } = await run("yes | head -c 200000");
    const kept = targets[0]?.output.map(({ text }) => text).join("").length ?? 0;
    expect(kept).toBe(65_536);
    expect(targets[0]?.dropped).toBe(200_000 - 65_536);
  });

  test("is stopped with all that it started when somebody cancels it", async () => {
    const task = idOf(await order(`sh -c 'sleep 71.25 & sleep 71.25'`));
    await isIn(task, "running");
    const cancelled = await w.call("POST", `/tasks/${task}/cancel`);
    expect(cancelled.body).toMatchObject({ state: "cancelled", reason: "cancelled by local" });
    expect((await ended(task)).targets[0]).toMatchObject({ state: "cancelled" });
    expect(await Bun.$`pgrep -f "sleep 71.25"`.nothrow().text()).toBe("");
    const again = await w.call("POST", `/tasks/${task}/cancel`);
    expect(again.status).toBe(409);
  });

  test("is followed live, from the beginning to the end", async () => {
    const task = idOf(await order("echo one; sleep 0.4; echo two"));
    const bearer = (await Bun.file(w.home.localToken).text()).trim();
    const headers = { authorization: `Bearer ${bearer}` };
    const response = await w.fetch(`/api/v1/tasks/${task}/events`, { headers });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const events = (await response.text())
      .split("\n\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice(6)) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ kind: "task" });
    expect(events.at(-1)).toMatchObject({ kind: "end", task: { state: "done" } });
    const printed = events.filter(({ kind }) => kind === "output");
    expect(printed.map(({ text, offset }) => [offset, text])).toEqual([
      [0, "one\n"],
      [4, "two\n"],
    ]);
  });

  test("is only planned with dry_run", async () => {
    const { body } = await order("touch /nothing", { dry_run: true });
    expect(body).toMatchObject({ plan: [{ hostname: "web-1", batch: 1, envoy_id: id }] });
    expect(body["task"]).toBeUndefined();
  });

  test("is held back by a guardrail unless somebody insists, and that is on record", async () => {
    const refused = await order("mkfs.ext4 /dev/nothing-at-all");
    expect([refused.status, messageOf(refused)]).toEqual([
      422,
      "a guardrail holds the command back: it destroys a file system",
    ]);
    const forced = await run("mkfs.nothing --version 2>/dev/null", { force: true });
    expect(forced.targets[0]).toMatchObject({ state: "failed", exit_code: 127 });
    const { entries } = (await w.call("GET", "/audit")).body as {
      entries: { action: string; detail: Record<string, unknown> }[];
    };
    expect(entries.find(({ action }) => action === "task.run")?.detail).toMatchObject({
      force: true,
      targets: 1,
    });
  });

  test("is not ordered for nobody", async () => {
    const nobody = await order("true", { targets: ["where: envoy.hostname == 'other'"] });
    expect([nobody.status, messageOf(nobody)]).toEqual([
      404,
      "no envoy is where: envoy.hostname == 'other'",
    ]);
    expect((await order("true", { targets: ["@nothing"] })).status).toBe(404);
    expect((await order("true", { targets: ["web-*"], dry_run: true })).status).toBe(200);
  });

  const senseless: readonly [about: string, wish: object, said: string][] = [
    ["blanks", { command: " \n\t" }, "command: must be a command"],
    ["nobody at once", { batch_size: "0" }, "batch_size: must be a number from 1"],
    ["no part at once", { batch_size: "0.0%" }, "batch_size: must be a number from 1"],
    ["more than all at once", { batch_size: "150%" }, "not above 100%"],
    ["more failures than targets", { max_failures: "101%" }, "not above 100%"],
    ["where: alone", { targets: ["where:"] }, "where: says no condition"],
    ["no address", { health_check: "http://" }, "health_check: http:// is no address"],
    ["blanks for health", { health_check: "  " }, "health_check: must be an address"],
    ["another scheme", { health_check: "ftp://x/" }, "only http:// and https://"],
    ["a password", { health_check: "https://a:b@x.example/" }, "in the audit log"],
  ];
  test.each(senseless)("is not ordered with %s", async (_, wish, said) => {
    const refused = await order("true", { targets: ["web-1"], ...wish });
    expect([refused.status, messageOf(refused)]).toEqual([400, expect.stringContaining(said)]);
  });

  test("is held back for its health check too", async () => {
    const held = await order("true", { targets: ["web-1"], health_check: "rm -rf /etc" });
    expect([held.status, messageOf(held)]).toEqual([422, expect.stringContaining("guardrail")]);
  });
});

describe("vigo cli task", () => {
  const vigo = async (...words: readonly string[]) => {
    const screen = recordingScreen();
    const code = await cli([...words, "--home", w.home.folder], screen);
    return { code, ...screen.printed() };
  };

  test("run prints what machines print as it comes, and ends as the task does", async () => {
    const good = await vigo("task", "run", "echo hello; echo oops >&2", "--target", "web-1");
    expect([good.code, good.out]).toEqual([0, "hello"]);
    const odd = await vigo("task", "run", "printf 'a\\tb\\r\\n\\033[1mc'", "--target", "web-1");
    expect(odd.out).toBe("a\tb\n\\u{1b}[1mc");
    expect(good.err).toMatch(/^task [0-9a-f-]{36} on 1; .*\noops\n1 ok$/);
    const bad = await vigo("task", "run", "exit 3", "--target", "web-*");
    expect([bad.code, bad.out]).toEqual([1, ""]);
    expect(bad.err).toMatch(/web-1 +1 +failed +3/);
  });

  test("run says what happens as JSON, one event a line", async () => {
    const { out } = await vigo("task", "run", "echo hi", "--target", id, "--json");
    const events = out.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ kind: "task" });
    expect(events.filter(({ kind }) => kind === "output")).toMatchObject([{ text: "hi\n" }]);
    expect(events.at(-1)).toMatchObject({ kind: "end", task: { counts: { ok: 1 } } });
  });

  test("run goes on showing when the server restarts in between", async () => {
    const running = vigo("task", "run", "echo one; sleep 2; echo two", "--target", "web-1");
    await until("it runs", async () => {
      const { tasks } = (await w.call("GET", "/tasks?limit=1")).body as never as { tasks: Shown[] };
      return tasks[0]?.counts["open"] === 1 ? true : undefined;
    });
    await w.restart();
    const { code, out } = await running;
    expect([code, out]).toEqual([0, "one\ntwo"]);
  });

  test("list, show and cancel tell of it", async () => {
    expect((await vigo("task", "list", "--limit", "1")).out).toContain("1 ok");
    const left = await vigo("task", "run", "sleep 40", "--target", "web-1", "--no-follow");
    const [, task = ""] = /^task (\S+);/.exec(left.out) ?? [];
    expect((await vigo("task", "cancel", task)).out).toContain(`task ${task} is cancelled`);
    await ended(task);
    const shownThere = await vigo("task", "show", task);
    expect(shownThere.out).toMatch(/state +cancelled/);
    expect(shownThere.out).toMatch(/web-1 +1 +cancelled/);
  });

  test("run refuses what makes no sense", async () => {
    expect((await vigo("task", "run", "true")).code).toBe(2);
    expect((await vigo("task", "run", "true", "--target", "nobody")).code).toBe(4);
    expect((await vigo("task", "run", "true", "--target", "*", "--timeout", "2d")).code).toBe(2);
    const planned = await vigo("task", "run", "true", "--target", "*", "--dry-run");
    expect(planned.out).toMatch(/web-1 +1 +/);
  });
});

describe("a named task", () => {
  const files = {
    "tasks/greet.vgo": `
task: greet
description: Says hello.
params:
  name: { type: string, pattern: "[a-z; ]+", description: Whom. }
  times: { type: integer, min: 1, max: 3, default: 1 }
command: [sh, -c, 'printf "%s %s " "$1" "$VIGO_PARAM_NAME"; cat', greet, $times]
timeout: 5s
`,
    "tasks/wipe.vgo":
      "{ task: wipe, params: { where: { type: string } }, command: [rm, -rf, $where] }\n",
    "tasks/secret.vgo": "{ task: for-viewers, command: [id], roles: [viewer] }\n",
  };
  beforeAll(async () => {
    await publishFiles(w, files);
    await until("it is in force", async () => {
      const { body } = await w.call("GET", "/named-tasks");
      return (body["tasks"] as unknown[]).length === 3 ? true : undefined;
    });
  });
  const start = (task: string, params: Record<string, unknown>, more = {}) =>
    w.call("POST", "/tasks", { task, params, targets: ["web-1"], ...more });

  test("is run with its values, which no shell ever reads, and that is on record", async () => {
    const id = idOf(await start("greet", { name: "a; id" }));
    const task = await ended(id);
    expect(task).toMatchObject({ task: "greet", params: { name: "a; id", times: 1 } });
    expect(task.targets[0]?.output.map(({ text }) => text).join("")).toBe(
      '1 a; id {"name":"a; id","times":1}',
    );
    const { entries } = (await w.call("GET", "/audit")).body as {
      entries: { action: string; subject: string; detail: Record<string, unknown> }[];
    };
    expect(
      entries.find((one) => one.subject === id && one.action === "task.run")?.detail,
    ).toMatchObject({
      task: "greet",
      params: { name: "a; id", times: 1 },
    });
  });

  test("is refused with values that do not fit, and held back like any other command", async () => {
    const why = async (task: string, params: Record<string, unknown>, more = {}) => {
      const answered = await start(task, params, more);
      return [answered.status, messageOf(answered)];
    };
    expect(await why("greet", { nmae: "x", times: 9 })).toEqual([
      400,
      'unknown parameter "nmae", did you mean "name"?; parameter name is required: string that fits [a-z; ]+; parameter times must be a whole number from 1 to 3, not 9',
    ]);
    expect(await why("gree", {})).toEqual([
      404,
      'unknown named task "gree", did you mean "greet"?',
    ]);
    expect(await why("wipe", { where: "/etc" })).toEqual([
      422,
      "a guardrail holds the command back: it deletes a folder that the system lives on",
    ]);
    expect(await why("greet", { name: "x" }, { command: "true" })).toEqual([
      400,
      "a task is either a `command` or the name of a `task`",
    ]);
    const both = await order("true", { params: { a: "b" } });
    expect(messageOf(both)).toBe("`params` are those of a named task, and this is a command");
  });

  test("is stopped when it is not well after it, also without batches", async () => {
    const well = await run("true", { health_check: "true" });
    expect([well.state, well.reason]).toEqual(["done", undefined]);
    const sick = await run("true", { health_check: "exit 3" });
    expect([sick.state, sick.reason, sick.targets[0]?.state]).toEqual([
      "stopped",
      "the health check after batch 1: it is failed on web-1",
      "ok",
    ]);
  });
});

describe("vigo cli task, going on", () => {
  const vigo = async (...words: readonly string[]) => {
    const screen = recordingScreen();
    const code = await cli([...words, "--home", w.home.folder], screen);
    return { code, ...screen.printed() };
  };

  test("describe lists named tasks and tells of one; run takes its parameters", async () => {
    expect((await vigo("task", "describe")).out).toMatch(/greet +name times +Says hello\./);
    const { out } = await vigo("task", "describe", "greet");
    expect(out).toContain("--param name=…  string that fits [a-z; ]+, required: Whom.");
    expect(out).toContain("--param times=…  integer from 1 to 3, default 1");
    expect(await vigo("explain", "greet")).toMatchObject({ code: 0, out });
    expect((await vigo("explain", "tasks")).out).toMatch(
      /^Named tasks\n(?:.*\n)* {2}greet +Says hello\.$/m,
    );
    expect((await vigo("explain", "gret")).err).toContain('did you mean "greet"');
    expect((await vigo("task", "describe", "gret")).err).toContain('did you mean "greet"');
    const words = ["--task", "greet", "--param", "name=you", "--param", "times=2"];
    const ran = await vigo("task", "run", ...words, "--target", "web-1");
    expect([ran.code, ran.out]).toEqual([0, '2 you {"name":"you","times":2}']);
    expect((await vigo("task", "run", "--target", "web-1")).code).toBe(2);
    const odd = await vigo("task", "run", "--task", "greet", "--param", "x", "--target", "web-1");
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining("NAME=VALUE")]);
  });

  test("run prints its batches before it begins", async () => {
    const { code, err } = await vigo(
      "task",
      "run",
      "true",
      "--target",
      "web-*",
      "--batch-size",
      "1",
    );
    expect(code).toBe(0);
    expect(err.split("\n")[0]).toBe("1 envoy in 1 batch: 1");
  });

  test("pause, resume and abort change one that goes on; show follows it", async () => {
    const left = await vigo(
      "task",
      "run",
      "sleep 1; echo over",
      "--target",
      "web-1",
      "--no-follow",
    );
    const [, task = ""] = /^task (\S+);/.exec(left.out) ?? [];
    await isIn(task, "running");
    expect((await vigo("task", "pause", task)).out).toContain(`task ${task} is paused`);
    expect((await vigo("task", "pause", task)).code).toBe(1);
    expect((await vigo("task", "resume", task)).out).toContain(`task ${task} goes on`);
    expect((await vigo("task", "abort", task)).out).toContain("nobody else begins");
    const followed = await vigo("task", "show", task, "--follow");
    // It was aborted, although it ended well where it had begun.
    expect([followed.code, followed.out]).toEqual([1, "web-1: over"]);
    expect((await shown(task)).state).toBe("stopped");
    expect((await vigo("task", "abort", task)).code).toBe(1);
    const { entries } = (await w.call("GET", "/audit")).body as {
      entries: { action: string; subject: string }[];
    };
    const acts = entries.filter(({ subject }) => subject === task).map(({ action }) => action);
    const bySomebody = acts.filter((action) => action !== "task.end");
    expect(bySomebody).toEqual(["task.abort", "task.resume", "task.pause", "task.run"]);
  });

  test("rerun runs it again where it did not end well", async () => {
    const mark = `${agent.room}/rerun`;
    const line = `test -e ${mark} && echo again || { touch ${mark}; exit 3; }`;
    const { err } = await vigo("task", "run", line, "--target", "web-1", "--nice", "5");
    const [, task = ""] = /^task (\S+) on/.exec(err) ?? [];
    const again = await vigo("task", "rerun", task, "--failed");
    expect([again.code, again.out]).toEqual([0, "again"]);
    const [, second = ""] = /^task (\S+) on/.exec(again.err) ?? [];
    expect(await shown(second)).toMatchObject({ rerun_of: task, nice: 5 });
    const nobody = await vigo("task", "rerun", second, "--failed");
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining("ended ok everywhere")]);
  });
});

test("rerun takes percentages of those it is for, and not of those it was for", async () => {
  for (const name of ["spare-1", "spare-2", "spare-3", "spare-4"])
    await w.enrol(await w.token(), name);
  const limits = { batch_size: "50%", max_failures: "50%", expires: "1s" };
  const first = idOf(await order("true", { targets: ["spare-*"], ...limits }));
  expect(await ended(first)).toMatchObject({ batch_size: 2, max_failures: 2 });
  for (const name of ["spare-3", "spare-4"]) await w.call("POST", `/envoys/${name}/revoke`);
  const again = await w.call("POST", `/tasks/${first}/rerun`, { expires: "1s" });
  expect(again.body).toMatchObject({
    plan: [{ batch: 1 }, { batch: 2 }],
    task: { batch_size: 1, max_failures: 1 },
  });
});

describe("whatever is lost on the way", () => {
  test("a server that restarts gets the result of what ran meanwhile", async () => {
    const task = idOf(await order("echo before; sleep 1; echo after"));
    await isIn(task, "running");
    await w.restart();
    const { targets } = await ended(task);
    expect(targets[0]).toMatchObject({ state: "ok", exit_code: 0 });
    expect(targets[0]?.output.map(({ text }) => text).join("")).toBe("before\nafter\n");
  });

  test("what ran when the agent was told to end is interrupted, and not begun again", async () => {
    const mark = `${agent.room}/begun`;
    const task = idOf(await order(`echo x >> ${mark}; echo said; sleep 60`));
    await isIn(task, "running");
    await agent.stop();
    agent.start();
    const { targets } = await ended(task);
    expect(targets[0]).toMatchObject({ state: "interrupted" });
    expect(targets[0]?.output.map(({ text }) => text).join("")).toBe("said\n");
    expect(await Bun.file(mark).text()).toBe("x\n");
  });

  test("an envoy that comes back in time gets the order, one that does not has expired", async () => {
    await agent.stop();
    const soon = idOf(await order("echo late", { expires: "1m" }));
    const never = idOf(await order("echo never", { expires: "1s" }));
    expect((await ended(never)).targets[0]).toMatchObject({ state: "expired" });
    agent.start();
    expect((await ended(soon)).targets[0]).toMatchObject({ state: "ok" });
  });

  test("revoked while it runs, it is shut out at once", async () => {
    const task = idOf(await order("sleep 30"));
    await isIn(task, "running");
    await w.call("POST", `/envoys/${id}/revoke`);
    const { targets } = await ended(task);
    expect(targets[0]).toMatchObject({ state: "interrupted" });
  });
});
