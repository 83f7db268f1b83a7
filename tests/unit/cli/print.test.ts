import { describe, expect, test } from "bun:test";
import type { Problem } from "../../../src/core/problem.ts";
import { printChange } from "../../../src/modes/cli/print/change.ts";
import { relative, took } from "../../../src/modes/cli/print/moment.ts";
import { counted, printFindings } from "../../../src/modes/cli/print/problems.ts";
import { facts, table } from "../../../src/modes/cli/print/table.ts";
import { painted, stood, visible } from "../../../src/modes/cli/print/text.ts";

const plain = { colour: false };
const now = new Date("2026-05-01T12:00:00.000Z");

describe("text from elsewhere", () => {
  test.each([
    ["plain ünïcode", "plain ünïcode"],
    ["\u001b[31mred\u001b[0m", "\\u{1b}[31mred\\u{1b}[0m"],
    ["a\nb\r\tc", "a\\u{0a}b\\u{0d}\\tc"],
    ["\u009b5m", "\\u{9b}5m"],
    ["user\u202egpj.exe", "user\\u{202e}gpj.exe"],
  ])("%j is shown as %j", (text, shown) => expect(visible(text)).toBe(shown));

  test("is coloured only where that is allowed", () => {
    expect(painted(plain, "red", "x")).toBe("x");
    expect(painted({ colour: true }, "red", "x")).toBe("\u001b[31mx\u001b[0m");
    expect(stood({ colour: true }, "constructor")).toBe("constructor");
  });
});

describe("tables", () => {
  test("columns are aligned, colours and wide letters not counted wrong", () => {
    const rows = [
      ["web", painted({ colour: true }, "green", "ok"), "1"],
      ["日本", "failed", "22"],
    ];
    const lines = table(plain, ["NAME", "STATE", "N"], rows, "none").split("\n");
    expect(lines[0]).toBe("NAME  STATE   N");
    expect(lines[1]).toBe("web   \u001b[32mok\u001b[0m      1");
    expect(lines[2]).toBe("日本  failed  22");
  });

  test("nothing is said in words", () => {
    expect(table(plain, ["A"], [], "No rows.")).toBe("No rows.");
  });

  test("facts without a value are left out", () => {
    expect(
      facts([
        ["a", "1"],
        ["long", "2"],
        ["gone", undefined],
      ]),
    ).toBe("a     1\nlong  2");
  });
});

describe("moments", () => {
  test.each([
    [undefined, "never"],
    ["2026-05-01T12:00:00.400Z", "now"],
    ["2026-05-01T11:59:18.000Z", "42s ago"],
    ["2026-05-01T10:30:00.000Z", "1h ago"],
    ["2026-05-02T11:59:59.000Z", "in 1d"],
    ["2026-05-04T12:00:00.000Z", "in 3d"],
  ])("%s is %s", (moment, said) => expect(relative(moment, now)).toBe(said));

  test.each([
    [0.4, "0 ms"],
    [999, "999 ms"],
    [3_440, "3.4 s"],
    [125_000, "2m 5s"],
  ])("%d ms took %s", (ms, said) => expect(took(ms)).toBe(said));
});

describe("changes", () => {
  test("short ones stand on one line", () => {
    const mode = { field: "mode", from: "0600", to: "0644", cause: "drift" };
    expect(printChange(plain, mode)).toBe("mode: 0600 → 0644  (drift)");
    const made = { field: "state", from: undefined, to: "present", cause: "intent" };
    expect(printChange(plain, made)).toBe("state: (nothing) → present  (intent)");
    const emptied = { field: "value", from: "a", to: "", cause: "intent" };
    expect(printChange(plain, emptied)).toBe('value: a → ""  (intent)');
  });

  test("texts are compared by line, with two lines around", () => {
    const from = "1\n2\n3\n4\nold\n6\n7\n8\n";
    const to = "1\n2\n3\n4\nnew\nmore\n6\n7\n8\n";
    expect(printChange(plain, { field: "content", from, to, cause: "drift" })).toBe(
      [
        "content:  (drift)",
        "    3",
        "    4",
        "  - old",
        "  + new",
        "  + more",
        "    6",
        "    7",
      ].join("\n"),
    );
  });

  test("a line added to equal ones is not taken for two", () => {
    const printed = printChange(plain, { field: "c", from: "a\na\n", to: "a\na\na\n", cause: "x" });
    expect(printed.match(/^ {2}\+/gm)).toHaveLength(1);
    expect(printed).not.toMatch(/^ {2}-/m);
  });

  test("a diff that was made on the machine is shown as it is", () => {
    const diff = "@@ -1,1 +1,1 @@\n-old\n+new\u001b\n";
    const change = { field: "content", from: "4 bytes", to: "4 bytes", cause: "drift", diff };
    expect(printChange(plain, change)).toBe(
      "content:  (drift)\n  @@ -1,1 +1,1 @@\n  -old\n  +new\\u{1b}",
    );
  });

  test("a thousand lines are cut, and steering characters are shown", () => {
    const to = `${"\u001b[2J\n".repeat(1_000)}`;
    const printed = printChange(plain, { field: "c", from: undefined, to, cause: "x" });
    expect(printed).toContain("… and 940 more lines");
    expect(printed).not.toContain("\u001b");
  });
});

describe("problems", () => {
  const problem: Problem = {
    code: "VG103",
    file: "web, and:more.vgo",
    line: 3,
    column: 5,
    text: "contnet",
    message: "unknown 100%\nparameter",
    hint: "content",
  };
  const found = { problems: [problem], warnings: [{ ...problem, code: "VG952" as const }] };

  test("are links with a level and a hint for people", () => {
    const text = printFindings(plain, found, "text");
    expect(text).toContain("web, and:more.vgo:3:5: error VG103 unknown");
    expect(text).toContain("web, and:more.vgo:3:5: warning VG952 unknown");
    expect(text).toContain("  hint: content");
    expect(counted(found)).toBe("1 problem, 1 warning");
  });

  test("are workflow commands for GitHub, escaped", () => {
    expect(printFindings(plain, found, "github").split("\n")).toEqual([
      "::error file=web%2C and%3Amore.vgo,line=3,col=5,title=VG103::unknown 100%25%0Aparameter%0Ahint: content",
      "::warning file=web%2C and%3Amore.vgo,line=3,col=5,title=VG952::unknown 100%25%0Aparameter%0Ahint: content",
    ]);
  });

  test("are SARIF 2.1.0", () => {
    const sarif = JSON.parse(printFindings(plain, found, "sarif"));
    const [run] = sarif.runs;
    expect([sarif.version, run.columnKind]).toEqual(["2.1.0", "utf16CodeUnits"]);
    expect(run.tool.driver.rules).toEqual([{ id: "VG103" }, { id: "VG952" }]);
    expect(run.results[0]).toMatchObject({
      ruleId: "VG103",
      level: "error",
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: "web,%20and:more.vgo" },
            region: { startLine: 3, startColumn: 5 },
          },
        },
      ],
    });
  });

  test("are themselves in JSON", () => {
    expect(JSON.parse(printFindings(plain, found, "json"))).toEqual(found);
  });
});
