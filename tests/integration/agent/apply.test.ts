/** `vigo agent apply` as a process, on files below a temporary folder; and killed in the middle. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Program, run } from "../../support/program.ts";

const main = resolve(import.meta.dir, "../../../src/main.ts");
let room: string;
let vigo: Program;
const at = (...parts: readonly string[]) => join(room, ...parts);

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-apply-"));
  vigo = { argv: [process.execPath, main], cwd: room };
});
afterAll(() => rm(room, { recursive: true, force: true }));

async function stacks(name: string, crate: string): Promise<string> {
  const root = at(name);
  await mkdir(join(root, "configcrates"), { recursive: true });
  await mkdir(join(root, "templates"), { recursive: true });
  await writeFile(join(root, "configcrates", "site.vgo"), crate);
  await writeFile(join(root, "templates", "page.liquid"), "{{ envoy.hostname }}\n");
  await writeFile(join(root, "envoys.vgo"), 'envoys: [{match: "web-*", configcrates: [site]}]\n');
  return root;
}

const crate = (target: string) => `configcrate: site
resources:
  - {name: folder, type: directory, target_path: ${target}}
  - {name: page, type: file, target_path: ${target}/page, source: templates/page.liquid}
  - {name: never, type: file, target_path: ${target}/never, content: x, when: file_exists('/nowhere')}
`;

const apply = (home: string, ...words: readonly string[]) =>
  run(vigo, ["agent", "apply", ...words, "--home", at(home)]);
const json = async (...given: Parameters<typeof apply>) =>
  JSON.parse((await apply(...given, "--json")).out);

test("says what would change, does it, leaves it, and mends what somebody broke", async () => {
  const root = await stacks("first", crate(at("first-target")));
  const words = [root, "--hostname", "web-1"] as const;

  const dry = await apply("first-home", ...words, "--dry-run", "--detailed-exitcode");
  expect([dry.code, dry.err]).toEqual([10, ""]);
  expect(dry.out).toContain("pending  site/folder");
  expect(await readdir(room)).not.toContain("first-home");

  const first = await json("first-home", ...words);
  expect(first).toMatchObject({ outcome: "changed", counts: { changed: 2, skipped: 1 } });
  expect(first.resources.map((one: { key: string }) => one.key)).toEqual([
    "site/folder",
    "site/page",
    "site/never",
  ]);
  expect(first.resources[1]).toMatchObject({
    key: "site/page",
    type: "file",
    outcome: "changed",
    changes: [{ field: "content", cause: "intent" }, { field: "mode" }],
  });
  expect(await readFile(at("first-target", "page"), "utf8")).toBe("web-1\n");

  const second = await apply("first-home", ...words, "--detailed-exitcode");
  expect([second.code, second.out]).toEqual([0, expect.stringContaining("ok: 2 ok, 1 skipped")]);

  await writeFile(at("first-target", "page"), "damaged\n");
  const third = await json("first-home", ...words);
  expect(third.resources[1].changes).toMatchObject([{ field: "content", cause: "drift" }]);
});

test("a file with one configcrate is enough, with the templates of its tree", async () => {
  const root = await stacks("second", crate(at("second-target")));
  const file = join(root, "configcrates", "site.vgo");
  const report = await json("second-home", file, "--hostname", "other", "--skip", "site/never");
  expect(report).toMatchObject({ outcome: "changed" });
  expect(report.resources[2].reason).toBe("left out by --skip");
  expect(await readFile(at("second-target", "page"), "utf8")).toBe("other\n");
});

test("problems of the policy are said with their places, and nothing is done", async () => {
  const target = at("third-target");
  const root = await stacks("third", crate(target).replace("source:", "souce:"));
  const { code, err } = await apply("third-home", root);
  expect(code).toBe(1);
  expect(err).toContain("configcrates/site.vgo:4:");
  expect(err).toContain('did you mean "source"');
  await expect(stat(target)).rejects.toThrow("ENOENT");
});

test.each<[string, readonly string[], number, string]>([
  ["a tree that is not there", ["nowhere"], 4, "is not there"],
  ["nothing named", [], 2, "STACKS is missing"],
  ["an unknown flag", ["x", "--dry-runn"], 2, 'did you mean "--dry-run"'],
  [
    "a filter that means nothing",
    ["first", "--hostname", "web-1", "--only", "siet"],
    2,
    "did you mean site",
  ],
])("%s is refused", async (_, words, code, said) => {
  const ran = await apply("fourth-home", ...words);
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(said)]);
});

const kills = process.env["VIGO_TEST_ALL"] === "1" ? 300 : 12;
const files = 12;

/** Files of a size that takes more than one write, and a listener that keeps what they were when it ran. */
const killed = (target: string, round: number) => `configcrate: site
resources:
${Array.from({ length: files }, (_, index) => `  - {name: f${index}, type: file, target_path: ${target}/f${index}, content: "${`${round} `.repeat(20_000)}", notify: load}\n`).join("")}  - {name: load, type: exec, command: [sh, -c, "cat ${target}/f* > ${target}/loaded"], refresh_only: true}
`;

test(
  `killed ${kills} times in the middle: no file is half, and no notification is lost`,
  async () => {
    const target = at("kill-target");
    await mkdir(target);
    const words = (root: string) => [
      "agent",
      "apply",
      root,
      "--home",
      at("kill-home"),
      "--hostname",
      "web-1",
    ];
    let deaths = 0;
    for (let round = 0; round < kills; round++) {
      const root = await stacks("killed", killed(target, round));
      const child = Bun.spawn([...vigo.argv, ...words(root)], {
        stdout: "ignore",
        stderr: "ignore",
      });
      // From the first changed file on, at another moment each time.
      await changed(join(target, "f0"), round, child);
      await Bun.sleep(round % 8);
      child.kill("SIGKILL");
      await child.exited;
      if (child.signalCode === "SIGKILL") deaths++;
      for (const name of await readdir(target))
        if (/^f\d+$/.test(name)) await isWhole(join(target, name));

      const { code, err } = await run(vigo, words(root));
      expect([round, code, err]).toEqual([round, 0, ""]);
      const names = Array.from({ length: files }, (_, index) => `f${index}`).sort();
      const all = await Promise.all(names.map((name) => readFile(join(target, name), "utf8")));
      expect(await readFile(join(target, "loaded"), "utf8")).toBe(all.join(""));
      expect(new Set(all)).toEqual(new Set([`${round} `.repeat(20_000)]));
      expect((await readdir(target)).filter((name) => !/^(?:f\d+|loaded)$/.test(name))).toEqual([]);
    }
    expect(deaths).toBeGreaterThan(kills / 2);
  },
  kills * 10_000,
);

async function changed(path: string, round: number, child: Bun.Subprocess): Promise<void> {
  while (child.exitCode === null) {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    if (text.startsWith(`${round} `)) return;
    await Bun.sleep(0);
  }
}

async function isWhole(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  const [first = ""] = text.split(" ");
  expect(text).toBe(`${first} `.repeat(20_000));
}
