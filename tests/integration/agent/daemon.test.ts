/** A real server and a real daemon, both as processes from source: the whole loop, and what happens when the server is away. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { must, type Program, run } from "../../support/program.ts";
import { removeRoom } from "../../support/remove-room.ts";

const main = resolve(import.meta.dir, "../../../src/main.ts");
let room: string;
let vigo: Program;
const children = new Set<Bun.Subprocess>();
const at = (...parts: readonly string[]) => join(room, ...parts);
const page = () => readFile(at("target", "page"), "utf8").catch(absent);

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-daemon-"));
  vigo = { argv: [process.execPath, main], cwd: room };
  await must(vigo, ["server", "init", "--home", at("server")]);
  const listen = 'grpc_listen: "127.0.0.1:0", api_listen: "127.0.0.1:0"';
  await writeFile(at("server", "server.yaml"), `server: {${listen}}\ncheckin: {interval: 1s}\n`);
  await policy("one");
  await startServer();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([...children].map((child) => child.exited));
  await removeRoom(room);
});

async function policy(content: string): Promise<void> {
  const stacks = at("server", "stacks");
  await mkdir(join(stacks, "configcrates"), { recursive: true });
  await writeFile(
    join(stacks, "configcrates", "site.vgo"),
    `configcrate: site\nresources:\n  - {name: folder, type: directory, target_path: ${at("target")}}\n  - {name: page, type: file, target_path: ${at("target")}/page, content: "${content} {{ envoy.hostname }}\\n"}\n`,
  );
  await writeFile(join(stacks, "envoys.vgo"), 'envoys: [{match: "*", configcrates: [site]}]\n');
  await must(vigo, ["cli", "publish", "--home", at("server")]);
}

function start(...words: readonly string[]): Bun.Subprocess<"ignore", "ignore", "pipe"> {
  const child = Bun.spawn([...vigo.argv, ...words], {
    cwd: room,
    env: { PATH: "/usr/bin:/bin" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  children.add(child);
  return child;
}

let server: Bun.Subprocess | undefined;
let api = 0;

async function startServer(): Promise<void> {
  const child = start("server", "run", "--home", at("server"));
  server = child;
  void new Response(child.stderr).text();
  api = await until("the server answers", async () => {
    const text = await readFile(at("server", "run", "ports.json"), "utf8").catch(absent);
    const ports =
      text === undefined ? undefined : (JSON.parse(text) as { api: number; pid: number });
    return ports?.pid === child.pid ? ports.api : undefined;
  });
  // The next start takes the same ports, so that the agent finds it again.
  const ports = JSON.parse(await readFile(at("server", "run", "ports.json"), "utf8"));
  const listen = `grpc_listen: "127.0.0.1:${ports.grpc}", api_listen: "127.0.0.1:${ports.api}"`;
  await writeFile(at("server", "server.yaml"), `server: {${listen}}\ncheckin: {interval: 1s}\n`);
}

async function end(child: Bun.Subprocess | undefined): Promise<void> {
  child?.kill("SIGTERM");
  await child?.exited;
  if (child) children.delete(child);
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await Bun.sleep(20);
  }
  throw new Error(`not within 15 s: ${what}`);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

const cli = async (...words: readonly string[]) =>
  JSON.parse(await must(vigo, ["cli", ...words, "--home", at("server"), "--json"]));
const agent = (...words: readonly string[]) =>
  run(vigo, ["agent", ...words, "--home", at("agent")]);
const json = async (...words: readonly string[]) =>
  JSON.parse((await agent(...words, "--json")).out);

interface ListedRun {
  readonly number: number;
  readonly outcome: string;
}
const runs = async (): Promise<readonly ListedRun[]> => (await cli("runs", "list")).runs;

test("before enrolment it says what to do", async () => {
  const ran = await agent("run");
  expect([ran.code, ran.err]).toEqual([4, expect.stringContaining("vigo agent bootstrap")]);
  expect(await json("status")).toMatchObject({ policy_version: 0, pending_results: 0 });
});

test("a token of another CA is refused before anything is sent", async () => {
  const { token } = await cli("tokens", "create");
  const wrong = token.replace(/_[0-9a-f]{64}$/, `_${"0".repeat(64)}`);
  const to = ["--server", `localhost:${api}`, "--no-service"];
  const ran = await agent("bootstrap", ...to, "--token", wrong);
  expect([ran.code, ran.err]).toEqual([3, expect.stringContaining("another CA")]);
});

test("enrols once, runs once, and a second enrolment changes nothing", async () => {
  const { token } = await cli("tokens", "create", "--uses", "1");
  const words = ["bootstrap", "--server", `localhost:${api}`, "--token", token, "--no-service"];
  const first = await json(...words, "--hostname", "web-1");
  expect(first).toMatchObject({ hostname: "web-1", fresh: true });
  expect(await json(...words)).toMatchObject({ envoy_id: first.envoy_id, fresh: false });
  expect((await stat(at("agent", "identity", "signing_key"))).mode & 0o777).toBe(0o600);

  const ran = await agent("run", "--detailed-exitcode");
  expect(ran.code).toBe(10);
  expect(await page()).toBe("one web-1\n");
  expect(await runs()).toMatchObject([{ number: 1, outcome: "changed" }]);
  expect(await json("status")).toMatchObject({ envoy_id: first.envoy_id, pending_results: 0 });
});

let daemon: Bun.Subprocess | undefined;

test("the daemon mends drift, takes a new policy, and a run beside it goes through it", async () => {
  const child = start("agent", "daemon", "--home", at("agent"), "--log-format", "json");
  daemon = child;
  void new Response(child.stderr).text();
  await until(
    "the socket",
    async () => (await stat(at("agent", "control.sock")).catch(absent)) && true,
  );
  await writeFile(at("target", "page"), "damaged\n");
  await until("it is mended", async () => (await page()) === "one web-1\n" || undefined);
  const drift = await until("the server hears of it", async () =>
    (await runs()).find(({ number }) => number > 1),
  );
  expect(drift.outcome).toBe("changed");

  await policy("two");
  await until("the new policy", async () => (await page()) === "two web-1\n" || undefined);

  const through = await json("run");
  expect(through).toMatchObject({ outcome: "ok", counts: { ok: 2 } });
  expect((await json("status")).running_pid).toBe(child.pid);
  const wrong = await agent("run", "--only", "nothing");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("nothing here is called")]);
  const applied = await agent("apply", at("server", "stacks"));
  expect([applied.code, applied.err]).toEqual([
    1,
    expect.stringContaining("another run is going on"),
  ]);
}, 40_000);

test("paused, nothing is mended; resumed, it is", async () => {
  await json("pause", "--for", "1h", "--reason", "a test");
  expect((await json("status")).paused).toMatchObject({ reason: "a test" });
  const { last_run: before } = await json("status");
  await writeFile(at("target", "page"), "damaged\n");
  // Check-ins go on meanwhile: two of them are longer than one interval of runs.
  const { last_contact_at: seen } = await json("status");
  await until("two more check-ins", async () => {
    const { last_contact_at: now } = await json("status");
    return Date.parse(now) - Date.parse(seen) > 2_000 || undefined;
  });
  expect(await page()).toBe("damaged\n");
  expect((await json("status")).last_run.number - before.number).toBeLessThanOrEqual(1);
  await json("resume");
  await until("it is mended", async () => (await page()) === "two web-1\n" || undefined);
}, 40_000);

test("with the server away it goes on enforcing, and the report waits and arrives once", async () => {
  await until(
    "nothing waits",
    async () => (await json("status")).pending_results === 0 || undefined,
  );
  const before = (await runs()).length;
  await end(server);
  await writeFile(at("target", "page"), "damaged\n");
  await until("it is mended offline", async () => (await page()) === "two web-1\n" || undefined);
  await until(
    "the report waits",
    async () => (await json("status")).pending_results > 0 || undefined,
  );
  daemon?.kill("SIGKILL");
  await daemon?.exited;
  expect((await json("status")).pending_results).toBeGreaterThan(0);
  await startServer();
  expect((await agent("run")).code).toBe(0);
  expect((await json("status")).pending_results).toBe(0);
  const all = await runs();
  expect(all.length).toBe(before + 1);
  expect(new Set(all.map(({ number }) => number)).size).toBe(all.length);
}, 60_000);

test("a daemon ends at once when it is told to, and leaves no lock", async () => {
  const child = start("agent", "daemon", "--home", at("agent"));
  void new Response(child.stderr).text();
  await until(
    "the socket",
    async () => (await json("status")).running_pid === child.pid || undefined,
  );
  const started = Date.now();
  await end(child);
  expect([child.exitCode, Date.now() - started < 8_000]).toEqual([0, true]);
  await expect(stat(at("agent", "run.lock"))).rejects.toThrow("ENOENT");
  await expect(stat(at("agent", "control.sock"))).rejects.toThrow("ENOENT");
}, 30_000);

test("revoked, it says so and keeps what it has", async () => {
  const { envoy_id: id } = await json("status");
  await cli("envoys", "revoke", id);
  await writeFile(at("target", "page"), "damaged\n");
  const ran = await agent("run");
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining("revoked")]);
  expect(await page()).toBe("two web-1\n");
  expect((await json("status")).pending_results).toBeGreaterThan(0);
}, 30_000);

test("so it does where the run is the daemon's, to whoever asked for the run", async () => {
  const child = start("agent", "daemon", "--home", at("agent"));
  void new Response(child.stderr).text();
  await until(
    "the socket",
    async () => (await json("status")).running_pid === child.pid || undefined,
  );
  const ran = await agent("run");
  await end(child);
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining("envoy is revoked")]);
  expect(ran.err).toContain("vigo agent bootstrap --force");
}, 30_000);
