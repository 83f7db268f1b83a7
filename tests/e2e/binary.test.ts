import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { version as released } from "../../package.json" with { type: "json" };
import { hostTarget } from "../../scripts/targets.ts";
import { knowledgeOf, knowledgeText } from "../../src/core/bundle/knowledge.ts";
import { sha256 } from "../../src/core/pki/keys.ts";
import { resources } from "../../src/core/resources/index.ts";
import { traits } from "../../src/core/traits/index.ts";
import { join as joinWorld } from "../integration/server/join.ts";
import { makeWorld } from "../integration/server/world.ts";
import { must, type Program, run } from "../support/program.ts";
import { removeRoom } from "../support/remove-room.ts";

const root = resolve(import.meta.dir, "../..");
/** With nothing of the project in reach. */
let room: string;
let vigo: Program;

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), "vigo-binary-"));
  await mkdir(join(room, "elsewhere"));
  await copyFile(join(root, "dist/vigo"), join(room, "vigo"));
  vigo = { argv: [join(room, "vigo")], cwd: join(room, "elsewhere") };
}, 60_000);

afterAll(() => removeRoom(room));

const levels = [
  "--help",
  "server --help",
  "agent --help",
  "cli --help",
  "cli envoys --help",
  "cli envoys list --help",
];

test("says what it is", async () => {
  const said = JSON.parse(await must(vigo, ["version", "--json"]));
  const commit = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { cwd: root });
  expect(said).toEqual({
    version: released,
    commit: expect.stringMatching(/^(?:unknown|[0-9a-f]{12}\+?)$/),
    bun: Bun.version,
    target: hostTarget().name,
  });
  if (commit.success) expect(said.commit).toStartWith(commit.stdout.toString().trim());
  expect(await must(vigo, ["version"])).toContain(`vigo ${released} (`);
});

describe("help", () => {
  test.each(levels)("vigo %s is there at once", async (line) => {
    const { code, out, err } = await run(vigo, line.split(" "));
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("USAGE vigo");
    const [help, nothing] = [await fastest(line), await fastest("version")];
    expect(help).toBeLessThan(nothing * 3);
  });

  const fastest = async (line: string): Promise<number> => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 7; i++) {
      const started = performance.now();
      await run(vigo, line.split(" "));
      best = Math.min(best, performance.now() - started);
    }
    return best;
  };

  test.each(["server", "agent", "cli"])("vigo %s --help loads nothing heavy", async (mode) => {
    const script = `
      const { ${mode} } = await import("./src/modes/${mode}/index.ts");
      await ${mode}(["--help"], { out() {}, err() {}, colour: false, watched: false });
      console.log(JSON.stringify(Object.keys(require.cache)));`;
    const { stdout } = Bun.spawnSync(["bun", "-e", script], { cwd: root });
    const loaded: readonly string[] = JSON.parse(stdout.toString());
    expect(loaded).toContain(join(root, `src/modes/${mode}/index.ts`));
    const packages = loaded.flatMap(
      (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );
    expect([...new Set(packages)]).toEqual(["citty"]);
  });
});

test("a reader that has seen enough is no failure", async () => {
  const script = `"${vigo.argv[0]}" cli config schema | (exec 0<&-; sleep 0.2); echo "\${PIPESTATUS[0]}"`;
  const { out, err } = await run({ ...vigo, argv: ["bash", "-c", script] }, []);
  expect([out, err]).toEqual(["0\n", ""]);
});

describe("names", () => {
  test.each([
    ["vigosrv", "vigo server run"],
    ["vigo-agent", "vigo agent run"],
    ["vigocli", "vigo cli envoys show"],
  ])("called %s it is that mode", async (name, expected) => {
    await symlink(join(room, "vigo"), join(room, name));
    const called = { ...vigo, argv: [join(room, name)] };
    const words = expected.split(" ").slice(2);
    expect(await must(called, [...words, "--help"])).toContain(`USAGE ${expected}`);
  });

  test.each(["status", "run", "traits"])("vigo %s is the agent's", async (word) => {
    expect(await must(vigo, [word, "--help"])).toContain(`USAGE vigo agent ${word}`);
  });

  test("a word that is no mode is guessed at", async () => {
    const { code, err } = await run(vigo, ["severe"]);
    expect([code, err]).toEqual([2, expect.stringContaining('unknown command "severe"')]);
    const { err: guess } = await run(vigo, ["sever"]);
    expect(guess).toContain('did you mean "server"?');
  });
});

describe("the folder it is started in", () => {
  test("is not obeyed", async () => {
    const trap = join(room, "trap");
    await mkdir(trap);
    await writeFile(join(trap, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
    await writeFile(join(trap, "preload.ts"), 'console.log("preloaded"); process.exit(9);\n');
    await writeFile(join(trap, ".env"), "BUN_OPTIONS=--smol\nVIGO_SERVER=https://evil.example\n");
    await writeFile(join(trap, "tsconfig.json"), "{ nonsense");
    await writeFile(join(trap, "package.json"), "{ nonsense");
    const trapped = { ...vigo, cwd: trap, env: { HOME: trap } };
    expect(await must(trapped, ["version"])).toContain(`vigo ${released}`);
    const { err } = await run(trapped, ["cli", "envoys", "list"]);
    expect(err).toContain("no server is known");
  });

  test.each(["BUN_OPTIONS", "BUN_BE_BUN"])("nor may %s steer it", async (name) => {
    const env = { [name]: name === "BUN_OPTIONS" ? "--smol" : "0" };
    const { code, out, err } = await run({ ...vigo, env }, ["version"]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(`does not run with ${name} set`);
  });
});

describe("without node_modules", () => {
  test("applies a policy, with LMDB from its own folder and nothing left in /tmp", async () => {
    const temp = join(room, "temp");
    const home = join(room, "agent");
    const target = join(room, "target");
    await mkdir(temp);
    const crate = join(room, "hello.vgo");
    await writeFile(
      crate,
      `configcrate: hello\nresources:\n  - { name: page, type: file, target_path: ${target}, content: "hello\\n" }\n`,
    );
    const agent = { ...vigo, env: { TMPDIR: temp } };
    const apply = ["agent", "apply", crate, "--home", home, "--json"];
    const first = JSON.parse(await must(agent, apply));
    expect(first).toMatchObject({ outcome: "changed", resources: [{ key: "hello/page" }] });
    expect(await readFile(target, "utf8")).toBe("hello\n");
    expect(JSON.parse(await must(agent, apply))).toMatchObject({ outcome: "ok" });
    expect(await readdir(temp)).toEqual([]);

    const files = (await readdir(home, { recursive: true })).sort();
    const [addon] = files.filter((file) => file.endsWith("lmdb.node"));
    const bytes = await readFile(join(home, addon ?? "no addon"));
    const digest = createHash("sha256").update(bytes).digest("hex");
    expect(addon).toContain(`lib/${digest}/`);
    const original = await readFile(join(root, "node_modules", hostTarget().addon));
    expect(bytes.equals(original)).toBe(true);
    for (const file of files) {
      const { mode } = await stat(join(home, file));
      expect([file, mode & 0o077]).toEqual([file, 0]);
    }
    expect(files.some((file) => file.endsWith("state/data.mdb"))).toBe(true);
  });

  test("a damaged copy of the addon is replaced", async () => {
    const home = join(room, "agent");
    const files = await readdir(home, { recursive: true });
    const addon = join(home, files.find((file) => file.endsWith("lmdb.node")) ?? "no addon");
    await rm(addon);
    await writeFile(addon, "cut short");
    await must(vigo, ["agent", "apply", join(room, "hello.vgo"), "--home", home]);
    expect((await stat(addon)).size).toBeGreaterThan(100_000);
  });

  test("makes a server's home, and checks what it serves", async () => {
    const home = join(room, "server");
    await must(vigo, ["server", "init", "--home", home]);
    expect(await readFile(join(home, "tls", "ca.pem"), "utf8")).toContain("BEGIN CERTIFICATE");
    expect(await must(vigo, ["cli", "config", "validate", "--home", home])).toContain("good");
    expect(await must(vigo, ["cli", "publish", "--home", home])).toContain("Published");
  });
});

test("an agent tells a server of another build what it knows, by itself", async () => {
  const w = await makeWorld();
  const home = join(room, "member");
  try {
    const server = `localhost:${w.running().ports.api}`;
    const place = ["--home", home];
    await must(vigo, [
      "agent",
      "register",
      ...place,
      "--server",
      server,
      "--token",
      await w.token(),
    ]);
    expect((await run(vigo, ["agent", "run", ...place])).err).toContain("no bundle to enforce yet");
    const { link } = await joinWorld(w, "another");
    const told = knowledgeText(knowledgeOf({ resources, traits }));
    const registryDigest = sha256(new TextEncoder().encode(told));
    const said = {
      hostname: "another",
      bootId: "b",
      machineId: "machine-another",
      agentVersion: "1",
    };
    const answer = await link.checkIn({ ...said, registryDigest });
    link.close();
    expect(answer.registryWanted).toBe(false);
  } finally {
    await w.stop();
  }
}, 30_000);
