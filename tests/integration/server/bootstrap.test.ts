import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "../../../src/core/version.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let room: string;
const curl = Bun.which("curl");

beforeAll(async () => {
  w = await makeWorld();
  room = await mkdtemp(join(tmpdir(), "vigo-bootstrap-"));
});
afterAll(async () => {
  await w.stop();
  await rm(room, { recursive: true });
});

/** Stands for the agent: writes down how it was called. */
const program = (word: string) => `#!/bin/sh\necho ${word} "$@" > "$0.called"\n`;

async function bootstrap(
  env: Readonly<Record<string, string>>,
  tamper = (script: string) => script,
) {
  const script = tamper(await (await w.fetch("/bootstrap")).text());
  const child = Bun.spawn(["sh", "-s", "--", "--no-service"], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdin: new Blob([script]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const err = await new Response(child.stderr).text();
  return { code: await child.exited, err };
}

test("says so when there is no program for the machine", async () => {
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: join(room, "vigo") });
  expect([code, err]).toEqual([1, expect.stringContaining(`no program for ${version.target}`)]);
  expect((await w.fetch("/download/linux-x64")).status).toBe(404);
  expect((await w.fetch("/download/..%2ftls%2fca_key.pem")).status).toBe(404);
});

test.skipIf(curl === null)("installs the program for the machine and lets it enrol", async () => {
  const file = join(w.home.downloads, `vigo-${version.target}`);
  await writeFile(file, program("first"));
  const bin = join(room, "vigo");
  const { code, err } = await bootstrap({ VIGO_TOKEN: "vgt_x", VIGO_BIN: bin });
  expect([code, err]).toEqual([0, ""]);
  expect((await stat(bin)).mode & 0o777).toBe(0o755);
  const called = `agent bootstrap --server localhost:${w.running().ports.api} --token vgt_x --no-service\n`;
  expect(await readFile(`${bin}.called`, "utf8")).toBe(`first ${called}`);

  await writeFile(file, program("second"));
  expect((await bootstrap({ VIGO_TOKEN: "vgt_x", VIGO_BIN: bin })).code).toBe(0);
  expect(await readFile(`${bin}.called`, "utf8")).toBe(`second ${called}`);
});

test.skipIf(curl === null)("installs nothing that is not what the script promised", async () => {
  const bin = join(room, "other");
  const wrong = (script: string) => script.replace(/sum=[0-9a-f]{64}/, `sum=${"0".repeat(64)}`);
  const { code, err } = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin }, wrong);
  expect([code, err]).toEqual([1, "vigo: what came is not the program that this server offers\n"]);
  await expect(stat(bin)).rejects.toThrow("ENOENT");
});

test("does nothing without a token, nor when only half of it came", async () => {
  const bin = join(room, "none");
  expect((await bootstrap({ VIGO_BIN: bin })).err).toContain("set VIGO_TOKEN");
  const half = await bootstrap({ VIGO_TOKEN: "t", VIGO_BIN: bin }, (script) =>
    script.slice(0, script.lastIndexOf("main")),
  );
  expect(half).toEqual({ code: 0, err: "" });
  await expect(stat(bin)).rejects.toThrow("ENOENT");
});

test.each(["a$(id)", "a;id", "'a'", "a:b:c"])(
  "takes no command from a Host header: %s",
  async (host) => {
    const answer = await w.fetch("/bootstrap", { headers: { host } });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get("content-type")).not.toContain("shellscript");
  },
);
