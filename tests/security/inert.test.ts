/** What machines and newcomers say of themselves reaches terminals, logs and mails as letters, and as nothing more. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { inertJson, inertText } from "../../src/core/inert.ts";
import { logTo } from "../../src/core/log.ts";
import { newCertificateRequest } from "../../src/core/pki/csr.ts";
import { connectLink } from "../../src/modes/agent/link.ts";
import type { TaskEvent } from "../../src/core/api/tasks.ts";
import { TaskLines } from "../../src/modes/cli/print/task.ts";
import { recordingScreen } from "../support/screen.ts";
import { mailFor } from "../../src/modes/server/alerts/shapes.ts";
import { identityFrom } from "../integration/server/join.ts";
import { enrolBody, envoyKey, makeWorld, type World } from "../integration/server/world.ts";

/** A title for the window, a cleared screen, a second line, an 8-bit sequence, a line that reads backwards, a header of a mail. */
const hostile =
  "evil\u001b]0;owned\u0007\u001b[2J\r\nBcc: x@example.com\u009b31m\u202egpj.exe\u2066";
/** All but the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  const label = "evil\u202egpj.exe";
  const keys = envoyKey();
  const { csr, key } = await newCertificateRequest("x");
  const asked = await enrolBody(await w.token({ label }), "web-1", keys, csr);
  const made = (await w.call("POST", "/enroll", { ...asked, machine_id: hostile }, "")).body;
  const identity = identityFrom(made, key, keys.seed);
  const link = connectLink(identity);
  const stranger = connectLink({ ...identity, envoyId: hostile });
  await expect(stranger.checkIn({})).rejects.toThrow("does not know");
  stranger.close();
  const value = Buffer.from(JSON.stringify({ distro: hostile, [hostile]: hostile }));
  await link.checkIn({
    hostname: hostile,
    agentVersion: hostile,
    machineId: hostile,
    bootId: hostile,
    sections: ["os", "packages", hostile].map((name) => ({ name, value, collectedAtMs: 1n })),
  });
  const change = { field: hostile, from: hostile, to: hostile, diff: hostile, cause: 2 };
  const resource = { key: hostile, type: hostile, reason: hostile, durationMs: 1 };
  await link.reportRuns({
    reports: [
      {
        report: {
          case: "run",
          value: {
            number: 1n,
            policyVersion: 1n,
            startedAtMs: BigInt(Date.now()),
            durationMs: 1,
            outcome: 3,
            resources: [
              { ...resource, outcome: 2, changes: [change] },
              { ...resource, key: `${hostile} 2`, outcome: 3, changes: [] },
            ],
          },
        },
      },
    ],
  });
  link.close();
  // Refusals are logged with what was said.
  await w.call("POST", "/enroll", { ...asked, hostname: hostile }, "");
  await w.call("POST", "/login", { name: hostile, password: hostile }, "");
});
afterAll(() => w.stop());

const main = join(import.meta.dir, "../../src/main.ts");

async function cli(words: readonly string[]): Promise<{ text: string; code: number }> {
  const argv = [process.execPath, main, "cli", ...words, "--home", w.home.folder];
  const child = Bun.spawn(argv, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { text: out + err, code: await child.exited };
}

describe("on a terminal", () => {
  const commands = [
    ["envoys", "list"],
    ["envoys", "show", "web-1"],
    ["runs", "list"],
    ["runs", "show", "web-1", "1"],
    ["runs", "drift"],
    ["traits", "show", "web-1"],
    ["tokens", "list"],
    ["enroll", "pending"],
    ["audit", "list"],
    ["audit", "export"],
    ["alerts", "list"],
    ["inventory", "packages"],
    ["doctor"],
  ];
  const lists = ["envoys list", "runs list", "tokens list", "enroll pending", "audit list"];
  const waysOf = (words: readonly string[]): readonly (readonly string[])[] =>
    words.includes("export")
      ? [[]]
      : [[], ["--json"], ...(lists.includes(words.join(" ")) ? [["--csv"]] : [])];
  test.each(commands.map((words) => [words.join(" "), words] as const))(
    "vigo cli %s",
    async (_, words) => {
      for (const more of waysOf(words)) {
        const { text, code } = await cli([...words, ...more]);
        // RFC 4180 ends its lines so.
        const said = more.includes("--csv") ? text.replaceAll("\r\n", "\n") : text;
        expect([said.length > 0, steering.exec(said)?.[0]]).toEqual([true, undefined]);
        // 2 would be a command that is not there, and proves nothing.
        expect([words, code]).not.toEqual([words, 2]);
      }
    },
    60_000,
  );

  test("it is shown, not hidden", async () => {
    const { text } = await cli(["envoys", "show", "web-1"]);
    expect(text).toContain("\\u{1b}]0;owned");
  });

  test("an error that quotes it", async () => {
    const { text, code } = await cli(["envoys", "show", `no-such-${hostile.replace("\r\n", "")}`]);
    expect([code, steering.exec(text)?.[0]]).toEqual([4, undefined]);
  });
});

test("what a task prints on a machine is letters here, and in the file it is kept in", () => {
  const screen = recordingScreen();
  const lines = new TaskLines(screen, true);
  for (const text of ["one\u001b]0;own", "ed\u0007\n\u202ethe end"])
    lines.heed({
      kind: "output",
      envoy_id: "e",
      hostname: hostile,
      stream: "out",
      text,
    } as TaskEvent);
  lines.heed({
    kind: "target",
    target: { envoy_id: "e", hostname: hostile, batch: 0, state: "ok", ended_at: "x" },
  } as TaskEvent);
  const { out, err } = screen.printed();
  expect(steering.exec(out + err)).toBeNull();
  expect(out).toContain("one\\u{1b}]0;owned");
});

test("in logs an event stays one line", () => {
  expect(w.log.length).toBeGreaterThan(0);
  for (const line of w.log) {
    expect(line.trimEnd().split("\n").length).toBe(1);
    expect([line, steering.exec(line)?.[0]]).toEqual([line, undefined]);
  }
});

test.each([true, false])("in a log of its own, as JSON: %p", (json) => {
  const lines: string[] = [];
  const log = logTo({ json, write: (line) => void lines.push(line), now: () => new Date(0) });
  log.warn("unknown envoy", { envoy_id: hostile, bare: "\u202e" });
  expect(lines.join("").trimEnd().split("\n").length).toBe(1);
  expect(steering.exec(lines.join(""))?.[0]).toBeUndefined();
});

test("in a mail it makes no header and no line", () => {
  const { subject, text } = mailFor(
    {
      id: 1,
      at: 0,
      kind: "run.failed",
      severity: "warning",
      subject: hostile,
      title: `run failed on ${hostile}`,
      detail: { reason: hostile },
      about: "x",
    } as unknown as Parameters<typeof mailFor>[0],
    "server",
  );
  expect(subject).not.toContain("\n");
  expect(text.split("\n").filter((line) => line.startsWith("Bcc"))).toEqual([]);
  expect(steering.exec(subject + text)?.[0]).toBeUndefined();
});

test("what is made inert is still the same JSON, and lines stay lines", () => {
  const json = JSON.stringify({ hostile });
  expect(JSON.parse(inertJson(json))).toEqual({ hostile });
  expect(inertText("a\n\tb\u001b[0m")).toBe("a\n\tb\\u{1b}[0m");
});
