import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { enrolAt, type RealAgent, realAgent, until } from "../agent/real-agent.ts";
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
