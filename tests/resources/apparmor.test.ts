import { expect, test } from "bun:test";
import { apparmor } from "../../src/core/resources/apparmor.ts";
import { parseLoaded } from "../../src/core/tools/apparmor.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const loaded = "/sys/kernel/security/apparmor/profiles";
const root = "/etc/apparmor.d";
const path = `${root}/app`;
const names = `apparmor_parser --names ${path}`;
const replace = `apparmor_parser --replace --skip-cache ${path}`;
const remove = "apparmor_parser --remove";
const removes = (name: string) => `run ${remove} < profile "${name}" {\n}`;
const check = "apparmor_parser --replace --skip-cache %";
const content = "profile app /opt/app {\n}\n";
const others = "/usr/bin/man (enforce)\n";
const is = (mode: string) => edits(loaded, () => `${others}app (${mode})\napp//sub (complain)\n`);
const gone = edits(loaded, () => others);
const folders = { [`${root}/disable`]: {}, [`${root}/force-complain`]: {} };
const given = (mode: string | undefined, more: object = {}) => ({
  files: { [loaded]: mode === undefined ? others : `${others}app (${mode})\n`, [path]: content },
  nodes: folders,
  ...more,
});
const says = { [names]: "app\napp//sub\n" };

cases(apparmor, {
  "writes what was proven, and loads it": {
    given: {
      files: { [loaded]: others },
      commands: {
        ...says,
        "apparmor_parser --names": "app\n",
        [check]: "",
        [replace]: is("enforce"),
      },
    },
    wish: { profile: "app", content },
    does: [`write ${path}`, `run ${replace}`],
    leaves: { [path]: content },
  },
  "leaves a right machine alone": {
    given: given("enforce", { commands: says }),
    wish: { profile: "app", content },
    does: [],
  },
  "enforces what only complained": {
    given: {
      ...given("complain", { commands: { ...says, [replace]: is("enforce") } }),
      nodes: { ...folders, [`${root}/force-complain/app`]: { kind: "symlink", target: path } },
    },
    wish: { profile: "app" },
    does: [`remove ${root}/force-complain/app`, `run ${replace}`],
    says: { "forced to complain": ["present", undefined], mode: ["complain", "enforce"] },
  },
  "only logs": {
    given: given("enforce", { commands: { ...says, [replace]: is("complain") } }),
    wish: { profile: "app", mode: "complain" },
    does: [`symlink ${root}/force-complain/app ${path}`, `run ${replace}`],
  },
  "takes it out, now and at boot": {
    given: given("enforce", { commands: { ...says, [remove]: gone } }),
    wish: { profile: "app", mode: "disable" },
    does: [removes("app"), `symlink ${root}/disable/app ${path}`],
  },
  "absent removes it": {
    given: given("enforce", { commands: { ...says, [remove]: gone } }),
    wish: { profile: "app", state: "absent" },
    does: [removes("app"), `remove ${path}`],
  },
  "what only logs never does more, also while it is written": {
    given: {
      files: { [loaded]: `${others}app (complain)\n`, [path]: "profile app /opt/app {}\n" },
      nodes: { ...folders, [`${root}/force-complain/app`]: { kind: "symlink", target: path } },
      commands: {
        ...says,
        "apparmor_parser --names": "app\n",
        "apparmor_parser --replace --skip-cache --Complain %": "",
        [replace]: is("complain"),
      },
    },
    wish: { profile: "app", content, mode: "complain" },
    does: [`write ${path}`, `run ${replace}`],
  },
  "what is out is proven and not loaded": {
    given: {
      files: { [loaded]: others },
      nodes: { ...folders, [`${root}/disable/app`]: { kind: "symlink", target: path } },
      commands: {
        ...says,
        "apparmor_parser --names": "app\n",
        "apparmor_parser --skip-kernel-load --skip-cache %": "",
      },
    },
    wish: { profile: "app", content, mode: "disable" },
    does: [`write ${path}`],
  },
  "a text that somebody broke is written anew": {
    given: {
      files: { [loaded]: `${others}app (enforce)\n`, [path]: "profile app {" },
      commands: {
        "apparmor_parser --names": "app\n",
        [names]: (files) =>
          files.get(path) === content ? "app\n" : { code: 1, stdout: "", stderr: "syntax error" },
        [check]: "",
        [replace]: "",
      },
    },
    wish: { profile: "app", content },
    does: [`write ${path}`, `run ${replace}`],
  },
  "of a broken text that is somebody's nobody can tell what is loaded": {
    given: given("enforce", {
      commands: { [names]: { code: 1, stdout: "", stderr: "syntax error, line 1" } },
    }),
    wish: { profile: "app", state: "absent" },
    does: [],
    ends: "failed",
    because: "is no profile: syntax error, line 1",
  },
  "a profile that a new text has no more is in force no longer": {
    given: {
      files: {
        [loaded]: `${others}app (enforce)\nold (enforce)\n`,
        [path]: "profile old /opt/old {}\n",
      },
      commands: {
        [names]: (files) => (files.get(path) === content ? "app\n" : "old\n"),
        "apparmor_parser --names": "app\n",
        [remove]: edits(loaded, () => `${others}app (enforce)\n`),
        [check]: "",
        [replace]: "",
      },
    },
    wish: { profile: "app", content },
    does: [removes("old"), `write ${path}`, `run ${replace}`],
  },
  "of several profiles those that are left are taken out": {
    given: {
      files: { [loaded]: `${others}second (enforce)\n`, [path]: content },
      nodes: folders,
      commands: { [names]: "app\nsecond\n", [remove]: gone },
    },
    wish: { profile: "app", state: "absent" },
    does: [removes("second"), `remove ${path}`],
  },
  "a text that says another mode by itself": {
    given: given("complain", { commands: { ...says, [replace]: is("complain") } }),
    wish: { profile: "app" },
    does: [`run ${replace}`],
    ends: "failed",
    because: "is loaded, and is complain all the same",
  },
  "a profile that is not there": {
    given: { files: { [loaded]: others } },
    wish: { profile: "app" },
    does: [],
    ends: "failed",
    because: "give content, or depend on the package",
  },
  "a text that is no profile is not written": {
    given: {
      files: { [loaded]: others },
      commands: {
        "apparmor_parser --names": { code: 1, stdout: "", stderr: "syntax error" },
        [check]: { code: 1, stdout: "", stderr: "syntax error" },
      },
    },
    wish: { profile: "app", content: "no" },
    does: [],
    ends: "failed",
    because: "not valid",
  },
  "a kernel without": {
    given: {},
    wish: { profile: "app", content },
    does: [],
    ends: "failed",
    because: "the kernel of this machine has no AppArmor",
  },
});

test("names may have blanks and parentheses", () => {
  expect([...parseLoaded("a (b) c (complain)\n/usr/bin/x (enforce)\n")]).toEqual([
    ["a (b) c", "complain"],
    ["/usr/bin/x", "enforce"],
  ]);
});
