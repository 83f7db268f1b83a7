import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, printLines } from "../../../src/core/text/lines.ts";
import {
  parsePamLine,
  type PamEntry,
  printPamEntry,
  withoutPamEntry,
  withPamEntry,
} from "../../../src/core/text/pam.ts";

const entry = (line: string) => parsePamLine(line) as PamEntry;
const put = (text: string, line: string, position = "end") =>
  printLines(withPamEntry(parseLines(text), entry(line), position));
const take = (text: string, line: string) =>
  printLines(withoutPamEntry(parseLines(text), entry(line)));

const common = `# by hand
auth	[success=1 default=ignore]	pam_unix.so nullok
auth	requisite			pam_deny.so
auth	required			pam_permit.so # last
@include common-account
session optional pam_motd.so  motd=/run/a
session optional pam_motd.so noupdate
-session	optional	pam_systemd.so
`;

test.each([
  ["auth required pam_a.so", { control: "required", module: "pam_a.so", args: "" }],
  [
    "-session  [a=1  b=die] /x/pam_b.so  q  r # s",
    { optional: true, control: "[a=1 b=die]", args: "q r" },
  ],
  ["  Account sufficient pam_c.so\t", { type: "account", module: "pam_c.so" }],
])("reads %j", (line, expected) => {
  expect(parsePamLine(line)).toMatchObject(expected);
});

test.each(["# auth required pam_a.so", "@include x", "", "auth required", "auth pam_a.so # x"])(
  "passes over %j",
  (line) => {
    expect(parsePamLine(line)).toBeUndefined();
  },
);

describe("puts", () => {
  test.each([
    [
      "at the end of its type",
      "auth optional pam_x.so",
      "end",
      /permit.so # last\nauth\toptional\tpam_x.so\n@inc/,
    ],
    [
      "at its begin",
      "session required pam_x.so a b",
      "begin",
      /account\nsession\trequired\tpam_x.so a b\nsession/,
    ],
    ["before a module", "session required pam_x.so", "before:pam_systemd.so", /pam_x.so\n-session/],
    [
      "after an include",
      "account required pam_x.so",
      "after:common-account",
      /common-account\naccount\t/,
    ],
    [
      "of a type that is not there",
      "password required pam_x.so",
      "end",
      /pam_systemd.so\npassword\t.*\n$/,
    ],
    [
      "where a jump ends",
      "auth required pam_x.so",
      "before:pam_permit.so",
      /deny.so\nauth\trequired\tpam_x.so\nauth/,
    ],
  ])("%s", (_, line, position, expected) => {
    expect(put(common, line, position)).toMatch(expected);
    expect(put(put(common, line, position), line, position)).toBe(put(common, line, position));
  });

  test("another control in the same place", () => {
    expect(put(common, "-session required pam_systemd.so")).toBe(
      common.replace("-session	optional	pam_systemd.so", "-session	required	pam_systemd.so"),
    );
  });

  test("other arguments before the note that stands there", () => {
    expect(put(common, "auth required pam_permit.so x")).toContain("pam_permit.so x # last\n");
  });

  test("nothing where blanks differ alone", () => {
    expect(put(common, "session optional pam_motd.so motd=/run/a")).toBe(common);
  });

  test("the one of two that its arguments name", () => {
    expect(put(common, "session required pam_motd.so noupdate")).toContain(
      "session\trequired\tpam_motd.so noupdate",
    );
  });
});

describe("refuses", () => {
  test.each([
    [
      "what stands twice",
      "session required pam_motd.so",
      "end",
      "pam_motd.so stands 2 times for session",
    ],
    [
      "a place that is not there",
      "auth required pam_x.so",
      "after:pam_y.so",
      "it has no pam_y.so for auth",
    ],
    [
      "a place that is jumped over",
      "auth required pam_x.so",
      "before:pam_deny.so",
      "line 2 (pam_unix.so) jumps over 1 lines",
    ],
  ])("%s", (_, line, position, message) => {
    expect(() => put(common, line, position)).toThrow(message);
  });

  test("to take what is jumped over", () => {
    expect(() => take(common, "auth requisite pam_deny.so")).toThrow("line 2 (pam_unix.so) jumps");
  });

  test("lines that go on", () => {
    expect(() => put("auth required \\\n pam_a.so\n", "auth required pam_b.so")).toThrow(
      "line 1 goes on",
    );
  });
});

test("takes by arguments, or all", () => {
  expect(take(common, "session optional pam_motd.so noupdate")).toBe(
    common.replace("session optional pam_motd.so noupdate\n", ""),
  );
  expect(take(common, "session x pam_motd.so")).not.toContain("pam_motd");
});

test("what it puts it takes, and nothing else moves", () => {
  const stack = fc.array(
    fc.constantFrom(
      "auth required pam_a.so",
      "auth [success=1 default=ignore] pam_b.so x",
      "# note",
      "@include other",
      "session optional pam_c.so",
      "",
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(stack, fc.constantFrom("begin", "end"), (lines, position) => {
      const text = lines.map((line) => `${line}\n`).join("");
      let after: string;
      try {
        after = put(text, "auth sufficient pam_new.so a=1", position);
      } catch (error) {
        expect(`${error}`).toContain("jumps over");
        return;
      }
      expect(after).toContain(printPamEntry(entry("auth sufficient pam_new.so a=1")));
      expect(put(after, "auth sufficient pam_new.so a=1", position)).toBe(after);
      expect(take(after, "auth sufficient pam_new.so a=1")).toBe(text);
    }),
  );
});
