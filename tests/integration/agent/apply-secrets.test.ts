/** `vigo agent apply --secrets DIR` as a process: values come from files, and stay out of everything else. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Program, run } from "../../support/program.ts";

const main = resolve(import.meta.dir, "../../../src/main.ts");
const value = "tr0ub4dor & 3 'quoted'";
let room: string;
let vigo: Program;
const at = (...parts: readonly string[]) => join(room, ...parts);

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-apply-secrets-"));
  vigo = { argv: [process.execPath, main], cwd: room };
  await mkdir(at("stacks", "configcrates"), { recursive: true });
  await mkdir(at("secrets", "web"), { recursive: true });
  await writeFile(at("outside"), "never read\n");
  await writeFile(at("stacks", "envoys.vgo"), 'envoys: [{match: "*", configcrates: [site]}]\n');
  await writeFile(
    at("stacks", "configcrates", "site.vgo"),
    `configcrate: site
vars: { password: secret:web/db }
resources:
  - { name: env, type: file, target_path: ${at("env")}, content: "PASSWORD={{ vars.password | shell_quote }}\\n" }
  - { name: out, type: file, target_path: ${at("out")}, content: secret:web/../../outside }
`,
  );
});
afterAll(() => rm(room, { recursive: true, force: true }));

const apply = (...words: readonly string[]) =>
  run(vigo, ["agent", "apply", at("stacks"), ...words, "--home", at("home"), "--json"]);
const reasons = (out: string) =>
  (JSON.parse(out) as { resources: { outcome: string; reason?: string }[] }).resources.map(
    ({ outcome, reason }) => (reason === undefined ? outcome : `${outcome}: ${reason}`),
  );

test("without a folder what needs one is blocked", async () => {
  const done = await apply();
  expect(done.code).toBe(1);
  expect(reasons(done.out)[0]).toBe(
    "blocked: needs secret web/db, and there is no server here: give a folder with --secrets",
  );
});

test("with it values arrive, and only from inside the folder", async () => {
  await writeFile(at("secrets", "web", "db"), `${value}\n`);
  const done = await apply("--secrets", at("secrets"));
  expect(reasons(done.out)).toEqual([
    "changed",
    `blocked: needs secret web/../../outside, which is not in ${at("secrets")}`,
  ]);
  expect(await readFile(at("env"), "utf8")).toBe(`PASSWORD='${value.replaceAll("'", `'\\''`)}'\n`);
  expect((await stat(at("env"))).mode & 0o777).toBe(0o600);
  expect(`${done.out}${done.err}`).not.toContain("tr0ub4dor");
  for (const name of await readdir(at("home"), { recursive: true, withFileTypes: true }))
    if (name.isFile())
      expect(await readFile(join(name.parentPath, name.name), "latin1")).not.toContain("tr0ub4dor");
});

test("another value is intent, a dry run shows none, and a folder that is not there is said", async () => {
  await writeFile(at("secrets", "web", "db"), "an entirely new one");
  const dry = await apply("--secrets", at("secrets"), "--dry-run");
  expect(dry.out).toContain("pending");
  expect(dry.out).not.toMatch(/tr0ub4dor|entirely/);
  const done = JSON.parse((await apply("--secrets", at("secrets"))).out);
  expect(done.resources[0].changes[0]).toMatchObject({ field: "content", cause: "intent" });
  expect((await apply("--secrets", at("nowhere"))).code).toBe(4);
});
