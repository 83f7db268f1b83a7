import { afterAll, beforeAll, expect, test } from "bun:test";
import files from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { bundleFor, compile } from "../../../src/core/bundle/compile.ts";
import { publishConfig, type AnsweredPlan } from "../../../src/core/api/publish.ts";
import { packTree, unpackTree } from "../../../src/core/publish/archive.ts";
import { readLive } from "../../../src/core/publish/live.ts";
import { publishTree } from "../../../src/core/publish/publish.ts";
import { resources } from "../../../src/core/resources/index.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { openStore } from "../../../src/modes/server/store/sqlite/open.ts";
import { bearerFor } from "../../support/people.ts";
import { treeOf } from "../../support/policy.ts";
import { codeOf, makeWorld, messageOf, type World } from "./world.ts";

const registries = { resources, traits };
let w: World;
const ids = new Map<string, string>();
let operator = "";

beforeAll(async () => {
  w = await makeWorld("publish: {keep: 6, max_envoys: 1, max_deletions: 1}\n");
  const token = await w.token({ uses: 5 });
  for (const host of ["web-1", "web-2"])
    ids.set(host, String((await w.enrol(token, host)).body["envoy_id"]));
  const store = await openStore(w.home.database);
  const os = traits.find(({ name }) => name === "os")?.example as Record<string, string>;
  for (const [host, distro] of [
    ["web-1", "debian"],
    ["web-2", "ubuntu"],
  ] as const) {
    const { codename, ...rest } = os;
    const value = { ...rest, distro, ...(host === "web-1" && codename && { codename }) };
    const row = { envoyId: ids.get(host) ?? "", section: "os", value };
    await store.traits.put([{ ...row, hash: "0".repeat(64), collectedAt: 1, stale: false }]);
  }
  operator = await bearerFor(store, "operator", "ci");
  await store.close();
});
afterAll(() => w.stop());

const file = (name: string, content: string) =>
  `  - {name: ${name}, type: file, target_path: /etc/${name}, content: "${content}"}\n`;
const stacks = (...resources: readonly string[]) =>
  treeOf({
    "envoys.vgo": 'envoys:\n  - {match: "web-*", configcrates: [site]}\n',
    "configcrates/site.vgo": `configcrate: site\nresources:\n${resources.join("")}`,
  });
const motd = (text: string) => file("motd", `${text} {{ traits.os.distro }}`);

const plan = async (tree: ReturnType<typeof stacks>, more = {}) => {
  const { body } = await w.call("POST", "/config/plan", { tree: packTree(tree), ...more });
  return body as unknown as AnsweredPlan;
};
const publish = (tree: ReturnType<typeof stacks>, more = {}, bearer?: string) =>
  w.call("POST", "/config/publish", { tree: packTree(tree), ...more }, bearer);
const live = async () => (await readLive(files, w.home.folder))?.manifest;
const audited = async () => {
  const { body } = await w.call("GET", "/audit?limit=20");
  return body["entries"] as readonly { readonly action: string; readonly actor: string }[];
};

test("a plan of nothing published resolves every envoy with its own traits", async () => {
  const answer = await plan(stacks(motd("hello")));
  expect(answer).toMatchObject({
    problems: [],
    plan: { envoys: { known: 2, changed: 2, unresolved: 0 }, resources: { added: 2 } },
    over: ["2 envoys would change; publish.max_envoys is 1"],
  });
  expect(answer.plan?.groups.map(({ hostnames }) => hostnames)).toEqual([["web-1"], ["web-2"]]);
  expect(JSON.stringify(answer.plan)).toContain("hello ubuntu");
  expect(await live()).toBeUndefined();
});

test("a publish over the budget waits for a yes, and is then told of", async () => {
  const tree = stacks(motd("hello"), file("a", "a"), file("b", "b"));
  const asked = await publish(tree);
  expect(asked.body).toMatchObject({ outcome: "over_budget", over: [expect.any(String)] });
  expect(await live()).toBeUndefined();
  const more = { yes: true, message: "first", source: "ci", git_commit: "abcdef1" };
  const done = await publish(tree, more, operator);
  expect(done.body).toMatchObject({ outcome: "published", problems: [] });
  expect(await live()).toMatchObject({
    actor: "ci",
    message: "first",
    git_commit: "abcdef1",
    uploaded: true,
    source: expect.stringMatching(/^ci \(.+\)$/),
  });
  expect((await w.call("GET", "/config/status")).body).toMatchObject({ in_force: { actor: "ci" } });
  expect((await audited())[0]).toMatchObject({ action: "config.publish", actor: "ci" });
  expect((await publish(tree)).body).toMatchObject({ outcome: "unchanged" });
});

test("a field that an enrolled machine is without is a mistake, with its place", async () => {
  const tree = stacks(file("codename", "{{ traits.os.codename }}"));
  const refused = await publish(tree, { yes: true, base: (await live())?.digest });
  expect(refused.body).toMatchObject({
    outcome: "refused",
    problems: [
      {
        code: "VG106",
        file: "configcrates/site.vgo",
        line: 3,
        message: "traits.os.codename is not set for web-2",
      },
    ],
  });
});

test("the plan is exactly what publish then does", async () => {
  const before = (await readLive(files, w.home.folder))?.tree;
  const after = stacks(motd("goodbye"), file("a", "a"), file("c", "c"));
  const answer = await plan(after);
  const bodies = (tree: typeof after) => {
    const { policy } = compile(tree, registries);
    if (policy === undefined) throw new Error("not good");
    return ["debian", "ubuntu"].map((distro, index) => {
      const subject = { id: "x", hostname: `web-${index + 1}`, traits: { os: { distro } } };
      const bundle = bundleFor(policy, subject, registries);
      if (bundle.kind !== "bundle") throw new Error("unresolved");
      return new Map(bundle.body.resources.map((each) => [each.key, JSON.stringify(each.params)]));
    });
  };
  const done = await publish(after, { yes: true, base: (await live())?.digest });
  expect(done.body["outcome"]).toBe("published");
  const published = (await readLive(files, w.home.folder))?.tree;
  const [then, now] = [bodies(before ?? after), bodies(published ?? after)];
  const expected = { removed: new Set(), changed: new Set(), added: new Set() };
  for (const [index, old] of then.entries()) {
    const next = now[index] ?? new Map<string, string>();
    const host = `web-${index + 1}`;
    for (const [key, text] of old)
      if (!next.has(key)) expected.removed.add(`${host} ${key}`);
      else if (next.get(key) !== text) expected.changed.add(`${host} ${key}`);
    for (const key of next.keys()) if (!old.has(key)) expected.added.add(`${host} ${key}`);
  }
  const planned = { removed: new Set(), changed: new Set(), added: new Set() };
  for (const { change, hostnames, resources: seen } of answer.plan?.groups ?? [])
    if (change !== "reordered")
      for (const host of hostnames)
        for (const { key } of seen) planned[change].add(`${host} ${key}`);
  expect(planned).toEqual(expected);
  expect(expected.removed.size).toBe(2);
  expect(answer.plan?.groups[0]?.change).toBe("removed");
  expect(answer.over).toHaveLength(2);
});

test("plans for one envoy, and for a machine that does not exist", async () => {
  const tree = stacks(motd("again"), file("a", "a"), file("c", "c"));
  expect(await plan(tree, { host: "WEB-2" })).toMatchObject({
    plan: { envoys: { known: 1, changed: 1 }, groups: [{ hostnames: ["web-2"] }] },
    over: [],
  });
  const as = { hostname: "web-9", traits: { os: { distro: "arch" } } };
  expect(JSON.stringify(await plan(tree, { as }))).toContain("again arch");
  const unknown = await w.call("POST", "/config/plan", { tree: packTree(tree), host: "db-1" });
  expect([unknown.status, codeOf(unknown)]).toEqual([404, "missing"]);
});

test("what would be wrong is said with its place, and changes nothing", async () => {
  const before = await live();
  const bad = stacks("  - {name: a, type: flie, target_path: /a}\n");
  for (const path of ["/config/plan", "/config/publish"]) {
    const { body } = await w.call("POST", path, { tree: packTree(bad) });
    expect(body["problems"]).toMatchObject([{ file: "configcrates/site.vgo", line: 3 }]);
    expect(body).not.toHaveProperty("plan");
  }
  expect(await live()).toEqual(before as NonNullable<typeof before>);
});

test("an upload that was not made from what is live is refused", async () => {
  const tree = stacks(motd("other"), file("a", "a"), file("c", "c"));
  const refused = await publish(tree, { yes: true, base: "0".repeat(64) });
  expect([refused.status, codeOf(refused)]).toEqual([409, "conflict"]);
  expect(messageOf(refused)).toContain("were not made from what is live");
  expect((await publish(tree, { yes: true })).status).toBe(409);
  // Nor do stacks of the server's own host replace what came from elsewhere.
  const here = { tree, actor: "root", message: "", source: "here", now: new Date() };
  const holder = { self: "1 1", isAlive: () => true };
  await expect(publishTree(files, w.home.folder, here, holder)).rejects.toThrow("not made from");
  const pulled = (await w.call("GET", "/config/tree")).body;
  const { digest } = pulled["version"] as { readonly digest: string };
  expect(unpackTree(String(pulled["tree"]))).toEqual(
    (await readLive(files, w.home.folder))?.tree as never,
  );
  expect((await publish(tree, { yes: true, base: digest })).body["outcome"]).toBe("published");
});

test("replace publishes over it", async () => {
  const done = await publish(stacks(motd("mine"), file("a", "a"), file("c", "c")), {
    yes: true,
    replace: true,
  });
  expect(done.body["outcome"]).toBe("published");
});

test("a rollback publishes the former content as a new version", async () => {
  const before = await live();
  const { body } = await w.call("POST", "/config/rollback", { message: "oops" });
  expect(body).toMatchObject({ digest: before?.parent });
  const now = await live();
  expect(now).toMatchObject({
    digest: before?.parent,
    rollback_of: body["restored"],
    message: "oops",
  });
  expect(now?.version).toBeGreaterThan(before?.version ?? 0);
  expect((await audited())[0]).toMatchObject({ action: "config.rollback", actor: "local" });
  const same = await w.call("POST", "/config/rollback", { version: body["restored"] });
  expect([same.status, messageOf(same)]).toEqual([409, expect.stringContaining("is what is live")]);
  expect((await w.call("POST", "/config/rollback", { version: 7 })).status).toBe(404);
});

test("while it is frozen only the admin of this host publishes, and says why", async () => {
  const tree = stacks(motd("frozen"), file("a", "a"), file("c", "c"));
  const more = { yes: true, replace: true };
  const frozen = await w.call("POST", "/config/freeze", { until: "1h", reason: "holidays" });
  expect(frozen.body).toMatchObject({ reason: "holidays", actor: "local" });
  const refused = await publish(tree, more, operator);
  expect([refused.status, messageOf(refused)]).toEqual([409, expect.stringContaining("holidays")]);
  expect((await w.call("POST", "/config/rollback", {})).status).toBe(409);
  expect((await publish(tree, { ...more, force: "urgent" }, operator)).status).toBe(403);
  expect((await w.call("POST", "/config/unfreeze", {}, operator)).status).toBe(403);
  expect((await publish(tree, { ...more, force: "urgent" })).body["outcome"]).toBe("published");
  expect(await live()).toMatchObject({ forced: "urgent" });
  expect((await w.call("POST", "/config/unfreeze", {})).status).toBe(200);
  expect((await w.call("POST", "/config/unfreeze", {})).status).toBe(404);
  expect((await audited()).slice(0, 3).map(({ action }) => action)).toEqual([
    "config.unfreeze",
    "config.publish",
    "config.freeze",
  ]);
  expect((await w.call("POST", "/config/freeze", { until: "yesterday", reason: "x" })).status).toBe(
    400,
  );
});

test("no more versions are kept than server.yaml says", async () => {
  const { versions } = (await w.call("GET", "/config/history")).body as { versions: unknown[] };
  expect(versions.length).toBeLessThanOrEqual(6);
});

test.each([
  ["no gzip", "aGVsbG8="],
  ["no files", gzipSync("hello").toString("base64")],
  ["a path out of the tree", gzipSync("../x\x001\nx").toString("base64")],
  ["a file that ends early", gzipSync("a.vgo\x009\nx").toString("base64")],
  ["a file too large", gzipSync(`a.vgo\x00${2 ** 21}\n${"x".repeat(2 ** 21)}`).toString("base64")],
  ["a bomb", gzipSync(Buffer.alloc(80 * 1024 * 1024)).toString("base64")],
])("%s is refused as a tree", async (_, tree) => {
  const answer = await w.call("POST", "/config/publish", { tree });
  expect([answer.status, messageOf(answer)]).toEqual([
    400,
    expect.stringContaining("the tree cannot be taken"),
  ]);
});

test("what was published with the server away is in the audit log after its next start", async () => {
  const tree = stacks(motd("away"));
  const offline = {
    tree,
    actor: "dana",
    message: "night shift",
    source: "here",
    now: new Date(),
    replace: true,
  };
  await publishTree(files, w.home.folder, offline, { self: "1 1", isAlive: () => true });
  const deadline = Date.now() + 15_000;
  const found = async () => (await audited()).some(({ actor }) => actor === "dana");
  while (!(await found()) && Date.now() < deadline) await Bun.sleep(100);
  expect(await found()).toBe(true);
}, 20_000);

test("the largest tree fits into a request", () => {
  expect(publishConfig.bodyLimit).toBeLessThan(96 * 1024 * 1024);
});
