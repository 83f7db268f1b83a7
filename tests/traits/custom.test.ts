import { describe, expect, test } from "bun:test";
import { collectTraits } from "../../src/core/collect.ts";
import { custom } from "../../src/core/traits/custom.ts";
import { type Answer, fakeHost } from "../support/fake-host.ts";
import type { Node } from "../support/fake-tree.ts";

const folder = "/etc/vigo-envoy/traits.d";
const program: Node = { kind: "file", mode: 0o755 };

async function collected(
  programs: Readonly<Record<string, Answer>>,
  more: Readonly<Record<string, Node>> = {},
  previous: Readonly<Record<string, string>> = {},
) {
  const names = Object.keys(programs);
  const { host } = fakeHost({
    nodes: {
      "/": {},
      ...Object.fromEntries(names.map((name) => [`${folder}/${name}`, program])),
      ...more,
    },
    commands: Object.fromEntries(names.map((name) => [`${folder}/${name}`, programs[name] ?? ""])),
  });
  const before = {
    name: "custom",
    value: previous,
    hash: "",
    collectedAt: 0,
    stale: false,
    bootId: "",
    cycles: 0,
  };
  const { sections, failures } = await collectTraits([custom], host, {
    previous: Object.keys(previous).length === 0 ? [] : [before],
  });
  return { section: sections[0], failures };
}

describe("custom", () => {
  test("each under its own name, whatever JSON it is", async () => {
    const { section, failures } = await collected({
      "licence.py": '{"seats": 12, "list": [1, 2.5, null, true]}\n',
      room: '"B-204"',
      count: "3",
    });
    expect(failures).toEqual([]);
    expect(section).toMatchObject({ stale: false });
    expect(section?.value).toEqual({
      count: 3,
      licence: { seats: 12, list: [1, 2.5, null, true] },
      room: "B-204",
    });
  });

  test("what fails says why, keeps its last value, and leaves the others theirs", async () => {
    const programs = {
      good: '"new"',
      words: "all is well\n",
      broken: { code: 3, stdout: "", stderr: "no licence server\n" },
      loud: JSON.stringify("x".repeat(70_000)),
      fresh: "{",
    };
    const before = {
      good: "old",
      words: "before",
      broken: "before",
      loud: "before",
      gone: "before",
    };
    const { section, failures } = await collected(programs, {}, before);
    expect(section).toMatchObject({ stale: true });
    expect(section?.value).toEqual({
      good: "new",
      words: "before",
      broken: "before",
      loud: "before",
    });
    const reasons = Object.fromEntries(failures.map(({ name, reason }) => [name, reason]));
    expect(reasons).toEqual({
      "custom.words": `${folder}/words: what it printed is not JSON: all is well`,
      "custom.broken": `${folder}/broken: exit 3: no licence server`,
      "custom.loud": `${folder}/loud: it printed more than 64 KiB`,
      "custom.fresh": `${folder}/fresh: what it printed is not JSON: {`,
    });
  });

  test.each<[string, Record<string, Node>, string]>([
    [
      "another's program",
      { [`${folder}/a`]: { ...program, uid: 1000 } },
      "does not belong to root",
    ],
    [
      "a program of root's group too",
      { [`${folder}/a`]: { ...program, mode: 0o775 } },
      "others may write to",
    ],
    [
      "a link",
      { [`${folder}/a`]: { kind: "symlink", mode: 0o777, target: "/tmp/x" } },
      "is no file",
    ],
  ])("%s is not run", async (_, more, why) => {
    const never = () => {
      throw new Error("was run");
    };
    const { section, failures } = await collected({ a: never }, more);
    expect(failures[0]?.reason).toContain(why);
    expect(section?.value).toEqual({});
  });

  test.each<[Node, string]>([
    [{ mode: 0o777 }, `others may write to ${folder}`],
    [{ uid: 1000 }, `${folder} does not belong to root`],
    [{ kind: "symlink", target: "/tmp" }, `${folder} is no directory`],
  ])("nothing in a folder that is %p", async (node, why) => {
    const { section, failures } = await collected({ a: "1" }, { [folder]: node });
    expect(failures).toMatchObject([{ name: "custom", reason: `${folder} was not run: ${why}` }]);
    expect(section).toBeUndefined();
  });

  test("a folder above it that others may write to is as bad", async () => {
    const { failures } = await collected({ a: "1" }, { "/etc/vigo-envoy": { mode: 0o775 } });
    expect(failures[0]?.reason).toContain("others may write to /etc/vigo-envoy");
  });

  test("notes, editors' remains and folders are passed over", async () => {
    const more: Record<string, Node> = {
      [`${folder}/README`]: { kind: "file", mode: 0o644 },
      [`${folder}/a~`]: program,
      [`${folder}/.a.swp`]: program,
      [`${folder}/lib`]: { kind: "directory", mode: 0o755 },
    };
    const { section, failures } = await collected({ a: "1" }, more);
    expect([section?.value, failures]).toEqual([{ a: 1 }, []]);
  });

  test("two programs of one name: the first counts, and it is said", async () => {
    const { section, failures } = await collected({ "a.py": "1", "a.sh": "2" });
    expect(section?.value).toEqual({ a: 1 });
    expect(failures).toMatchObject([{ name: "custom.a" }]);
  });

  test("without the folder or with nothing in it there is no such section", async () => {
    expect((await collected({})).section?.value).toBeNull();
  });
});
