/** A line with a bar for who waits longer than a second, and nothing for anybody else. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupDatabase } from "../../../src/core/api/database.ts";
import type { Endpoint } from "../../../src/core/api/endpoint.ts";
import { serverWork } from "../../../src/core/api/server.ts";
import { VigoError } from "../../../src/core/errors.ts";
import type { Call } from "../../../src/modes/cli/client.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { bar, inSteps, watched } from "../../../src/modes/cli/progress.ts";
import { type Steps, stepsOf } from "../../../src/core/steps.ts";
import { recordingScreen } from "../../support/screen.ts";

async function said(screen: ReturnType<typeof recordingScreen>, what: RegExp): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!what.test(screen.printed().err) && Date.now() < deadline) await Bun.sleep(10);
  expect(screen.printed().err).toMatch(what);
}

const person = () => ({ ...recordingScreen(), watched: true });

test("the bar is as long as the share, and wanders where nobody knows it", () => {
  const rows: readonly [number | undefined, number, string][] = [
    [0, 9, `[${".".repeat(30)}] 0 %`],
    [0.42, 9, `[${"#".repeat(12)}${".".repeat(18)}] 42 %`],
    [0.999, 9, `[${"#".repeat(29)}.] 99 %`],
    [1, 9, `[${"#".repeat(30)}] 100 %`],
    [undefined, 0, `[######${".".repeat(24)}]`],
    [undefined, 2, `[....######${".".repeat(20)}]`],
    [undefined, 12, `[${".".repeat(24)}######]`],
    [undefined, 12.5, `[######${".".repeat(24)}]`],
  ];
  for (const [share, seconds, said] of rows) expect(bar(share, seconds)).toBe(said);
});

describe.concurrent("who watches", () => {
  test("sees after a second how much is done, and at the end how long it took", async () => {
    const screen = person();
    const given = await watched(screen, "exporting", async ({ at, above }) => {
      at(1, 4);
      await Bun.sleep(900);
      expect(screen.printed().err).toBe("");
      await said(screen, /^exporting \[#{7}\.{23}\] 25 % · \d+ s$/);
      at(3, 4);
      await said(screen, / 75 % · \d+ s$/);
      above(() => screen.out("a line"));
      return "done";
    });
    expect(given).toBe("done");
    const { out, err } = screen.printed();
    expect(out).toBe("a line");
    // What was drawn is taken away before the last word.
    const last = err.split("\n").slice(-2);
    expect(last[0]).toEndWith("\u001b[J\u001b[1A");
    expect(last[1]).toMatch(/^exporting took \d+\.\d s$/);
  });

  test("is told nothing of what is quick, nor is anybody who does not watch", async () => {
    const quick = person();
    await watched(quick, "x", async ({ at }) => at(1, 2));
    const elsewhere = recordingScreen();
    await watched(elsewhere, "x", () => Bun.sleep(1_250));
    expect([quick.printed().err, elsewhere.printed().err]).toEqual(["", ""]);
  });

  test("sees it also where it fails, and the failure goes on", async () => {
    const screen = person();
    const work = watched(screen, "x", async () => {
      await Bun.sleep(1_150);
      throw new Error("it broke");
    });
    await expect(work).rejects.toThrow("it broke");
    expect(screen.printed().err).toMatch(/x took \d/);
  });
});

test("long work of this process leaves room for it", async () => {
  let drawn = 0;
  const timer = setInterval(() => drawn++, 5);
  function* work(): Steps<string> {
    const end = performance.now() + 300;
    yield;
    const step = stepsOf("looking", 1_000_000_000);
    yield step();
    // Most pauses fall on steps that say nothing of it.
    while (performance.now() < end) yield;
    return "done";
  }
  const told: string[] = [];
  const at = (done: number, all: number, part = "") => void told.push(`${part} ${done > 0} ${all}`);
  expect(await inSteps(work(), { at })).toBe("done");
  clearInterval(timer);
  expect(drawn).toBeGreaterThan(1);
  expect([...new Set(told)]).toEqual(["looking true 1000000000"]);
});

describe.concurrent("commands", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vigo-progress-"));
    await writeFile(join(folder, "none.jsonl"), "");
  });
  afterAll(() => rm(folder, { recursive: true }));
  /** A server of before: it does not tell what it is busy with. */
  const slow = (answer: object) =>
    (async (asked: Endpoint) => {
      if (asked === serverWork) throw new VigoError("missing", "no such endpoint");
      await Bun.sleep(1_250);
      return answer;
    }) as unknown as Call;

  const rows: readonly [string, object][] = [
    ["audit verify", { holds: true, entries: 3 }],
    ["db backup", { folder: "/x", files: 1, bytes: 1, elsewhere: [] }],
    ["inventory diff a b", { a: "a", b: "b", same: 1, packages: [] }],
  ];
  test.each(rows)(
    "vigo cli %s, and with --json in silence",
    async (words, answer) => {
      const [seen, silent] = [person(), person()];
      const codes = await Promise.all([
        cli(words.split(" "), seen, slow(answer)),
        cli([...words.split(" "), "--json"], silent, slow(answer)),
      ]);
      expect(codes).toEqual([0, 0]);
      expect(seen.printed().err).toMatch(/\[\.*#+\.*\] · \d+ s/);
      expect(silent.printed().err).toBe("");
      expect(JSON.parse(silent.printed().out)).toMatchObject(answer);
    },
    10_000,
  );

  test("what the server does of it, and how far it is, is asked of the server", async () => {
    const screen = person();
    const other = { what: "plan", part: "looking at envoys", done: 1, all: 2 };
    const parts = [
      [],
      [other, { what: "backup", part: "copying files" }],
      [other, { what: "backup", part: "copying the database", done: 40, all: 80 }],
    ];
    let asked = 0;
    const call = (async (endpoint: Endpoint) => {
      if (endpoint === serverWork) return { work: parts[Math.min(asked++, 2)] };
      await said(screen, /copying the database/);
      return { folder: "/x", files: 1, bytes: 1, elsewhere: [] };
    }) as unknown as Call;
    expect(await cli(["db", "backup"], screen, call)).toBe(0);
    const { err } = screen.printed();
    expect(err).toMatch(/backing up \[\.*#+\.*\] · copying files · \d+ s/);
    expect(err).toMatch(/backing up \[#{15}\.{15}\] 50 % · copying the database · \d+ s/);
    const before = asked;
    await Bun.sleep(600);
    expect(asked).toBe(before);
  });

  test("of what is quick the server is asked nothing else, nor for who does not watch", async () => {
    const endpoints: Endpoint[] = [];
    const call = (async (endpoint: Endpoint) => {
      endpoints.push(endpoint);
      if (endpoints.length === 2) await Bun.sleep(900);
      return { folder: "/x", files: 1, bytes: 1, elsewhere: [] };
    }) as unknown as Call;
    expect(await cli(["db", "backup"], person(), call)).toBe(0);
    expect(await cli(["db", "backup"], recordingScreen(), call)).toBe(0);
    expect(endpoints).toEqual([backupDatabase, backupDatabase]);
  });

  test("an export shows its share, in between its lines", async () => {
    const screen = person();
    const entry = (id: number) => ({ id, actor: "a" });
    const pages = [[1, 2], [3, 4], []];
    const call = (async (_: unknown, { query }: { query: { limit?: number } }) => {
      if (query.limit === 1) return { entries: [entry(4)] };
      await Bun.sleep(600);
      return { entries: (pages.shift() ?? []).map(entry) };
    }) as unknown as Call;
    expect(await cli(["audit", "export"], screen, call)).toBe(0);
    const { out, err } = screen.printed();
    expect(out.split("\n").map((line) => JSON.parse(line).id)).toEqual([1, 2, 3, 4]);
    expect(err).toMatch(/exporting \[#+\.*\] (?:50|100) % · \d+ s/);
  });
});
