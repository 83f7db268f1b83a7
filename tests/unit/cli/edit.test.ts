/** `config edit` and `config promote`: what they write into stacks, and what they refuse to. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cli } from "../../../src/modes/cli/index.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

const room = await mkdtemp(join(tmpdir(), "vigo-edit-test-"));
const before = { ...process.env };
let home = "";

const good: Readonly<Record<string, string>> = {
  "envoys.vgo":
    "envoys:\n  - { match: 'web-*', environment: staging, roles: [page] }\n  - { match: 'www', environment: production, roles: [page] }\n",
  "roles.vgo": "roles:\n  - { role: page, configcrates: [hello] }\n",
  "usercrates/dana.vgo":
    "usercrate: dana\nresources:\n  - { type: file, target_path: /tmp/d, content: d }\n",
  "configcrates/hello.vgo":
    "configcrate: hello\nvars: { who: world }\nenvironment_overrides:\n  staging: { vars: { who: moon } }\nresources:\n  - { name: page, type: file, target_path: /tmp/x, content: '{{ vars.who }}' }\n",
};

beforeEach(async () => {
  home = await mkdtemp(join(room, "home-"));
  for (const [name, text] of Object.entries(good)) {
    await mkdir(dirname(join(home, "stacks", name)), { recursive: true });
    await writeFile(join(home, "stacks", name), text);
  }
  process.env["TMPDIR"] = await mkdtemp(join(room, "drafts-"));
});
afterEach(async () => {
  expect(await readdir(process.env["TMPDIR"] ?? "")).toEqual([]);
  for (const name of ["EDITOR", "VISUAL", "TMPDIR"])
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
});
afterAll(() => removeRoom(room));

async function vigo(...words: readonly string[]) {
  const screen = recordingScreen();
  const code = await cli(["config", ...words, "--home", home], screen);
  return { code, ...screen.printed() };
}
const text = (name: string) => readFile(join(home, "stacks", name), "utf8");
/** An editor that replaces a text in each line; blanks would end a word of its command. */
const replacing = (from: string, to: string) => {
  delete process.env["VISUAL"];
  process.env["EDITOR"] = `sed -i s/${from}/${to.replaceAll(" ", "\\x20")}/`;
};

describe("config edit", () => {
  const found: readonly (readonly [string, string])[] = [
    ["hello", "configcrates/hello.vgo"],
    ["page", "roles.vgo"],
    ["dana", "usercrates/dana.vgo"],
    ["roles.vgo", "roles.vgo"],
  ];
  test.each(found)("%s is in %s", async (name, file) => {
    replacing("$", " #");
    const { code, out } = await vigo("edit", name, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ file, changed: true });
    expect(await text(file)).toBe((good[file] ?? "").replaceAll("\n", " #\n"));
  });

  test("keeps the mode, shows the difference, and writes nothing when nothing differs", async () => {
    const path = join(home, "stacks", "configcrates/hello.vgo");
    await chmod(path, 0o640);
    replacing("moon", "mars");
    expect((await vigo("edit", "hello")).out).toContain("+  staging: { vars: { who: mars } }");
    const { mode, ino } = await stat(path);
    expect(mode & 0o777).toBe(0o640);
    const again = await vigo("edit", "hello");
    expect([again.code, again.out]).toEqual([0, "configcrates/hello.vgo is as it was."]);
    expect((await stat(path)).ino).toBe(ino);
  });

  test("what breaks the stacks is not written", async () => {
    replacing("target_path", "taget_path");
    const { code, err } = await vigo("edit", "hello");
    expect(code).toBe(1);
    expect(err).toContain('did you mean "target_path"?');
    expect(err).toContain("dropped");
    expect(await text("configcrates/hello.vgo")).toBe(good["configcrates/hello.vgo"] ?? "");
  });

  test("what was broken before may be mended in part, by the name of the file", async () => {
    const broken = "configcrate: bad\nresources:\n  - { type: flie }\n  - { type: dirctory }\n";
    await writeFile(join(home, "stacks/configcrates/bad.vgo"), broken);
    replacing("dirctory", "directory, target_path: \\/tmp\\/y");
    expect((await vigo("edit", "bad")).code).toBe(0);
    expect(await text("configcrates/bad.vgo")).toContain("target_path: /tmp/y");
    await writeFile(join(home, "stacks/configcrates/bad.vgo"), "configcrate: [\n");
    replacing("\\[", "bad\\nresources: []");
    expect((await vigo("edit", "bad")).code).toBe(0);
  });

  test("somebody else's change meanwhile is not overwritten", async () => {
    const other = join(home, "stacks", "configcrates/hello.vgo");
    const script = join(room, "meanwhile");
    await writeFile(script, `#!/bin/sh\necho '# mine' >> "$1"\necho '# theirs' >> ${other}\n`);
    await chmod(script, 0o755);
    process.env["VISUAL"] = script;
    const { code, err } = await vigo("edit", "hello");
    expect([code, err]).toEqual([1, expect.stringContaining("somebody else")]);
    expect(await text("configcrates/hello.vgo")).toBe(
      `${good["configcrates/hello.vgo"]}# theirs\n`,
    );
  });

  test("an editor that fails changes nothing; a name that nothing bears is told", async () => {
    process.env["VISUAL"] = "false";
    expect((await vigo("edit", "hello")).err).toContain("false ended with 1");
    process.env["VISUAL"] = "no-such-editor";
    expect((await vigo("edit", "hello")).err).toContain("there is no editor no-such-editor");
    const unknown = await vigo("edit", "helo");
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining('"hello"?')]);
  });
});

describe("config promote", () => {
  test("a dry run shows it, then it is written, then there is nothing left", async () => {
    const dry = await vigo("promote", "hello", "staging", "production", "--dry-run");
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining("+  production: { vars")]);
    expect(await text("configcrates/hello.vgo")).toBe(good["configcrates/hello.vgo"] ?? "");
    const done = await vigo("promote", "hello", "staging", "production");
    expect(done.out.split("\n\n")[0]).toBe(dry.out.split("\n\n")[0] ?? "");
    expect(await text("configcrates/hello.vgo")).toContain(
      "  production: { vars: { who: moon } }\n",
    );
    expect((await vigo("promote", "hello", "staging", "production")).out).toContain("already");
  });

  test("refuses unknown names, and one environment for two", async () => {
    expect((await vigo("promote", "hello", "staging", "staging")).code).toBe(2);
    expect((await vigo("promote", "hello", "staging", "prodution")).err).toContain('"production"?');
    expect((await vigo("promote", "hallo", "staging", "production")).code).toBe(4);
  });

  test("what would break the policy is not written", async () => {
    await writeFile(
      join(home, "stacks/environments.vgo"),
      "env:\n  staging: { configcrates: [twice] }\n  production: {}\n",
    );
    await writeFile(
      join(home, "stacks/configcrates/twice.vgo"),
      "configcrate: twice\nresources:\n  - { type: file, target_path: /tmp/t, content: 1 }\n",
    );
    await mkdir(join(home, "stacks/tests"));
    await writeFile(
      join(home, "stacks/tests/www.vgo"),
      "test: www\ngiven: { hostname: www }\nexpect: [{ absent: twice/file:/tmp/t }]\n",
    );
    const refused = await vigo("promote", "twice", "staging", "production");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("tests/www.vgo:3:")]);
    expect(await text("environments.vgo")).toContain("production: {}");
  });
});
