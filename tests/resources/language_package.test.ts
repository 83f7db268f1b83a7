import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { languagePackage } from "../../src/core/resources/language_package.ts";
import { pip } from "../../src/core/tools/pip.ts";
import { cases } from "../support/cases.ts";
import { type Act, edits, type FakeInit } from "../support/fake-host.ts";

const site = "/opt/env/lib/python3.11/site-packages";
const pipIn = "/opt/env/bin/python -m pip --disable-pip-version-check";
const list = "python3 -m pip --disable-pip-version-check list --format=json";
const npm = "npm --global --prefix /usr/local --no-update-notifier";
const installed = "/usr/local/lib/node_modules/@scope/tool/package.json";
const retired = "/usr/local/lib/node_modules/@scope/.tool-AbCd1234";
const again = `run ${npm} install --no-audit --no-fund -- @scope/tool@2.0.0`;
/** A package in the right version, and a file that tells that it is not whole. */
const halfDone = (sign: string): FakeInit => ({
  files: { [installed]: '{"version": "2.0.0", "bin": "run.js"}', [sign]: "" },
  commands: { [again.slice("run ".length)]: edits(installed, () => '{"version": "2.0.0"}') },
});
const crates = (version: string) =>
  `[v1]\n"other 0.1.0 (registry+https://x)" = ["other"]\n"tool ${version} (registry+https://x)" = ["tool"]\n`;
const built = (path: string, version: string) =>
  `/usr/local/bin/tool: go1.19.8\n\tpath\t${path}\n\tmod\texample.net/tool\t${version}\th1:abc=\n`;
const json = "/usr/local/share/composer/vendor/composer/installed.json";

const pipAnswers = "/opt/env/bin/python -m pip --version";
/** Who installed it is what pip notes last. */
const installs =
  (what: string): Act =>
  (files) => {
    files.set(`${site}/${what}.dist-info/METADATA`, "");
    files.set(`${site}/${what}.dist-info/INSTALLER`, "");
    return "";
  };

cases(languagePackage, {
  "of pip, in a virtualenv that is made": {
    given: {
      commands: {
        [pipAnswers]: { code: 127, stdout: "", stderr: "" },
        "python3 -m venv /opt/env": "",
        [`${pipIn} install -q --no-input -- Some_Tool==1.0`]: installs("some_tool-1.0.0"),
      },
    },
    wish: { ecosystem: "pip", package: "Some_Tool", version: "1.0", environment_path: "/opt/env" },
    does: ["run python3 -m venv /opt/env", `run ${pipIn} install -q --no-input -- Some_Tool==1.0`],
    says: { version: [undefined, "1.0"] },
  },
  "of pip, another version": {
    given: {
      files: {
        [`${site}/some_tool-1.1.dist-info/INSTALLER`]: "",
        [`${site}/pip-23.0.dist-info/INSTALLER`]: "",
      },
      commands: {
        [`${pipIn} install -q --no-input -- some.tool==1.0`]: (files) => {
          files.delete(`${site}/some_tool-1.1.dist-info/INSTALLER`);
          return installs("some_tool-1.0")(files);
        },
      },
    },
    wish: { ecosystem: "pip", package: "some.tool", version: "1.0", environment_path: "/opt/env" },
    does: [`run ${pipIn} install -q --no-input -- some.tool==1.0`],
    says: { version: ["1.1", "1.0"] },
  },
  "of pip, in a virtualenv that a killed run has begun": {
    given: {
      files: { "/opt/env/bin/python": "", [`${site}/pip-23.0.dist-info/METADATA`]: "" },
      commands: {
        "python3 -m venv /opt/env": installs("pip-23.0"),
        [`${pipIn} install -q --no-input -- tool`]: installs("tool-1.0"),
      },
    },
    wish: { ecosystem: "pip", package: "tool", environment_path: "/opt/env" },
    does: [
      `remove ${site}/pip-23.0.dist-info`,
      "run python3 -m venv /opt/env",
      `run ${pipIn} install -q --no-input -- tool`,
    ],
  },
  "of pip, in one whose pip is the system's": {
    given: {
      files: { "/opt/env/bin/python": "" },
      commands: {
        [pipAnswers]: "pip 23.0",
        [`${pipIn} install -q --no-input -- tool`]: installs("tool-1.0"),
      },
    },
    wish: { ecosystem: "pip", package: "tool", environment_path: "/opt/env" },
    does: [`run ${pipIn} install -q --no-input -- tool`],
  },
  "of pip, which a killed run has half installed": {
    given: {
      files: {
        [`${site}/tool-1.0.dist-info/METADATA`]: "",
        [`${site}/pip-23.0.dist-info/INSTALLER`]: "",
      },
      commands: { [`${pipIn} install -q --no-input -- tool==1.0`]: installs("tool-1.0") },
    },
    wish: { ecosystem: "pip", package: "tool", version: "1.0", environment_path: "/opt/env" },
    does: [`remove ${site}/tool-1.0.dist-info`, `run ${pipIn} install -q --no-input -- tool==1.0`],
    says: { version: [undefined, "1.0"] },
  },
  "of the system's pip, there already": {
    given: {
      files: { "/usr/bin/pip3": "" },
      commands: { [list]: '[{"name": "Some-Tool", "version": "1.0"}]' },
    },
    wish: { ecosystem: "pip", package: "some_tool" },
    does: [],
  },
  "of the system's pip, which is not its own": {
    given: {
      files: { "/usr/bin/pip3": "" },
      commands: {
        [list]: "[]",
        "python3 -m pip --disable-pip-version-check install -q --no-input -- tool": {
          code: 1,
          stdout: "",
          stderr: "error: externally-managed-environment\n\n× This environment …",
        },
      },
    },
    wish: { ecosystem: "pip", package: "tool" },
    does: ["run python3 -m pip --disable-pip-version-check install -q --no-input -- tool"],
    ends: "failed",
    because: "give it a virtualenv with environment_path",
  },
  "of npm": {
    given: {
      commands: {
        [`${npm} install --no-audit --no-fund -- @scope/tool@2.0.0`]: (files) => {
          files.set(installed, '{"version": "2.0.0"}');
          return "";
        },
      },
    },
    wish: { ecosystem: "npm", package: "@scope/tool", version: "2.0.0" },
    does: [`run ${npm} install --no-audit --no-fund -- @scope/tool@2.0.0`],
  },
  "of npm, gone": {
    given: {
      files: { [installed]: '{"version": "2.0.0"}' },
      commands: {
        [`${npm} uninstall -- @scope/tool`]: (files) => {
          files.delete(installed);
          return "";
        },
      },
    },
    wish: { ecosystem: "npm", package: "@scope/tool", state: "absent" },
    does: [`run ${npm} uninstall -- @scope/tool`],
  },
  "of npm, whose registry does not answer": {
    given: {
      commands: {
        [`${npm} install --no-audit --no-fund -- tool`]: {
          code: 1,
          stdout: "",
          stderr: "npm ERR! code EAI_AGAIN\nnpm ERR! errno EAI_AGAIN",
        },
      },
    },
    wish: { ecosystem: "npm", package: "tool" },
    does: [`run ${npm} install --no-audit --no-fund -- tool`],
    ends: "blocked",
    because: "the registry does not answer",
  },
  "of npm, which a killed run has half installed": {
    given: {
      files: { [installed]: "{" },
      commands: {
        [`${npm} install --no-audit --no-fund -- @scope/tool`]: (files) => {
          files.set(installed, '{"version": "2.0.0"}');
          return "";
        },
      },
    },
    wish: { ecosystem: "npm", package: "@scope/tool" },
    does: [
      "remove /usr/local/lib/node_modules/@scope/tool",
      `run ${npm} install --no-audit --no-fund -- @scope/tool`,
    ],
    says: { version: ["damaged", "installed"] },
  },
  "of npm, with its programs": {
    given: {
      files: {
        [installed]: '{"version": "2.0.0", "bin": {"tool": "./run.js", "other": "none.js"}}',
        [installed.replace("package.json", "run.js")]: "",
      },
      nodes: { "/usr/local/bin/tool": { kind: "symlink", target: "../lib/node_modules/x" } },
    },
    wish: { ecosystem: "npm", package: "@scope/tool", version: "2.0.0" },
    does: [],
  },
  "of npm, whose program is not linked yet": {
    given: halfDone(installed.replace("package.json", "run.js")),
    wish: { ecosystem: "npm", package: "@scope/tool", version: "2.0.0" },
    does: ["remove /usr/local/lib/node_modules/@scope/tool", again],
    says: { version: ["half installed", "2.0.0"] },
  },
  "of npm, whose former version is still there": {
    given: halfDone(`${retired}/package.json`),
    wish: { ecosystem: "npm", package: "@scope/tool", version: "2.0.0" },
    does: ["remove /usr/local/lib/node_modules/@scope/tool", `remove ${retired}`, again],
    says: { version: ["half installed", "2.0.0"] },
  },
  "of gem, a version that is spelled shorter": {
    given: {
      files: { "/usr/bin/gem": "" },
      commands: { "gem list --local": "tool (1.1.0, 1.0.0)\n" },
    },
    wish: { ecosystem: "gem", package: "tool", version: "1.0" },
    does: [],
  },
  "of gem, beside another version": {
    given: {
      files: { "/usr/bin/gem": "", "/run/gems": "rake (13.0.6)\ntool (1.1.0, default: 1.0.9)\n" },
      commands: {
        "gem list --local": (files) => files.get("/run/gems") ?? "",
        "gem install --no-document --version 1.0.0 tool": (files) => {
          files.set("/run/gems", "tool (1.1.0, 1.0.0 ruby x86_64-linux)\n");
          return "";
        },
      },
    },
    wish: { ecosystem: "gem", package: "tool", version: "1.0.0" },
    does: ["run gem install --no-document --version 1.0.0 tool"],
    says: { version: ["1.1.0", "1.0.0"] },
  },
  "of cargo": {
    given: {
      files: { "/usr/local/.crates.toml": crates("1.0.0") },
      commands: {
        "cargo install -q --root /usr/local --version =1.2.0 -- tool": (files) => {
          files.set("/usr/local/.crates.toml", crates("1.2.0"));
          return "";
        },
      },
    },
    wish: { ecosystem: "cargo", package: "tool", version: "1.2.0" },
    does: ["run cargo install -q --root /usr/local --version =1.2.0 -- tool"],
    says: { version: ["1.0.0", "1.2.0"] },
  },
  "of go, which a killed run has half copied": {
    given: {
      files: { "/usr/bin/go": "", "/usr/local/bin/tool": "x" },
      commands: {
        "go version -m /usr/local/bin/tool": (files) =>
          files.get("/usr/local/bin/tool") === "x"
            ? { code: 1, stdout: "", stderr: "/usr/local/bin/tool: could not read Go build info" }
            : built("example.net/tool", "v1.0.0"),
        "go install example.net/tool@latest": (files) => {
          files.set("/usr/local/bin/tool", "whole");
          return "";
        },
      },
    },
    wish: { ecosystem: "go", package: "example.net/tool" },
    does: ["run go install example.net/tool@latest"],
    says: { version: ["another program, not of Go", "installed"] },
  },
  "of go, in whose place another program stands": {
    given: {
      files: { "/usr/bin/go": "", "/usr/local/bin/tool": "other.net/tool" },
      commands: {
        "go version -m /usr/local/bin/tool": (files) =>
          built(files.get("/usr/local/bin/tool") ?? "", "v1.0.0"),
        "go install example.net/tool/v2@v1.0.0": (files) => {
          files.set("/usr/local/bin/tool", "example.net/tool/v2");
          return "";
        },
      },
    },
    wish: { ecosystem: "go", package: "example.net/tool/v2", version: "1.0.0" },
    does: ["run go install example.net/tool/v2@v1.0.0"],
    says: { version: ["another program, other.net/tool", "1.0.0"] },
  },
  "of go, gone": {
    given: {
      files: { "/usr/bin/go": "", "/usr/local/bin/tool": "x" },
      commands: { "go version -m /usr/local/bin/tool": built("example.net/tool", "v1.0.0") },
    },
    wish: { ecosystem: "go", package: "example.net/tool", state: "absent" },
    does: ["remove /usr/local/bin/tool"],
  },
  "of composer": {
    given: {
      nodes: { "/usr/local/share": {} },
      commands: {
        "composer -q -n --working-dir=/usr/local/share/composer require -- Vendor/tool:1.0": (
          files,
        ) => {
          files.set(json, '{"packages": [{"name": "vendor/tool", "version": "v1.0.0"}]}');
          return "";
        },
      },
    },
    wish: { ecosystem: "composer", package: "Vendor/tool", version: "1.0" },
    does: [
      "mkdir /usr/local/share/composer",
      "run composer -q -n --working-dir=/usr/local/share/composer require -- Vendor/tool:1.0",
    ],
  },
});

test.each([
  ["1.0", "1.0.0", true],
  ["1.0rc1", "1.0.0-RC1", true],
  ["v1.2", "1.2", true],
  ["1.0.post1", "1.0-post1", true],
  ["1!1.0", "1!1", true],
  ["1.10", "1.1", false],
  ["1.0.1", "1.1", false],
  ["1.0rc1", "1.0", false],
])("pip takes %s and %s for one version: %p", (a, b, same) => {
  expect(pip.same(a, b)).toBe(same);
});

test("has one owner for each package of each environment", () => {
  const claim = (wish: object) =>
    claimsOf(
      languagePackage,
      languagePackage.params.parse({ ecosystem: "pip", package: "A", ...wish }),
    );
  expect(claim({})).toEqual([{ id: "pip:", part: "package:a" }]);
  expect(claim({ environment_path: "/opt/x" })).toEqual([{ id: "pip:/opt/x", part: "package:a" }]);
});

test.each([
  [{ ecosystem: "cpan", package: "x" }, "ecosystem: must be one of pip, npm"],
  [{ ecosystem: "npm", package: "--x" }, "package: must be the name"],
  [{ ecosystem: "npm", package: "x", version: "^1" }, "version: must be a version"],
])("refuses %j", (wish, message) => {
  const { error } = languagePackage.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
