import { afterAll, beforeAll, expect, test } from "bun:test";
import { cli } from "../../../src/modes/cli/index.ts";
import { recordingScreen } from "../../support/screen.ts";
import { makeWorld, messageOf, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  for (const name of ["db-1", "web-1", "web-2"]) await w.enrol(await w.token(), name);
});
afterAll(() => w.stop());

const vigo = async (...words: readonly string[]) => {
  const screen = recordingScreen();
  const code = await cli([...words, "--home", w.home.folder], screen);
  return { code, ...screen.printed() };
};
const tag = (body: object) => w.call("POST", "/tags", body);
const names = async (target: string) => {
  const { body } = await w.call("POST", "/tasks", {
    command: "true",
    targets: [target],
    dry_run: true,
  });
  return (body["plan"] as { hostname: string }[]).map(({ hostname }) => hostname);
};

test("tags are given, taken, listed, searched by, and survive a restart", async () => {
  const given = await tag({ targets: ["web-*"], set: ["edge", "rack-12"] });
  expect(given.body["envoys"]).toMatchObject([
    { hostname: "web-1", tags: ["edge", "rack-12"] },
    { hostname: "web-2", tags: ["edge", "rack-12"] },
  ]);
  const taken = await tag({ targets: ["web-2"], set: ["blue"], unset: ["edge", "unknown"] });
  expect(taken.body["envoys"]).toMatchObject([{ hostname: "web-2", tags: ["blue", "rack-12"] }]);
  await w.restart();
  expect((await w.call("GET", "/tags")).body).toEqual({
    tags: [
      { tag: "blue", envoys: 1 },
      { tag: "edge", envoys: 1 },
      { tag: "rack-12", envoys: 2 },
    ],
  });
  const found = (await w.call("GET", "/envoys?tag=rack-12")).body["envoys"] as object[];
  expect(found).toMatchObject([{ hostname: "web-1" }, { hostname: "web-2" }]);
  await tag({ targets: ["tag:blue"], unset: ["blue", "rack-12"] });
  expect((await w.call("GET", "/envoys/web-2")).body["tags"]).toBeUndefined();
});

test("a tag is a target, and one that nobody has names nobody", async () => {
  await tag({ targets: ["db-1", "web-2"], set: ["green"] });
  expect(await names("tag:green")).toEqual(["db-1", "web-2"]);
  await w.call("POST", "/envoys/db-1/revoke");
  expect(await names("tag:green")).toEqual(["web-2"]);
  const nobody = await tag({ targets: ["tag:purple"], set: ["x"] });
  expect([nobody.status, messageOf(nobody)]).toEqual([404, "no envoy is tag:purple"]);
});

test("a note is a target by words of it, everywhere where a tag is one", async () => {
  await w.call("POST", "/envoys/web-2/note", { note: "moves to Rack 12 in May" });
  expect(await names("note:rack 12")).toEqual(["web-2"]);
  expect((await w.call("POST", "/envoys/push", { targets: ["note:in may"] })).body).toMatchObject({
    envoys: [{ hostname: "web-2" }],
  });
  const question = await vigo("query", "os.family", "--target", "note:MOVES", "--cached", "--json");
  expect(question.out).toContain('"asked":1');
  expect((await tag({ targets: ["note:rack 13"], set: ["x"] })).status).toBe(404);
  const nothing = await tag({ targets: ["note: "], set: ["x"] });
  expect([nothing.status, messageOf(nothing)]).toEqual([400, "note: says no word of a note"]);
});

test("nobody waits for the run of one that has nothing to enforce", async () => {
  const began = performance.now();
  const { code, out } = await vigo("envoys", "push", "web-2");
  expect([code, out]).toEqual([1, "web-2  no data: nothing is published for it"]);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test("many are let alone at once, each with its entry, and taken up again", async () => {
  const { code, out } = await vigo("envoys", "maintenance", "note:rack", "web-1", "--for", "1h");
  expect([code, out.split("\n").length]).toEqual([0, 2]);
  expect(out).toMatch(/^web-1 runs nothing .*\nweb-2 runs nothing/);
  const until = async () =>
    ((await w.call("GET", "/envoys")).body["envoys"] as { maintenance_until?: string }[]).filter(
      ({ maintenance_until: end }) => end !== undefined,
    ).length;
  expect(await until()).toBe(2);
  const wrong = { targets: ["web-1"], off: true, for: "1h" };
  expect(messageOf(await w.call("POST", "/maintenance", wrong))).toBe("body: either off or a time");
  const { out: ended } = await vigo("envoys", "maintenance", "web-*", "--off");
  expect(ended).toMatch(/^web-1 is enforced again .*\nweb-2 is enforced again/);
  expect(await until()).toBe(0);
  const { entries } = (await w.call("GET", "/audit?limit=100")).body as never as {
    entries: { action: string }[];
  };
  const of = (action: string) => entries.filter((entry) => entry.action === action).length;
  expect([of("envoy.maintenance"), of("envoy.maintenance_end")]).toEqual([2, 2]);
});

test("what is no tag, too many, and nothing at all are refused", async () => {
  for (const word of ["", "-x", "a b", "tag:x", "é", "x".repeat(65)])
    expect((await tag({ targets: ["web-1"], set: [word] })).status).toBe(400);
  expect(messageOf(await tag({ targets: ["web-1"] }))).toContain("neither set nor unset");
  const many = Array.from({ length: 32 }, (_, n) => `t${n}`);
  await tag({ targets: ["web-1"], unset: ["edge", "rack-12"] });
  expect((await tag({ targets: ["web-1"], set: many })).status).toBe(200);
  const refused = await tag({ targets: ["web-1", "web-2"], set: ["one-more"] });
  expect(messageOf(refused)).toBe("web-1 would have 33 tags, of at most 32");
  expect((await w.call("GET", "/envoys/web-2")).body["tags"]).toEqual(["green"]);
});

test("it is on record, and the CLI does the same", async () => {
  const set = await vigo("envoys", "tag", "set", "web-2", "canary", "zone=b");
  expect([set.code, set.out]).toEqual([0, expect.stringMatching(/web-2 +canary green zone=b$/)]);
  const unset = await vigo("envoys", "tag", "unset", "web-*", "green", "zone=b");
  expect(unset.out).toMatch(/web-2 +canary$/m);
  expect((await vigo("envoys", "tag", "list")).out).toMatch(/^canary +1$/m);
  expect((await vigo("envoys", "show", "web-2")).out).toMatch(/^tags +canary$/m);
  const listed = await vigo("envoys", "list", "--tag", "canary", "--columns", "hostname,tags");
  expect(listed.out.split("\n").at(-1)).toMatch(/^web-2 +canary$/);
  const { entries } = (await w.call("GET", "/audit?limit=100")).body as never as {
    entries: { action: string; detail: Record<string, unknown> }[];
  };
  expect(entries.find(({ action }) => action === "envoy.tag")?.detail).toEqual({
    asked: ["web-*"],
    targets: 2,
    set: [],
    unset: ["green", "zone=b"],
  });
});
