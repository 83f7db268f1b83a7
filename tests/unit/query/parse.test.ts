import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { VigoError } from "../../../src/core/errors.ts";
import { clausesOf } from "../../../src/core/query/clauses.ts";
import { parseQuery } from "../../../src/core/query/parse.ts";
import { traits } from "../../../src/core/traits/index.ts";

const parse = (text: string) => parseQuery(text, traits);

function refusal(text: string): readonly [message: string, hint: string | undefined] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof VigoError && error.failure === "invalid")
      return [error.message, error.hint];
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const names = (text: string) => parse(text).columns.map(({ name }) => name);

describe("what is read", () => {
  test("one path, as people type it in a hurry", () => {
    expect(parse("filesystem.root_used_pct")).toEqual({
      where: "",
      paths: ["filesystem.root_used_pct"],
      sections: ["filesystem"],
      columns: [{ name: "filesystem.root_used_pct", path: 0 }],
      groupBy: undefined,
    });
  });

  test("a condition and a selection", () => {
    const query = parse(
      'where traits.os.distro == "debian" select network.hostname, traits.memory.used_pct',
    );
    expect(query).toEqual({
      where: 'traits.os.distro == "debian"',
      paths: ["network.hostname", "memory.used_pct"],
      sections: ["memory", "network", "os"],
      columns: [
        { name: "network.hostname", path: 0 },
        { name: "memory.used_pct", path: 1 },
      ],
      groupBy: undefined,
    });
  });

  test("a condition alone: who it holds for", () => {
    expect(parse("where traits.memory.used_pct > 90.0")).toMatchObject({ paths: [], columns: [] });
  });

  test("groups, and what is made of them", () => {
    const query = parse(
      "select count, avg(memory.used_pct), max( loadavg.one ) group by os.distro, os.version",
    );
    expect(query.columns).toEqual([
      { name: "os.distro", path: 0 },
      { name: "os.version", path: 1 },
      { name: "count()", of: "count" },
      { name: "avg(memory.used_pct)", of: "avg", path: 2 },
      { name: "max(loadavg.one)", of: "max", path: 3 },
    ]);
    expect(query.groupBy).toEqual([0, 1]);
  });

  const columns: readonly (readonly [string, readonly string[]])[] = [
    ["group by os.distro", ["os.distro", "count()"]],
    ["count()", ["count()"]],
    ["count(*)", ["count()"]],
    ["COUNT(cloud.provider)", ["count(cloud.provider)"]],
    ["select count(), os.distro group by os.distro", ["count()", "os.distro"]],
    ["os.distro group by os.distro", ["os.distro"]],
    ["min(os.version), max(os.version)", ["min(os.version)", "max(os.version)"]],
    ["select os.distro where traits.os.init == 'systemd'", ["os.distro"]],
    ["select os.distro where(traits.os.init == 'systemd')", ["os.distro"]],
    ["where traits.os.distro == 'select group by' select os.distro", ["os.distro"]],
    [`where traits.os.distro == "a\\" select b" select os.distro`, ["os.distro"]],
    [`where traits.os.distro in ["where", 'x'] select os.distro`, ["os.distro"]],
    ["packages.installed.libc6:i386", ["packages.installed.libc6:i386"]],
    ["listeners.sockets[0].port", ["listeners.sockets[0].port"]],
    ["custom.rack", ["custom.rack"]],
    ["os", ["os"]],
    ["os.distro, os.distro", ["os.distro", "os.distro"]],
  ];
  test.each(columns)("%s", (text, expected) => expect(names(text)).toEqual([...expected]));
});

describe("what is refused, and where", () => {
  const wrong: readonly (readonly [string, string, string | undefined])[] = [
    [
      "",
      "query, column 1: the query is empty",
      "filesystem.root_used_pct, or: where … select … group by …",
    ],
    [
      "memroy.used_pct",
      "query, column 1: there is no trait memroy",
      "did you mean memory.used_pct?",
    ],
    [
      "os.distro, memory.used",
      "query, column 12: there is no memory.used",
      "memory has total_mb, available_mb, used_pct",
    ],
    ["os.distor", "query, column 1: there is no os.distor", "did you mean os.distro?"],
    [
      "root_used_pct",
      "query, column 1: there is no trait root_used_pct",
      "did you mean filesystem.root_used_pct?",
    ],
    ["servces", "query, column 1: there is no trait servces", "did you mean services?"],
    ["os.distro.name", "query, column 1: os.distro has nothing in it", "write os.distro"],
    [
      "services.running.ssh",
      "query, column 1: services.running is a list",
      "write services.running[0] for its first, or services.running for all",
    ],
    [
      "os.distro os.version",
      'query, column 10: " " is not part of a path',
      "between paths stands a comma",
    ],
    ["os.distro,,os.version", "query, column 11: a path is missing", "os.distro, memory.used_pct"],
    [
      "median(memory.used_pct)",
      "query, column 1: there is no function median",
      "there are count, sum, avg, min, max",
    ],
    ["os.distro, sum()", "query, column 12: sum of what?", "sum(memory.used_pct)"],
    [
      "sum(os.distro)",
      "query, column 5: sum takes numbers, and os.distro is a text",
      "count takes all",
    ],
    ["max(os)", "query, column 5: max takes numbers, and os is a map", "count takes all"],
    [
      "avg(memory.used), os.distro",
      "query, column 5: there is no memory.used",
      "memory has total_mb, available_mb, used_pct",
    ],
    [
      "select os.distro, count()",
      "query, column 8: os.distro is one value a machine, and the rest is of all",
      "group by os.distro",
    ],
    ["select os.distro select os.version", "query, column 18: select is there twice", undefined],
    ["where select os.distro", "query, column 6: nothing follows where", undefined],
    [
      "where traits.os.distor == 'x'",
      'query, column 17: unknown field of traits.os "distor"',
      "did you mean distro?",
    ],
    ["where traits.os.distro == 1", "query, column 7: types do not fit: string == int", undefined],
    [
      "where vars.x == 1 select os",
      "query, column 7: a query reads traits and envoy only",
      "for a role or an environment: --target @NAME",
    ],
    [
      "where role('web') select os",
      "query, column 12: a query reads traits and envoy only",
      "for a role or an environment: --target @NAME",
    ],
    [
      "where environment == 'prod'",
      "query, column 7: a query reads traits and envoy only",
      "for a role or an environment: --target @NAME",
    ],
    [
      "where file_exists('/etc/passwd')",
      "query, column 7: a query asks for traits only, and runs nothing",
      undefined,
    ],
    ["where changed", "query, column 7: a query asks for traits only, and runs nothing", undefined],
  ];
  test.each(wrong)("%s", (text, message, hint) => expect(refusal(text)).toEqual([message, hint]));

  test("more than it may have", () => {
    expect(refusal("x".repeat(5_000))[0]).toContain("at most 4096 letters");
    const many = Array.from({ length: 33 }, (_, n) => `packages.installed.p${n}`).join(",");
    expect(refusal(many)[0]).toContain("more than 32 paths");
  });
});

describe("for any text", () => {
  const words = fc.constantFrom(
    ..."where select group by os.distro memory.used_pct count( sum( ) , == \" ' \\ [ ] traits.os.distro 1 && !".split(
      " ",
    ),
  );
  const texts = fc.oneof(
    fc.string({ maxLength: 80 }),
    fc.array(words, { maxLength: 14 }).map((all) => all.join(" ")),
  );

  test("it is a query, or refused with a column inside of it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const { paths, sections, columns } = parse(text);
          for (const path of paths) expect(sections).toContain(/^[^.[]*/.exec(path)?.[0] ?? "");
          for (const { path } of columns) if (path !== undefined) expect(paths[path]).toBeDefined();
        } catch (error) {
          if (!(error instanceof VigoError)) throw error;
          expect(error.failure).toBe("invalid");
          const [, column] = /^query, column (\d+): /.exec(error.message) ?? [];
          expect(Number(column)).toBeGreaterThan(0);
          expect(Number(column)).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("its parts and the words between them are the whole of it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        let at = 0;
        for (const { at: word, start, text: part } of clausesOf(text)) {
          expect(text.slice(at, word).trim()).toBe("");
          expect(text.slice(start, start + part.length)).toBe(part);
          at = start + part.length;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });
});
