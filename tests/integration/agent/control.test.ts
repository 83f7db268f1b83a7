import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "../../../src/core/converge/report.ts";
import { VigoError } from "../../../src/core/errors.ts";
import { askDaemon, type Question, serveControl } from "../../../src/modes/agent/control.ts";

let room: string;
beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-control-"));
});
afterAll(() => rm(room, { recursive: true, force: true }));

const question: Question = { dry_run: true, offline: false, only: ["web"], skip: [] };
const row = { key: "a", type: "file", outcome: "ok", changes: [], duration_ms: 1 } as const;
const report: RunReport = {
  outcome: "ok",
  dry_run: true,
  policy_version: 1,
  started_at: "2026-01-01T00:00:00.000Z",
  duration_ms: 1,
  counts: { ok: 1, changed: 0, failed: 0, skipped: 0, blocked: 0, pending: 0 },
  resources: [row],
  pending_refreshes: [],
};

test("a question is asked, each resource told as it ends, and the report last", async () => {
  const path = join(room, "a.sock");
  const asked: Question[] = [];
  const control = await serveControl(path, async (given, onResource, onTrouble) => {
    asked.push(given);
    onTrouble(new VigoError("unavailable", "the server is away", { hint: "wait" }));
    onResource(row);
    return report;
  });
  const seen: string[] = [];
  const answer = await askDaemon(
    path,
    question,
    ({ key }) => seen.push(key),
    ({ failure, message, hint }) => seen.push(`${failure}: ${message}, ${hint}`),
  );
  expect(answer).toEqual(report);
  expect([asked, seen]).toEqual([[question], ["unavailable: the server is away, wait", "a"]]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await control.close();
  expect(await askDaemon(path, question)).toBeUndefined();
});

test("what goes wrong in the daemon goes wrong for who asked", async () => {
  const path = join(room, "b.sock");
  const control = await serveControl(path, async () => {
    throw new VigoError("invalid", "nothing here is called web", { hint: "did you mean wed?" });
  });
  await expect(askDaemon(path, question)).rejects.toMatchObject({
    failure: "invalid",
    message: "nothing here is called web",
    hint: "did you mean wed?",
  });
  await control.close();
});

test.each(["garbage\n", '{"dry_run": "yes"}\n', `${"x".repeat(70_000)}\n`])(
  "%.20p is no question, and the next one is answered",
  async (line) => {
    const path = join(room, `${crypto.randomUUID()}.sock`);
    const control = await serveControl(path, async () => report);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(path, () => socket.write(line));
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("end", () => resolve(text));
      socket.on("error", reject);
    });
    expect(answer).toContain('"error"');
    expect(await askDaemon(path, question)).toEqual(report);
    await control.close();
  },
);

test.each<[string, (socket: Socket) => unknown]>([
  ["in the middle of a line", (socket) => socket.end('{"resource":{"key":"a","typ')],
  ["before it has read the question", (socket) => setTimeout(() => socket.destroy(), 100)],
])("a daemon that is killed %s is missed", async (_, dies) => {
  const path = join(room, `${crypto.randomUUID()}.sock`);
  const daemon = createServer({ pauseOnConnect: true }, dies);
  await new Promise<void>((resolve) => daemon.listen(path, resolve));
  await expect(askDaemon(path, question)).rejects.toMatchObject({
    failure: "unavailable",
    message: "the daemon ended before the run did",
  });
  daemon.close();
});

test("a socket that was left behind is nobody", async () => {
  const path = join(room, "stale.sock");
  const child = Bun.spawnSync([
    process.execPath,
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`,
  ]);
  expect(child.signalCode).toBe("SIGKILL");
  expect(await askDaemon(path, question)).toBeUndefined();
  const control = await serveControl(path, async () => report);
  expect(await askDaemon(path, question)).toEqual(report);
  await control.close();
});
