/** Addresses that do not answer keep stacks from being published: from the server's host and from elsewhere, and with a flag not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let room = "";
const asked: string[] = [];
/** `/slow` answers when somebody lets it. */
const held = Promise.withResolvers<void>();
const files = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async ({ method, url }) => {
    const { pathname } = new URL(url);
    asked.push(`${method} ${pathname}`);
    if (pathname === "/slow") await held.promise;
    return new Response("", { status: pathname === "/tool" ? 200 : 404 });
  },
});

beforeAll(async () => {
  w = await makeWorld("publish: {url_allow: [loopback]}\n");
  room = await mkdtemp(join(tmpdir(), "vigo-urls-"));
});
afterAll(async () => {
  await files.stop(true);
  await w.stop();
  await rm(room, { recursive: true });
});

async function put(folder: string, path: string): Promise<void> {
  await mkdir(join(folder, "configcrates"), { recursive: true });
  await writeFile(join(folder, "envoys.vgo"), 'envoys: [{ match: "*", configcrates: [a] }]\n');
  const url = `http://127.0.0.1:${files.port}${path}`;
  await writeFile(
    join(folder, "configcrates/a.vgo"),
    `configcrate: a\nresources:\n  - { name: tool, type: download, url: "${url}", target_path: /tool, sha256: "${"0".repeat(64)}" }\n`,
  );
}

async function run(words: readonly string[]) {
  asked.length = 0;
  const screen = recordingScreen();
  const code = await cli(words, screen);
  return { code, ...screen.printed() };
}

const here = (...words: readonly string[]) =>
  run(["config", "publish", "--home", w.home.folder, ...words]);
const there = async (...words: readonly string[]) => {
  const token = (await readFile(w.home.localToken, "utf8")).trim();
  const server = ["--server", `https://localhost:${w.running().ports.api}`, "--token", token];
  const trust = ["--ca-file", join(w.home.tls, "ca.pem"), "--stacks", room];
  return run(["config", "publish", ...server, ...trust, ...words]);
};

test("from the server's host: dead it is refused, with the flag or alive it is not", async () => {
  const stacks = join(w.home.folder, "stacks");
  await rm(stacks, { recursive: true, force: true });
  await put(stacks, "/gone");
  const refused = await here();
  expect([refused.code, asked]).toEqual([1, ["HEAD /gone", "GET /gone"]]);
  expect(refused.out).toContain("VG805");
  expect(refused.out).toContain("/gone answers 404");
  expect((await here("--dry-run")).out).toContain("VG805");
  const skipped = await here("--skip-url-checks");
  expect([skipped.code, asked]).toEqual([0, []]);
  await put(stacks, "/tool");
  expect([(await here()).code, asked]).toEqual([0, ["HEAD /tool"]]);
  expect([(await here()).code, asked]).toEqual([0, []]);
});

test("from elsewhere it is the server that asks", async () => {
  await put(room, "/gone");
  const refused = await there("--replace");
  expect([refused.code, asked]).toEqual([1, ["HEAD /gone", "GET /gone"]]);
  expect(refused.out).toContain("/gone answers 404");
  const skipped = await there("--replace", "--skip-url-checks");
  expect([skipped.code, asked]).toEqual([0, []]);
});

test("while it takes long, who waits is told what the server does", async () => {
  await put(join(w.home.folder, "stacks"), "/slow");
  const screen = { ...recordingScreen(), watched: true };
  const words = ["config", "publish", "--home", w.home.folder, "--message", "slowly"];
  const published = cli(words, screen);
  const work = async () => (await w.call("GET", "/server/work")).body["work"];
  const deadline = Date.now() + 4_500;
  while (!screen.printed().err.includes("asking addresses") && Date.now() < deadline)
    await Bun.sleep(20);
  expect(await work()).toEqual([
    { what: "plan", part: "asking addresses", done: 0, all: 1, started_at: expect.any(String) },
  ]);
  held.resolve();
  await published;
  expect(screen.printed().err).toMatch(/planning \[\.+\] 0 % · asking addresses · \d+ s/);
  expect(await work()).toEqual([]);
}, 30_000);

test("what differs by envoy is asked for each that there is, by the server from here and from elsewhere", async () => {
  const token = await w.token({ uses: 2 });
  for (const hostname of ["tool", "lost"])
    expect((await w.enrol(token, hostname)).status).toBe(200);
  const byName = "/{{ envoy.hostname }}";
  await put(join(w.home.folder, "stacks"), byName);
  const refused = await here();
  expect([refused.code, [...asked].sort()]).toEqual([1, ["GET /lost", "HEAD /lost", "HEAD /tool"]]);
  expect(refused.out).toContain("/lost, as lost has it, answers 404");
  await put(room, byName);
  expect((await there("--replace")).out).toContain("/lost, as lost has it, answers 404");
  expect((await there("--dry-run")).out).toContain("/lost, as lost has it, answers 404");
  await w.running().close();
  const alone = await here("--yes", "--replace");
  expect([alone.code, asked]).toEqual([0, []]);
  expect(alone.out).toContain("publish while it runs to have them asked");
});
