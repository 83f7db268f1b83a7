import { createHash } from "node:crypto";
import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { fileIntegrity } from "../../src/core/resources/file_integrity.ts";
import { parseVerified } from "../../src/core/tools/package-files.ts";
import { cases } from "../support/cases.ts";
import { type Act, edits } from "../support/fake-host.ts";

const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const file = "/usr/bin/tool";
const good = sha("good");
const wish = { integrity: "tools", manifest: { [file]: good.toUpperCase() } };
const restore = { ...wish, action: "restore" };
const apt =
  "apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 install --reinstall --";
const configure = "dpkg --configure -a --force-confdef --force-confold";
const interrupted = {
  code: 100,
  stdout: "",
  stderr: "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct it\n",
};
const [noted, forgot] = ["note file_integrity:tools", "forget file_integrity:tools"];
const notFound = { code: 1, stdout: "", stderr: "dpkg-query: no path found" };
const verified: Act = (files) =>
  files.get(file) === "good" ? "" : { code: 2, stdout: `??5??????   ${file}\n`, stderr: "" };

cases(fileIntegrity, {
  "has nothing to say of what is right": {
    given: { files: { [file]: "good" }, commands: { "dpkg --verify tool": verified } },
    wish: { ...wish, packages: ["tool"] },
    does: [],
  },
  "names what was altered": {
    given: { files: { [file]: "evil" } },
    wish: { ...wish, manifest: { ...wish.manifest, "/usr/bin/gone": good } },
    does: [],
    ends: "failed",
    because: `not as they were made: ${file} (sha256 ${sha("evil").slice(0, 12)}), /usr/bin/gone (missing)`,
  },
  "brings it back out of its package, also from before /usr was one": {
    given: {
      files: { [file]: "evil" },
      commands: {
        [`dpkg -S -- ${file}`]: notFound,
        "dpkg -S -- /bin/tool": `diversion by x from: /bin/tool\ntool:amd64: /bin/tool\n`,
        [`${apt} tool`]: edits(file, () => "good"),
      },
    },
    wish: restore,
    does: [noted, `run ${apt} tool`, forgot],
    says: {
      [file]: [`sha256 ${sha("evil").slice(0, 12)}`, `sha256 ${good.slice(0, 12)}`],
    },
  },
  "brings back what its package finds altered": {
    given: {
      files: { [file]: "evil" },
      commands: {
        "dpkg --verify tool": verified,
        [`dpkg -S -- ${file}`]: `tool: ${file}\n`,
        [`${apt} tool`]: edits(file, () => "good"),
      },
    },
    wish: { integrity: "tools", packages: ["tool"], action: "restore" },
    does: [noted, `run ${apt} tool`, forgot],
    says: { [file]: ["altered", "as packaged"] },
  },
  "finishes first what dpkg was killed in": {
    given: {
      files: { [file]: "evil" },
      commands: {
        "dpkg --verify tool": verified,
        [`dpkg -S -- ${file}`]: `tool: ${file}\n`,
        [`${apt} tool`]: (files) => {
          if (files.get("/configured") === undefined) return interrupted;
          files.set(file, "good");
          return "";
        },
        [configure]: edits("/configured", () => "yes"),
      },
    },
    wish: { integrity: "tools", packages: ["tool"], action: "restore" },
    does: [noted, `run ${apt} tool`, `run ${configure}`, `run ${apt} tool`, forgot],
  },
  "makes whole what a killed run has only unpacked": {
    given: {
      files: { [file]: "good" },
      notes: { "file_integrity:tools": "tool" },
      commands: { "dpkg --verify tool": verified, [`${apt} tool`]: "" },
    },
    wish: { integrity: "tools", packages: ["tool"], action: "restore" },
    does: [`run ${apt} tool`, forgot],
    says: { packages: ["tool: left half installed", "tool"] },
  },
  "uses the package manager of the machine": {
    given: {
      os: { family: "rhel", distro: "rocky" },
      files: { [file]: "evil" },
      commands: {
        "rpm -V tool": (files) =>
          files.get(file) === "good"
            ? ""
            : { code: 1, stdout: `S.5....T.    ${file}\n`, stderr: "" },
        [`rpm -q --qf %{NAME}\n -f ${file}`]: "tool\n",
        "dnf -y reinstall tool": edits(file, () => "good"),
      },
    },
    wish: { integrity: "tools", packages: ["tool"], action: "restore" },
    does: [noted, "run dnf -y reinstall tool", forgot],
  },
  "cannot bring back what came in no package": {
    given: {
      files: { [file]: "evil" },
      commands: { [`dpkg -S -- ${file}`]: notFound, "dpkg -S -- /bin/tool": notFound },
    },
    wish: restore,
    does: [],
    ends: "failed",
    because: `of no package: ${file} (declare such files as type file`,
  },
  "wants the package to be there": {
    given: {
      commands: {
        "dpkg --verify tool": {
          code: 1,
          stdout: "",
          stderr: "dpkg: package 'tool' is not installed",
        },
      },
    },
    wish: { integrity: "tools", packages: ["tool"] },
    does: [],
    ends: "failed",
    because: "the package tool is not installed",
  },
  "does not know every package manager": {
    given: { os: { family: "alpine", distro: "alpine" } },
    wish: { integrity: "tools", packages: ["tool"] },
    does: [],
    ends: "failed",
    because: "packages: not for alpine",
  },
});

/** dpkg(1), "--verify-format rpm", and rpm(8), "VERIFY OPTIONS". */
test("what is printed of altered files", () => {
  const printed = [
    "??5??????   /usr/bin/ls",
    "??5?????? c /etc/sudoers",
    "missing     /usr/share/doc/x (Permission denied)",
    "missing   c /etc/gone",
    ".M.......    /usr/bin/mode",
    "S.5....T.    /usr/bin/with blank",
    "",
  ];
  expect(parseVerified(printed.join("\n"))).toEqual([
    "/usr/bin/ls",
    "/usr/share/doc/x",
    "/usr/bin/with blank",
  ]);
});

test.each([
  [{ integrity: "x" }, "manifest: write manifest, or packages"],
  [{ integrity: "x", manifest: { "/a": "1" } }, "manifest./a: must be a sha256"],
])("%j is refused", (params, because) => {
  const { error } = fileIntegrity.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});
