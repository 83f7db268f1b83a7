/** What a whole server does when its database is locked or its disk is full: says so, loses nothing, and goes on by itself. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Link } from "../../../src/modes/agent/link.ts";
import type { Home } from "../../../src/modes/server/home.ts";
import { callChild, freePorts, inHome, startChild } from "./child.ts";
import { toldRun } from "./join.ts";
import { joined } from "./joined.ts";

/** Of all 5xx: one line each, with the words that were answered and where they came from. */
const toldOf = (log: string, message: string): boolean =>
  log
    .split("\n")
    .some(
      (line) =>
        line.includes('"event":"request failed"') &&
        line.includes(message) &&
        line.includes(" at "),
    );

test(
  "while the database is locked, acts are refused with what to do, and nothing is half done",
  () =>
    inHome(async (home) => {
      await mkdir(home.folder, { recursive: true });
      await writeFile(home.config, freePorts);
      const child = startChild(home);
      try {
        const { api } = await child.ready;
        const link = await joined(home, api, "locked");
        const told = new Told(link);
        expect(await told.more()).toBe("kept");
        const other = new Database(home.database);
        other.run("BEGIN IMMEDIATE");
        const refused = await callChild(home, api, "POST", "/tokens", { label: "locked" });
        expect(refused).toMatchObject({
          status: 503,
          body: { error: { code: "unavailable", hint: "stop that program and try again" } },
        });
        expect(toldOf(child.log(), "it is locked by another program")).toBe(true);
        expect(await told.more()).toContain("locked by another program");
        await link.checkIn(hello("locked"));
        other.run("ROLLBACK");
        other.close();
        expect((await callChild(home, api, "POST", "/tokens", { label: "free" })).status).toBe(200);
        await onlyOf(home, api, ["", "free"]);
        expect(await told.more()).toBe("kept");
        await allKept(home, api, told);
        link.close();
      } finally {
        child.kill("SIGKILL");
        await child.exited;
      }
    }),
  60_000,
);

/** Of the tokens and of the audit log. */
async function onlyOf(home: Home, api: number, labels: readonly string[]): Promise<void> {
  const tokens = (await callChild(home, api, "GET", "/tokens")).body["tokens"] as readonly {
    label: string;
  }[];
  expect(tokens.map(({ label }) => label).sort()).toEqual([...labels].sort());
  const { body } = await callChild(home, api, "GET", "/audit?limit=1000");
  const entries = body["entries"] as readonly { action: string }[];
  const made = entries.filter(({ action }) => /^tokens?\.create$/.test(action));
  expect(made.length).toBe(labels.length);
}

const main = join(import.meta.dir, "../../../src/main.ts");
/** A disk of its own needs a mount, in a namespace that ends with the process: nobody else sees it. */
const mayMount =
  Bun.spawnSync(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], {
    stderr: "ignore",
  }).exitCode === 0;
if (!mayMount)
  process.stderr.write("SKIPPED: a full disk needs root and a mount namespace (unshare -m)\n");

test.if(mayMount)(
  "on a full disk it refuses what it cannot keep, keeps what it has, and goes on when there is room",
  () =>
    inHome(async (home) => {
      await mkdir(dirname(home.database), { recursive: true });
      await mkdir(home.backups);
      await writeFile(home.config, `${freePorts}tuning: {flush_interval: 100ms}\n`);
      const script =
        'mount -t tmpfs -o size=8m,mode=0700 tmpfs "$1" && mount -t tmpfs -o size=64k,mode=0700 tmpfs "$5" && exec "$2" "$3" server run --home "$4"';
      const words = [dirname(home.database), process.execPath, main, home.folder, home.backups];
      const child = Bun.spawn(["unshare", "-m", "sh", "-c", script, "sh", ...words], {
        stdin: "ignore",
        stdout: "ignore",
        stderr: Bun.file(join(home.folder, "log")),
      });
      try {
        const { api, pid } = await portsOf(home);
        const link = await joined(home, api, "full");
        const told = new Told(link);
        expect(await told.more()).toBe("kept");
        const make = (label: string) => callChild(home, api, "POST", "/tokens", { label });
        expect((await make("before")).status).toBe(200);
        const ballast = join(`/proc/${pid}/root`, dirname(home.database), "ballast");
        await fill(ballast);
        const kept = ["before"];
        let full: Awaited<ReturnType<typeof make>> | undefined;
        // The journal has some pages left.
        for (let at = 0; at < 300 && full === undefined; at++) {
          const answer = await make(`filling ${at}`);
          if (answer.status === 200) kept.push(`filling ${at}`);
          else full = answer;
        }
        expect(full).toMatchObject({
          status: 503,
          body: { error: { code: "unavailable", hint: expect.stringContaining("free space") } },
        });
        expect((await callChild(home, api, "GET", "/tokens")).status).toBe(200);
        expect(await told.more()).toContain("the disk is full");
        // No check-in waits for the disk; what it tells is written when there is room.
        await link.checkIn({
          hostname: "full",
          machineId: "m1",
          bootId: "b1",
          agentVersion: "9.9",
        });
        await until(async () => (await logOf(home)).includes("writing what check-ins told failed"));
        const backup = await callChild(home, api, "POST", "/database/backup");
        expect(backup.status).toBe(503);
        expect(await readdir(join(`/proc/${pid}/root`, home.backups))).toEqual([]);
        await rm(ballast);
        await until(async () =>
          (await logOf(home)).includes("writing what check-ins told works again"),
        );
        expect((await make("after")).status).toBe(200);
        await onlyOf(home, api, ["", ...kept, "after"]);
        expect(await told.more()).toBe("kept");
        await allKept(home, api, told);
        link.close();
        expect(toldOf(await logOf(home), "the disk is full")).toBe(true);
      } finally {
        child.kill("SIGKILL");
        await child.exited;
      }
    }),
  60_000,
);

const logOf = (home: Home): Promise<string> => readFile(join(home.folder, "log"), "utf8");

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    expect(Date.now()).toBeLessThan(deadline);
    await Bun.sleep(50);
  }
}

const hello = (hostname: string) => ({
  hostname,
  machineId: "m1",
  bootId: "b1",
  agentVersion: "9.9",
});

/** All that was told, each once. */
async function allKept(home: Home, api: number, told: Told): Promise<void> {
  const { body } = await callChild(home, api, "GET", "/runs?limit=1000");
  const numbers = (body["runs"] as { number: number }[]).map((run) => run.number);
  expect(numbers.sort((a, b) => a - b)).toEqual([...told.numbers]);
}

/** As an agent's outbox: what was not acknowledged is told again, with what came since. */
class Told {
  readonly #link: Link;
  #acknowledged = 0;
  #newest = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  get numbers(): readonly number[] {
    return Array.from({ length: this.#newest }, (_, at) => at + 1);
  }

  /** Gives why not, where it was not kept. Each is larger than what a full disk has left. */
  async more(): Promise<string> {
    this.#newest++;
    const reports = this.numbers
      .slice(this.#acknowledged)
      .map((number) => toldRun(number, Date.now(), wide));
    try {
      this.#acknowledged = Number(await this.#link.reportRuns({ reports }));
      return "kept";
    } catch (error) {
      return String(error);
    }
  }
}

const wide = Array.from({ length: 100 }, (_, at) => ({
  key: `web/${at}`,
  cause: "drift" as const,
  from: randomBytes(1_500).toString("base64"),
}));

async function portsOf(
  home: Home,
): Promise<{ readonly api: number; readonly grpc: number; readonly pid: number }> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const text = await readFile(home.ports, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    if (text !== undefined) return JSON.parse(text);
    await Bun.sleep(20);
  }
  throw new Error(await readFile(join(home.folder, "log"), "utf8"));
}

/** To the last byte. */
async function fill(file: string): Promise<void> {
  const dd = Bun.spawn(["dd", "if=/dev/zero", `of=${file}`, "bs=4096"], { stderr: "ignore" });
  expect(await dd.exited).toBe(1);
}
