import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { exec } from "../../src/core/resources/exec.ts";
import { cases } from "../support/cases.ts";
import type { Act, Answer } from "../support/fake-host.ts";

const no = { code: 1, stdout: "", stderr: "" };
const done: Act = (files) => {
  files.set("/srv/db/VERSION", "15");
  return "";
};
const made: Answer = (files) => (files.has("/srv/db/VERSION") ? "" : no);
const lacking: Answer = (files) => (files.has("/srv/db/VERSION") ? no : "");
const command = ["initdb", "/srv/db"];
const run = "run initdb /srv/db";

cases(exec, {
  "runs until what it creates is there": {
    given: { commands: { "initdb /srv/db": done } },
    wish: { command, creates: "/srv/db/VERSION" },
    does: [run],
    says: { command: ["not done", "done"] },
  },
  "has nothing to do when it is": {
    given: { files: { "/srv/db/VERSION": "15" } },
    wish: { command, creates: "/srv/db/VERSION" },
    does: [],
  },
  "runs unless its guard is content": {
    given: { commands: { "initdb /srv/db": done, "have db": made } },
    wish: { command: "initdb /srv/db", unless: "have db" },
    does: [run],
  },
  "runs only if its guard asks for it": {
    given: { commands: { "initdb /srv/db": done, "lacks db": lacking } },
    wish: { command, onlyif: "lacks db" },
    does: [run],
  },
  "runs when all guards ask": {
    given: { files: { "/etc/passwd": "" } },
    wish: { command, onlyif: "never asked", creates: "/etc/passwd", unless: "never asked" },
    does: [],
  },
  "says when it would run every cycle": {
    given: { commands: { "initdb /srv/db": "", "have db": made } },
    wish: { command, unless: "have db" },
    does: [run],
    ends: "failed",
    because: "the guard still asks for it: it would run every cycle",
  },
  "tells what was printed": {
    given: { commands: { "initdb /srv/db": { code: 3, stdout: "", stderr: "disk on fire" } } },
    wish: { command, creates: "/srv/db/VERSION" },
    does: [run],
    ends: "failed",
    because: "exit 3: disk on fire",
  },
  "takes other exit codes for success": {
    given: {
      commands: {
        "initdb /srv/db": (files) => {
          files.set("/srv/db/VERSION", "15");
          return { code: 3, stdout: "", stderr: "" };
        },
      },
    },
    wish: { command, creates: "/srv/db/VERSION", returns: [0, 3] },
    does: [run],
  },
  "fails when its guard cannot run even afterwards": {
    given: {
      commands: {
        "initdb /srv/db": "",
        "have db": { code: 127, stdout: "", stderr: "have: not found" },
      },
    },
    wish: { command, unless: "have db" },
    does: [run],
    ends: "failed",
    because: "the guard could not run: have: not found",
  },
  "fails when it cannot tell whether it is needed": {
    given: { commands: { "lacks db": { code: 127, stdout: "", stderr: "lacks: not found" } } },
    wish: { command, onlyif: "lacks db" },
    does: [],
    ends: "failed",
    because: "the guard could not run: lacks: not found",
  },
  "waits for its account": {
    given: {
      commands: {
        "initdb /srv/db": (files) => {
          files.set("/etc/passwd", "db:x:7:7::/:/bin/sh\n");
          return done(files);
        },
        "have db": made,
      },
    },
    wish: { command, unless: "have db", user: "db" },
    does: [run],
  },
  "waits for its folder": {
    given: {
      commands: {
        "initdb /srv/db": (files) => {
          files.set("/srv/new/x", "");
          return done(files);
        },
        "have db": made,
      },
    },
    wish: { command, unless: "have db", cwd: "/srv/new" },
    does: [run],
  },
  "reads what it is given, and is nice": {
    given: { commands: { "nice -n 10 sh -c initdb /srv/db": done } },
    wish: { command: "initdb /srv/db", creates: "/srv/db/VERSION", nice: "10", stdin: "yes\n" },
    does: ["run nice -n 10 sh -c initdb /srv/db < yes"],
  },
  "waits for a notification": {
    given: {},
    wish: { command, refresh_only: true },
    does: [],
    ends: "skipped",
  },
  "runs when notified": {
    given: { commands: { "initdb /srv/db": "" } },
    wish: { command, refresh_only: true },
    notified: true,
    does: [run],
  },
  "goes to the background when notified": {
    given: { commands: { 'sh -c "$@" </dev/null >/dev/null 2>&1 & sh initdb /srv/db': "" } },
    wish: { command, background: true },
    notified: true,
    does: ['run sh -c "$@" </dev/null >/dev/null 2>&1 & sh initdb /srv/db'],
  },
});

test.each([
  [{ command }, "unless: an exec has a guard"],
  [{ command, refresh_only: true, unless: "x" }, "unless: an exec has a guard"],
  [{ command, creates: "/x", timeout: "soon" }, "timeout: must be a time"],
])("refuses %j", (given, message) => {
  const { error } = exec.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("an action owns nothing, and its time is in milliseconds", () => {
  const params = exec.params.parse({ command, refresh_only: true, timeout: "2m" });
  expect([claimsOf(exec, params), params.timeout]).toEqual([[], 120_000]);
});
