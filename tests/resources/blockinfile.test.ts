import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { blockinfile } from "../../src/core/resources/blockinfile.ts";
import { cases } from "../support/cases.ts";

const rc = "/etc/bash.bashrc";
const wish = { target_path: rc, label: "proxy", block_content: "export A=1\nexport B=2\n" };
const block = "# BEGIN proxy\nexport A=1\nexport B=2\n# END proxy\n";

cases(blockinfile, {
  "adds a block": {
    given: { files: { [rc]: "umask 022\n" } },
    wish,
    does: [`write ${rc}`],
    leaves: { [rc]: `umask 022\n${block}` },
    says: { block: [undefined, block.trimEnd()] },
  },
  "leaves a right block alone": { given: { files: { [rc]: `a\n${block}b` } }, wish, does: [] },
  "mends a block in place": {
    given: { files: { [rc]: "# BEGIN proxy\nexport A=1\n# END proxy\nb\n" } },
    wish,
    does: [`write ${rc}`],
    leaves: { [rc]: `${block}b\n` },
    says: { block: [undefined, "export B=2"] },
  },
  "takes markers as they are given": {
    given: { files: { [rc]: "x\n" } },
    wish: {
      ...wish,
      block_content: "y",
      marker_begin: "; <",
      marker_end: "; >",
      position: "begin",
    },
    does: [`write ${rc}`],
    leaves: { [rc]: "; <\ny\n; >\nx\n" },
  },
  "makes a file with its mode": {
    given: {},
    wish: { ...wish, create: true, mode: "0600" },
    does: [`write ${rc}`],
    leaves: { [rc]: block },
  },
  "mends the mode": {
    given: { files: { [rc]: block }, nodes: { [rc]: { mode: 0o666 } } },
    wish: { ...wish, mode: "go-w" },
    does: [`chmod ${rc} 644`],
    says: { mode: ["0666", "0644"] },
  },
  "proves the new text": {
    given: {
      files: { [rc]: "x\n" },
      commands: { "bash -n %": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { ...wish, validate: "bash -n %" },
    does: [],
    ends: "failed",
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "not there",
  },
  "refuses half a block": {
    given: { files: { [rc]: "x\n# BEGIN proxy\n" } },
    wish,
    does: [],
    ends: "failed",
    because: `${rc}: its markers are not one pair: lines 2 (leave one "# BEGIN proxy"`,
  },
  "takes a block away": {
    given: { files: { [rc]: `a\n${block}b` } },
    wish: { target_path: rc, label: "proxy", state: "absent" },
    does: [`write ${rc}`],
    leaves: { [rc]: "a\nb" },
  },
  "takes nothing from no file": {
    given: {},
    wish: { target_path: rc, state: "absent", mode: "0600" },
    does: [],
  },
});

test.each([
  [{}, "block_content: is required"],
  [{ block_content: "# END vigo" }, "block_content: holds one of its own markers"],
  [{ block_content: "", marker_begin: "#", marker_end: " #" }, "marker_end: must be another"],
  [{ block_content: "", position: "x" }, "position: must be"],
])("refuses %j", (more, message) => {
  const { error } = blockinfile.params.safeParse({ target_path: rc, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("two blocks share a file", () => {
  const claims = (label: string) =>
    blockinfile.claims(blockinfile.params.parse({ ...wish, label }));
  expect(claims("a")).toEqual([{ id: `file:${rc}`, part: "block:# BEGIN a" }]);
});
