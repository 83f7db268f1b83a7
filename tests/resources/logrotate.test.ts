import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { logrotate } from "../../src/core/resources/logrotate.ts";
import { cases } from "../support/cases.ts";

const file = "/etc/logrotate.d/app";
const wish = {
  logrotate: "app",
  paths: ["/var/log/app/*.log", "/srv/a b.log"],
  options: ["daily"],
};
const text = '/var/log/app/*.log\n"/srv/a b.log" {\n    daily\n}\n';
const tool = { "/usr/sbin/logrotate": "" };
const proof =
  "! /usr/sbin/logrotate -d % 2>&1 | grep -E '^error: [^ ]+:[0-9]+ ' >&2 # logrotate -d";

cases(logrotate, {
  "writes a file": { given: {}, wish, does: [`write ${file}`], leaves: { [file]: text } },
  "leaves a right file alone": {
    given: { files: { [file]: text }, nodes: { [file]: { mode: 0o644, uid: 0, gid: 0 } } },
    wish,
    does: [],
  },
  "proves it where logrotate is there": {
    given: { files: tool, commands: { [proof]: "" } },
    wish: { ...wish, options: ["postrotate", "  { kill -HUP 1; }", "endscript"] },
    does: [`write ${file}`],
  },
  "writes nothing that is not valid": {
    given: { files: tool, commands: { [proof]: { code: 1, stdout: "", stderr: "" } } },
    wish: { ...wish, options: ["rotat 4"] },
    does: [],
    ends: "failed",
    leaves: { [file]: undefined },
  },
  "mends a mode": {
    given: { files: { [file]: text }, nodes: { [file]: { mode: 0o666, uid: 0, gid: 0 } } },
    wish,
    does: [`write ${file}`],
    says: { mode: ["0666", "0644"] },
  },
  "takes a file away": {
    given: { files: { [file]: text } },
    wish: { logrotate: "app", state: "absent" },
    does: [`remove ${file}`],
  },
  "takes nothing twice": { given: {}, wish: { logrotate: "app", state: "absent" }, does: [] },
});

test.each([
  [{ logrotate: "a" }, "paths: is required"],
  [{ ...wish, paths: ["a.log"] }, "paths.0: must be an absolute path"],
  [{ ...wish, options: ["}"] }, "options: must be one a line"],
  [{ ...wish, options: ["postrotate", "x"] }, "options: must be one a line"],
])("refuses %j", (wrong, message) => {
  const { error } = logrotate.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims its file", () => {
  expect(logrotate.claims(logrotate.params.parse(wish))).toEqual([{ id: `file:${file}` }]);
});
