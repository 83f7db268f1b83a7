/** The commands that plan and publish, against a real server, from its own host and from elsewhere. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { traits } from "../../../src/core/traits/index.ts";
import { cli } from "../../../src/modes/cli/index.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let room = "";

beforeAll(async () => {
  w = await makeWorld("publish: {max_envoys: 1}\n");
  room = await mkdtemp(join(tmpdir(), "vigo-ci-"));
  const token = await w.token({ uses: 5 });
  const store = await openStore(w.home.database);
  const os = traits.find(({ name }) => name === "os")?.example as Record<string, string>;
  for (const host of ["web-1", "db-1"]) {
    const envoyId = String((await w.enrol(token, host)).body["envoy_id"]);
    const row = { envoyId, section: "os", value: { ...os, distro: `os-of-${host}` } };
    await store.traits.put([{ ...row, hash: "0".repeat(64), collectedAt: 1, stale: false }]);
  }
  await store.close();
});
afterAll(async () => {
  await w.stop();
  await rm(room, { recursive: true });
});

const run = async (words: readonly string[]) => {
  const screen = recordingScreen();
  const code = await cli(words, screen);
  const { out, err } = screen.printed();
  return { code, out, err };
};
/** On the server's host. */
const here = (...words: readonly string[]) => run([...words, "--home", w.home.folder]);
/** With the server's address and a token, in a folder of its own. */
const there = async (folder: string, ...words: readonly string[]) => {
  const token = (await readFile(w.home.localToken, "utf8")).trim();
  const server = ["--server", `https://localhost:${w.running().ports.api}`, "--token", token];
  return run([
    ...words,
    ...server,
    "--ca-file",
    join(w.home.tls, "ca.pem"),
    ...stacksIn(folder, words),
  ]);
};
const stacksIn = (folder: string, words: readonly string[]) =>
  words.some((word) => ["publish", "plan", "stacks", "diff"].includes(word))
    ? ["--stacks", folder]
    : [];

const policy = (web: string, db = "constant") => ({
  "envoys.vgo":
    "envoys:\n  - { match: 'web-*', configcrates: [site] }\n  - { match: 'db-*', configcrates: [base] }\n",
  "configcrates/site.vgo": `configcrate: site\nresources:\n  - { name: page, type: file, target_path: /tmp/x, content: '${web} {{ traits.os.distro }}' }\n`,
  "configcrates/base.vgo": `configcrate: base\nresources:\n  - { name: motd, type: file, target_path: /tmp/y, content: '${db}' }\n`,
});

async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}
const stacks = (files: Readonly<Record<string, string>>) => put(w.home.stacks, files);
const json = ({ out }: { readonly out: string }) => JSON.parse(out);
const newest = async () => json(await here("config", "history", "--json")).versions[0];

describe("on the server's host", () => {
  test("a dry run plans for the fleet and changes nothing", async () => {
    await rm(w.home.stacks, { recursive: true, force: true });
    await stacks(policy("one"));
    const dry = await here("publish", "--dry-run");
    expect(dry.out).toContain("os-of-web-1");
    expect(dry.out).toContain("2 envoys would change; publish.max_envoys is 1");
    expect(dry.out).toContain("Nothing was published: this was a dry run.");
    expect(dry.code).toBe(1);
    expect(await newest()).toBeUndefined();
  });

  test("the budget asks for a yes, with the server up", async () => {
    const refused = await here("publish");
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining("--yes publishes it")]);
    const done = await here("publish", "--yes", "--message", "first");
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("The server has it")]);
    await stacks(policy("two"));
    const plan = json(await here("config", "plan", "--json"));
    expect(plan).toMatchObject({
      basis: "fleet",
      over: [],
      plan: { envoys: { known: 2, changed: 1, unchanged: 1 }, groups: [{ hostnames: ["web-1"] }] },
    });
    expect((await here("publish", "--message", "second")).code).toBe(0);
  });

  test("plans for one host and for a machine that does not exist", async () => {
    await stacks(policy("three"));
    const one = await here("config", "plan", "--for", "db-1");
    expect(one.out).toContain("0 change, 1 stay as they are");
    await writeFile(
      join(room, "traits.json"),
      JSON.stringify({ traits: { os: { distro: "arch" } } }),
    );
    const as = `hostname=web-7,traits=${join(room, "traits.json")}`;
    expect((await here("config", "plan", "--as", as)).out).toContain("three arch");
    expect((await here("config", "plan", "--as", "traits=x")).code).toBe(2);
    expect((await here("config", "plan", "--for", "nobody")).code).toBe(4);
  });

  test("a rollback and the difference of two versions", async () => {
    const { version } = await newest();
    expect((await here("config", "diff", "live", "stacks")).out).toContain("+  - { name: page");
    const back = json(await here("config", "rollback", "--message", "oops", "--json"));
    expect(await newest()).toMatchObject({
      rollback_of: back.restored,
      message: "oops",
      live: true,
    });
    const diff = json(await here("config", "diff", String(back.restored), "live", "--json"));
    expect(diff.files).toEqual([]);
    expect(json(await here("config", "diff", String(version), "--json")).files).toMatchObject([
      { file: "configcrates/site.vgo", change: "changed" },
    ]);
    expect((await here("config", "rollback", "5")).code).toBe(4);
    expect((await here("config", "history")).out).toContain(`(rollback to ${back.restored})`);
  });

  test("a freeze holds, says why, and lets through what cannot wait", async () => {
    await here("config", "freeze", "--until", "2h", "--reason", "holidays");
    const refused = await here("publish");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("holidays")]);
    expect((await here("config", "history")).out).toStartWith("Frozen until ");
    expect((await here("publish", "--force")).code).toBe(2);
    expect((await here("publish", "--force", "--reason", "urgent")).code).toBe(0);
    expect(await newest()).toMatchObject({ forced: "urgent" });
    expect((await here("config", "unfreeze")).code).toBe(0);
    expect((await here("config", "unfreeze")).code).toBe(4);
  });
});

describe("from elsewhere", () => {
  const checkout = () => join(room, "checkout");

  test("stacks that do not follow what is live are refused, and published after a pull", async () => {
    await put(checkout(), policy("ci"));
    const refused = await there(checkout(), "publish");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("config stacks pull")]);
    expect((await there(checkout(), "config", "stacks", "pull")).code).toBe(1);
    const pulled = await there(checkout(), "config", "stacks", "pull", "--replace");
    expect(pulled.code).toBe(0);
    expect((await there(checkout(), "config", "diff", "live", "stacks")).out).toContain(
      "are the same",
    );
    await put(checkout(), policy("ci"));
    const done = await there(checkout(), "publish", "--message", "from ci", "--json");
    expect(json(done)).toMatchObject({ outcome: "published", server: "taken" });
    expect(await newest()).toMatchObject({ message: "from ci", uploaded: true, actor: "local" });
  });

  test("its history, plan and rollback work there too", async () => {
    await put(checkout(), policy("ci again"));
    expect((await there(checkout(), "config", "plan")).out).toContain("ci again os-of-web-1");
    expect((await there(checkout(), "publish")).code).toBe(0);
    expect((await there(checkout(), "config", "history")).out).toContain("from ci");
    expect((await there(checkout(), "config", "rollback")).code).toBe(0);
    expect((await newest()).rollback_of).toBeGreaterThan(0);
  });

  test("tells how the policy stands: freeze, envoys, and the stacks when there are some", async () => {
    const status = (...words: readonly string[]) => there(checkout(), "config", "status", ...words);
    await there(checkout(), "config", "freeze", "--until", "1h", "--reason", "audit");
    const { live, fleet, freeze, ...none } = json(await status("--json"));
    expect({ live, fleet, freeze, none }).toMatchObject({
      live: { version: (await newest()).version },
      fleet: { envoys: 2, enforcing: 0 },
      freeze: { reason: "audit" },
      none: {},
    });
    expect((await there(checkout(), "config", "history")).out).toStartWith("Frozen until ");
    const shown = await status("--stacks", checkout());
    for (const part of ["Frozen until", "0 of 2 envoys", `${checkout()} differs`, "changed  "])
      expect(shown.out).toContain(part);
    expect((await there(checkout(), "config", "unfreeze")).code).toBe(0);
    expect((await status()).out).not.toContain("Frozen");
  });

  test("the stacks of the server's host do not replace it unawares", async () => {
    await stacks(policy("local"));
    const refused = await here("publish");
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining("not made from what is live"),
    ]);
    expect((await here("publish", "--replace")).code).toBe(0);
  });

  test("git vouches for commits that follow the live one", async () => {
    const repository = join(room, "repository");
    await put(repository, policy("commit 1"));
    const git = (...words: readonly string[]) =>
      Bun.$`git -c user.name=ci -c user.email=ci@example.org -C ${repository} ${words}`.quiet();
    await git("init", "-q");
    await git("add", ".");
    await git("commit", "-q", "-m", "one");
    expect((await there(repository, "publish")).code).toBe(1);
    expect((await there(repository, "publish", "--replace")).code).toBe(0);
    const first = (await newest()).git_commit;
    expect(first).toMatch(/^[0-9a-f]{40}$/);
    await put(repository, policy("commit 2"));
    await git("commit", "-q", "-a", "-m", "two");
    expect((await there(repository, "publish")).code).toBe(0);
    expect((await newest()).git_commit).not.toBe(first);
    await put(repository, policy("not committed"));
    expect((await there(repository, "publish")).code).toBe(0);
    expect((await newest()).git_commit).toEndWith("-dirty");
  });

  test("what is wrong is said with its place, and the exit code", async () => {
    await put(checkout(), {
      "configcrates/site.vgo": "configcrate: site\nresources: [{ nam: x }]\n",
    });
    const { code, out } = await there(checkout(), "publish");
    expect([code, out]).toEqual([1, expect.stringContaining("configcrates/site.vgo:2:")]);
  });

  test("a server that does not answer is an error, not a plan without it", async () => {
    await put(checkout(), policy("x"));
    const nowhere = ["--server", "https://localhost:1", "--token", "x", "--stacks", checkout()];
    expect((await run(["config", "plan", ...nowhere])).code).toBe(5);
  });
});

test("those that a condition chooses come first", async () => {
  const first = (words: string) => ["publish", "--replace", "--yes", "--cohort", `where: ${words}`];
  await stacks(policy("chosen"));
  expect((await here(...first('traits.os.distro == "nothing"'))).err).toContain("none of 2 envoys");
  expect((await here(...first("traits.os.distr"))).code).toBe(2);
  const done = await here(...first('traits.os.distro == "os-of-web-1"'));
  expect([done.code, done.out]).toEqual([0, expect.stringContaining("to 50% of the fleet")]);
  expect(await newest()).toMatchObject({ rollout: { stages: [50, 100] } });
  await stacks(policy("chosen from elsewhere"));
  const elsewhere = join(room, "chosen");
  await put(elsewhere, policy("chosen from elsewhere"));
  const words = [...first('envoy.hostname == "db-1"'), "--supersede"];
  expect((await there(elsewhere, ...words)).code).toBe(0);
  expect((await here("config", "rollback")).code).toBe(0);
});

test("with the server down: a plan for what is known, and a yes where a budget is set", async () => {
  await w.running().close();
  try {
    await stacks(policy("down", "changed"));
    const plan = await here("config", "plan");
    expect(plan.out).toContain("is not known");
    expect(plan.out).toContain("one for each hostcrate");
    expect(plan.out).toContain("changed");
    expect(json(await here("config", "plan", "--for", "db-1", "--json"))).toMatchObject({
      basis: "host",
      plan: { envoys: { known: 1, changed: 1 } },
    });
    const refused = await here("publish", "--replace");
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining("a budget is set")]);
    const done = await here("publish", "--replace", "--yes");
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("takes it when it starts")]);
  } finally {
    await w.restart();
  }
});
