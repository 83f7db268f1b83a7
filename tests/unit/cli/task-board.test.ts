import { describe, expect, test } from "bun:test";
import type { Target, Task } from "../../../src/core/api/tasks.ts";
import { VigoError } from "../../../src/core/errors.ts";
import type { Cli } from "../../../src/modes/cli/command.ts";
import { Live } from "../../../src/modes/cli/live.ts";
import { TaskBoard } from "../../../src/modes/cli/print/task-board.ts";
import { watchTask } from "../../../src/modes/cli/task-watch.ts";
import { recordingScreen } from "../../support/screen.ts";
import { Terminal } from "../../support/terminal.ts";

const target = (name: string, state: Target["state"], more: Partial<Target> = {}) => ({
  kind: "target" as const,
  target: { envoy_id: name, hostname: name, batch: 1, state, ...more },
});
const task = (more: Partial<Task>): Task => ({
  id: "t",
  command: "true",
  actor: "a",
  asked: ["*"],
  state: "running",
  batch: 1,
  checking: false,
  force: false,
  created_at: "2026-01-01T00:00:00Z",
  expires_at: "2026-01-01T01:00:00Z",
  counts: {},
  ...more,
});
const at = Date.parse("2026-01-01T00:01:05Z");
const plain = { colour: false } as ReturnType<typeof recordingScreen>;

describe("the board of a task", () => {
  test("shows who is at it, then who failed, then who is awaited; who ended well is counted", () => {
    const board = new TaskBoard(plain);
    board.heed({ kind: "task", task: task({ batch: 2, checking: true }) });
    const began = { started_at: "2026-01-01T00:00:00Z" };
    for (const event of [
      target("web-1", "ok"),
      target("web-2", "waiting", { batch: 2 }),
      target("web-3", "failed"),
      target("web-4", "running", began),
    ])
      board.heed(event);
    expect(board.lines(20, at)).toEqual([
      "HOSTNAME  BATCH  STATE    FOR",
      "web-4     1      running  65s",
      "web-3     1      failed",
      "web-2     2      waiting",
      "[############............] 2 of 4 · 1 failed · batch 2 of 2 · health check",
    ]);
    expect(board.lines(4, at)).toHaveLength(3);
  });

  test("is nothing for one machine, and only a line when all have ended well", () => {
    const board = new TaskBoard(plain);
    board.heed(target("web-1", "ok"));
    expect(board.lines(20, at)).toEqual([]);
    board.heed(target("web-2", "ok"));
    board.heed({ kind: "task", task: task({ state: "paused" }) });
    expect(board.lines(20, at)).toEqual(["[########################] 2 of 2 · paused"]);
  });
});

describe("lines at the foot of a terminal", () => {
  const size = () => ({ rows: 10, columns: 12 });

  test("are taken away before others are printed, and drawn again", async () => {
    const screen = { ...recordingScreen(), watched: true };
    const drawn = Promise.withResolvers<void>();
    let asked = 0;
    const lines = () => {
      if (++asked === 2) drawn.resolve();
      return ["one", "a line that is too long"];
    };
    const live = new Live(screen, lines, size);
    live.changed();
    await Bun.sleep(0);
    live.above(() => screen.out("hello"));
    expect(screen.printed().out).toBe("hello");
    live.changed();
    await drawn.promise;
    live.end();
    const { err } = screen.printed();
    expect(err).toContain("one\na line tha…");
    expect(err).toEndWith("\u001b[2A\u001b[J\u001b[1A");
  });

  test("are not drawn where nobody watches", () => {
    const screen = recordingScreen();
    const live = new Live(screen, () => ["one"], size);
    live.above(() => screen.out("hello"));
    live.end();
    expect(screen.printed()).toMatchObject({ out: "hello", err: "" });
  });
});

test("that the server is away is said above the board, which leaves nothing behind", async () => {
  const terminal = new Terminal(80, 24);
  const write = (text: string) => terminal.write(`${text.replaceAll("\n", "\r\n")}\r\n`);
  const screen = { out: write, err: write, colour: false, watched: true };
  let opened = 0;
  async function* follow() {
    yield { kind: "task", task: task({}) };
    for (const name of ["web-1", "web-2"])
      yield target(name, opened === 0 ? "running" : "ok", { started_at: "2026-01-01T00:00:00Z" });
    opened++;
    await Bun.sleep(250);
    if (opened === 1) throw new VigoError("unavailable", "nobody answers");
    yield { kind: "end", task: task({ state: "done", counts: { ok: 2 } }) };
  }
  const cli = { follow, screen } as unknown as Cli;
  write("task t on 2");
  expect(await watchTask(cli, "t", true, false)).toBe(0);
  expect(terminal.raw).toContain("web-2     1      running");
  expect(terminal.text.trimEnd()).toBe(
    "task t on 2\nnobody answers; the task goes on, trying again for a minute\n2 ok",
  );
});
