import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { converge } from "../../src/core/resource.ts";
import { fileLine } from "../../src/core/resources/file_line.ts";
import { cases, still } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const grub = "/etc/default/grub";
const wish = { target_path: grub, line: "GRUB_TIMEOUT=1", match_pattern: "^#?GRUB_TIMEOUT=" };
const check = { validate: "grub-check %" };

cases(fileLine, {
  "replaces what it stands for": {
    given: { files: { [grub]: "# Boot\nGRUB_TIMEOUT=5\nX=1" } },
    wish,
    does: [`write ${grub}`],
    leaves: { [grub]: "# Boot\nGRUB_TIMEOUT=1\nX=1" },
    says: { line: ["GRUB_TIMEOUT=5", "GRUB_TIMEOUT=1"] },
  },
  "adds what is missing, in the file's own line ending": {
    given: { files: { [grub]: "X=1\r\n" } },
    wish,
    does: [`write ${grub}`],
    leaves: { [grub]: "X=1\r\nGRUB_TIMEOUT=1\r\n" },
    says: { line: [undefined, "GRUB_TIMEOUT=1"] },
  },
  "leaves a right file alone": {
    given: { files: { [grub]: "#GRUB_TIMEOUT=5\nGRUB_TIMEOUT=1\n" } },
    wish,
    does: [],
  },
  "makes a file when told to": {
    given: {},
    wish: { ...wish, create: true },
    does: [`write ${grub}`],
    leaves: { [grub]: "GRUB_TIMEOUT=1\n" },
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    says: { line: [undefined, "in a file that is not there yet"] },
    because: `${grub} is not there (depend on what makes it, or say create: true`,
  },
  "takes away": {
    given: { files: { [grub]: "X=1\nGRUB_TIMEOUT=5\n" } },
    wish: { ...wish, state: "absent" },
    does: [`write ${grub}`],
    leaves: { [grub]: "X=1\n" },
    says: { line: ["GRUB_TIMEOUT=5", undefined] },
  },
  "takes nothing from no file": {
    given: {},
    wish: { target_path: grub, line: "x", state: "absent", create: true },
    does: [],
    leaves: { [grub]: undefined },
  },
  "proves the new text": {
    given: { files: { [grub]: "" }, commands: { "grub-check %": "" } },
    wish: { ...wish, ...check },
    does: [`write ${grub}`],
  },
  "replaces nothing with what is not valid": {
    given: {
      files: { [grub]: "X=1\n" },
      commands: { "grub-check %": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, ...check },
    does: [],
    ends: "failed",
    leaves: { [grub]: "X=1\n" },
  },
  "refuses a region that is not there": {
    given: { files: { [grub]: "x\n" } },
    wish: { target_path: grub, line: "y", region_start: "^\\[log\\]" },
    does: [],
    ends: "failed",
    because: `${grub}: it has no region from /^\\[log\\]/`,
  },
  "refuses a folder": {
    given: { nodes: { [grub]: { kind: "directory" } } },
    wish,
    does: [],
    ends: "failed",
    because: "is a directory, not a file",
  },
  "refuses bytes": {
    given: { files: { [grub]: "a\0b" } },
    wish,
    does: [],
    ends: "failed",
    because: "is not UTF-8 text, so it was left as it is",
  },
});

test("shows a diff", async () => {
  const { host } = fakeHost({ files: { [grub]: "X=1\n" } });
  const outcome = await converge({
    ...still,
    type: fileLine,
    params: fileLine.params.parse(wish),
    host,
  });
  expect(outcome).toMatchObject({
    changes: [{ diff: "@@ -1,1 +1,2 @@\n X=1\n+GRUB_TIMEOUT=1\n" }],
  });
});

test.each([
  [{}, "line: is required"],
  [{ line: "a\nb" }, "line: must be one line"],
  [{ line: "a", match_pattern: "(" }, "match_pattern: match_pattern, region_start"],
  [{ line: "a", position: "after" }, "position: must be end, begin"],
])("refuses %j", (more, message) => {
  const { error } = fileLine.params.safeParse({ target_path: grub, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("shares a file, but not a line", () => {
  const claim = (more: object) =>
    fileLine.claims(fileLine.params.parse({ target_path: grub, line: "a", ...more }))[0]?.part;
  expect([claim({}), claim({ match_pattern: "^a" }), claim({ region_start: "x" })]).toEqual([
    "line:a",
    "line:^a",
    "line:a in x…",
  ]);
});
