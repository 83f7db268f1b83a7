import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { VigoError } from "../../../src/core/errors.ts";
import { resources } from "../../../src/core/resources/index.ts";
import type { Call } from "../../../src/modes/cli/client.ts";
import { thisProcess } from "../../../src/modes/cli/holder.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { vgoSchema } from "../../../src/modes/cli/schema/vgo.ts";
import { removeRoom } from "../../support/remove-room.ts";
import { recordingScreen } from "../../support/screen.ts";

const room = await mkdtemp(join(tmpdir(), "vigo-config-"));
let home: string;

const good: Readonly<Record<string, string>> = {
  "envoys.vgo": "envoys:\n  - { match: 'web-*', configcrates: [hello], vars: { who: world } }\n",
  "configcrates/hello.vgo":
    "configcrate: hello\nresources:\n  - { name: page, type: file, target_path: /tmp/x, content: '{{ vars.who }}' }\n",
};

beforeEach(async () => {
  home = await mkdtemp(join(room, "home-"));
  await stacks(good);
});
afterAll(() => removeRoom(room));

async function stacks(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, "stacks", name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** The server is away. */
const away: Call = () => Promise.reject(new VigoError("unavailable", "nobody listens there"));

async function vigo(line: string, call: Call = away) {
  const screen = recordingScreen();
  const code = await cli([...line.split(" "), "--home", home], screen, call);
  return { code, ...screen.printed() };
}

const published = async () => JSON.parse((await vigo("config history --json")).out).versions;

describe("vigo cli config", () => {
  test("what is good is said to be good", async () => {
    expect(await vigo("config validate")).toEqual({
      code: 0,
      out: "good: 2 files, 0 warnings",
      err: "",
    });
  });

  test("all problems at once, and nothing is published", async () => {
    await stacks({
      "configcrates/bad.vgo":
        "configcrate: bad\nresources:\n  - { name: a, type: flie, target_path: /a }\n  - { name: b, type: file, taget_path: /b }\n",
    });
    for (const line of ["config validate", "publish"]) {
      const { code, out } = await vigo(line);
      expect(code).toBe(1);
      expect(out).toContain("configcrates/bad.vgo:3:");
      expect(out).toContain('did you mean "file"?');
      expect(out).toContain("configcrates/bad.vgo:4:");
    }
    expect(await published()).toEqual([]);
    expect((await vigo("config validate --format github")).out).toStartWith("::");
    expect(JSON.parse((await vigo("publish --json")).out)).toMatchObject({ outcome: "refused" });
  });

  test("publishes with the server down, once", async () => {
    const first = await vigo("publish --message hello");
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining("takes it when it starts"),
    ]);
    expect((await vigo("publish")).out).toContain("live already");
    const [only, ...others] = await published();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ message: "hello", live: true, actor: expect.any(String) });
    const live = await readlink(join(home, ".live"));
    expect(await readFile(join(home, live, "envoys.vgo"), "utf8")).toBe(good["envoys.vgo"] ?? "");
  });

  test("waits until the server has it", async () => {
    const versions = [0, 0, Number.MAX_SAFE_INTEGER];
    const call = (async () => ({
      ...{ problems: [], warnings: [], over: [] },
      policy_version: versions.shift(),
    })) as unknown as Call;
    expect((await vigo("config publish", call)).out).toContain("The server has it");
    expect(versions).toEqual([]);
  });

  test("runs the policy tests, and publishes nothing that fails one", async () => {
    expect((await vigo("config test")).out).toContain("There are no policy tests");
    const given =
      "test: page\ngiven: { hostname: web-1 }\nexpect: [{ resource: hello/page, content_matches: world }]\n";
    await stacks({ "tests/page.vgo": given });
    const held = await vigo("config test");
    expect([held.code, held.out]).toEqual([0, expect.stringContaining("1 test, all hold")]);
    await stacks({ "tests/page.vgo": given.replace("world", "moon") });
    const failed = await vigo("config test page");
    expect([failed.code, failed.out]).toEqual([1, expect.stringContaining("tests/page.vgo:3:")]);
    expect(JSON.parse((await vigo("config test --json")).out)).toMatchObject({ failed: 1 });
    expect((await vigo("config test pge")).err).toContain('did you mean "page"?');
    for (const line of ["config validate", "publish"])
      expect(await vigo(line)).toMatchObject({ code: 1, out: expect.stringContaining("VG907") });
    await stacks({ "envoys.vgo": "envoy: []\n" });
    expect((await vigo("config test")).err).toContain("cannot be read");
    await rm(join(home, "stacks", "tests"), { recursive: true });
  });

  test("shows the tree and finds words in it", async () => {
    const tree = await vigo("config tree");
    for (const part of ["web-*", "envoys.vgo:2", "hello", "1 resource", "by hostcrate"])
      expect(tree.out).toContain(part);
    expect(await vigo("config search WORLD")).toMatchObject({
      code: 0,
      out: expect.stringContaining("envoys.vgo:2:"),
    });
    expect((await vigo("config dedup")).out).toContain("No resource stands in the stacks twice");
    await stacks({
      "configcrates/copy.vgo": (good["configcrates/hello.vgo"] ?? "").replace("hello", "copy"),
    });
    const copies = await vigo("config dedup");
    for (const part of ["2 times the same file", "copy/page", "hello/page"])
      expect(copies.out).toContain(part);
    expect((await vigo("config tree")).out).toContain("included nowhere: copy");
    expect(await vigo("config search nowhere")).toMatchObject({ code: 1, out: "Nothing found." });
  });

  test("says how the stacks differ from what is live", async () => {
    expect((await vigo("config status")).out).toContain("Nothing was published yet");
    await vigo("publish");
    expect((await vigo("config status")).out).toContain("is the same");
    await stacks({ "envoys.vgo": "envoys: []\n", "templates/new": "x" });
    await rm(join(home, "stacks", "configcrates"), { recursive: true });
    const { changes } = JSON.parse((await vigo("config status --json")).out);
    expect(changes).toEqual([
      { file: "envoys.vgo", change: "changed" },
      { file: "templates/new", change: "added" },
      { file: "configcrates/hello.vgo", change: "removed" },
    ]);
    await vigo("config freeze --until 2d --reason holidays");
    expect((await vigo("config status")).out).toMatch(/^Frozen until .*: holidays$/m);
    await vigo("config unfreeze");
    expect((await vigo("config status")).out).not.toContain("Frozen");
  });

  test("traces stacks and what is live, known to the server or not", async () => {
    const { code, out } = await vigo("config trace web-1");
    expect(code).toBe(0);
    for (const part of ["envoys.vgo:2", "hello/page", 'who = "world"', "no traits"])
      expect(out).toContain(part);
    expect((await vigo("config trace web-1 --live")).code).toBe(4);
    await vigo("publish");
    const known = (async () => ({ id: "e1", hostname: "web-1", traits: {} })) as unknown as Call;
    const live = JSON.parse((await vigo("config trace web-1 hello --live --json", known)).out);
    expect(live).toMatchObject({ source: "live", traits_known: true });
    expect((await vigo("config trace db-1")).out).toContain("none matches");
  });

  test.each([
    ["publish --canary 5", '--canary: "5" is no part of the fleet'],
    ["publish --canary 5% --gate faild<1%", 'unknown metric "faild"'],
    ["publish --hold 10m", "--hold goes with --canary or --cohort"],
    ["publish --gate failed<1%", "--gate goes with --canary or --cohort"],
    ["publish --canary 5% --no-rollback", "--no-rollback does not go with stages"],
    ["publish --canary 5% --cohort where:true", "--canary and --cohort both say who comes first"],
    ["publish --cohort web-1", "--cohort 'where: CONDITION'"],
    ["publish --canary 5%", "the first version cannot be published in stages"],
  ])("%s is refused", async (line, told) => {
    const { code, err } = await vigo(line);
    expect([code, err]).toEqual([2, expect.stringContaining(told)]);
  });

  test("in stages, and then nobody disturbs it unless he says so", async () => {
    await vigo("publish");
    await stacks({ "templates/new": "two" });
    const staged = "publish --canary 5% --then 25% --gate failed<1% --gate drift<5% --hold 15m";
    const { out } = await vigo(staged);
    expect(out).toContain("to 5% of the fleet");
    const [live] = await published();
    expect(live.rollout).toMatchObject({ stages: [5, 25, 100], hold_ms: 900_000 });
    expect(live.rollout.gates).toHaveLength(2);
    await stacks({ "templates/new": "three" });
    const refused = await vigo("publish");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("--supersede")]);
    expect((await vigo("publish --supersede --no-rollback")).code).toBe(0);
    const [next, restored] = await published();
    expect(next.unwatched).toBe(true);
    expect(restored.rollback_of).toBeGreaterThan(0);
  });

  test("status shows how what is live does", async () => {
    await vigo("publish");
    const [{ version }] = await published();
    const rollout = {
      version,
      state: "watching",
      percent: 5,
      stages: [5, 100],
      since: new Date().toISOString(),
      online: 10,
      ran: 8,
      min_ran: 80,
      gates: [{ gate: "failed<1%", percent: 12.5, broken: true }],
      health: 87.5,
      health_before: 100,
    };
    const told = { envoys: 12, enforcing: 9, unresolved_count: 1, rollout };
    const known = (async () => told) as unknown as Call;
    const { out } = await vigo("config status", known);
    for (const part of [
      "9 of 12 envoys enforce it, 1 cannot have it.",
      "with 5% of the fleet (stages 5%, 100%)",
      "ran     8, of 10 online envoys, 80% must have",
      "health  87.5%, before 100%",
      "gate    failed<1%: 12.5%, broken",
    ])
      expect(out).toContain(part);
    const other = (async () => ({
      ...told,
      rollout: { ...rollout, version: 1 },
    })) as unknown as Call;
    expect((await vigo("config status", other)).out).not.toContain("health");
  });

  test("a home that is not there is not made", async () => {
    const screen = recordingScreen();
    const nowhere = join(home, "nowhere");
    const words = ["publish", "--home", nowhere, "--stacks", join(home, "stacks")];
    expect(await cli(words, screen, away)).toBe(4);
    expect(screen.printed().err).toContain("there is no server's home");
  });
});

test("a process is known by its number and its start", () => {
  const [pid, start] = thisProcess.self.split(" ");
  expect(thisProcess.isAlive(thisProcess.self)).toBe(true);
  expect(thisProcess.isAlive(`${pid} ${Number(start) - 1}`)).toBe(false);
  const gone = Bun.spawnSync(["true"]).pid;
  expect(thisProcess.isAlive(`${gone} 1`)).toBe(false);
});

test("the schema of .vgo files has each type with its parameters and the common attributes", () => {
  const schema = vgoSchema(resources) as {
    readonly $defs: {
      readonly resource: {
        readonly allOf: readonly {
          readonly if: { readonly properties: { readonly type: { readonly const: string } } };
          readonly then: { readonly properties: object };
        }[];
      };
    };
  };
  const types = schema.$defs.resource.allOf;
  expect(types.map((type) => type.if.properties.type.const)).toEqual(
    resources.map(({ name }) => name),
  );
  const file = types.find((type) => type.if.properties.type.const === "file")?.then;
  expect(Object.keys(file?.properties ?? {})).toEqual(
    expect.arrayContaining(["notify", "when", "target_path", "mode"]),
  );
});
