import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { keyValue } from "../../src/core/resources/key_value.ts";
import { cases } from "../support/cases.ts";

const sshd = "/etc/ssh/sshd_config";
const cloud = "/etc/ssh/sshd_config.d/50-cloud-init.conf";
const defs = "/etc/login.defs";
const wish = { target_path: sshd, key: "PermitRootLogin", value: "no" };
const debian = "Include /etc/ssh/sshd_config.d/*.conf\n#PermitRootLogin yes\nUsePAM yes\n";

cases(keyValue, {
  "sets it beside its example": {
    given: { files: { [sshd]: debian } },
    wish,
    does: [`write ${sshd}`],
    leaves: {
      [sshd]:
        "Include /etc/ssh/sshd_config.d/*.conf\n#PermitRootLogin yes\nPermitRootLogin no\nUsePAM yes\n",
    },
    says: { value: [undefined, "PermitRootLogin no"] },
  },
  "sets it before an included file that says otherwise": {
    given: { files: { [sshd]: debian, [cloud]: "PermitRootLogin yes\n" } },
    wish,
    does: [`write ${sshd}`],
    leaves: { [sshd]: `PermitRootLogin no\n${debian}` },
  },
  "is content with what an included file says": {
    given: { files: { [sshd]: debian, [cloud]: "PermitRootLogin no\n" } },
    wish,
    does: [],
  },
  "finds included files in any folder": {
    given: {
      files: {
        [sshd]: "Include /etc/ssh/*/x*.conf\n",
        "/etc/ssh/a/xy.conf": "PermitRootLogin yes\n",
      },
    },
    wish,
    does: [`write ${sshd}`],
    leaves: { [sshd]: "PermitRootLogin no\nInclude /etc/ssh/*/x*.conf\n" },
  },
  "a hidden file is not included": {
    given: {
      files: {
        [sshd]: "Include /etc/ssh/a/*\n",
        "/etc/ssh/a/.x.conf.swp": "PermitRootLogin yes\n",
      },
    },
    wish,
    does: [`write ${sshd}`],
    leaves: { [sshd]: "Include /etc/ssh/a/*\nPermitRootLogin no\n" },
  },
  "does not take a Match block for the answer": {
    given: { files: { [sshd]: "Match User git\n\tPermitRootLogin no\n" } },
    wish,
    does: [`write ${sshd}`],
    leaves: { [sshd]: "PermitRootLogin no\nMatch User git\n\tPermitRootLogin no\n" },
  },
  "makes an included file": {
    given: { files: { [sshd]: debian }, nodes: { "/etc/ssh/sshd_config.d": {} } },
    wish: { ...wish, target_path: cloud, create: true },
    does: [`write ${cloud}`],
    leaves: { [cloud]: "PermitRootLogin no\n" },
  },
  "makes an included file, beside what a killed run has left of it": {
    given: {
      files: {
        [sshd]: debian,
        "/etc/ssh/sshd_config.d/.vigo-new.50-cloud-init.conf": "PermitRootLogin no\n",
      },
    },
    wish: { ...wish, target_path: cloud, create: true },
    does: [`write ${cloud}`],
    leaves: { [cloud]: "PermitRootLogin no\n" },
  },
  "makes no file for what another one says already": {
    given: { files: { [sshd]: `PermitRootLogin no\n${debian}` } },
    wish: { ...wish, target_path: cloud, create: true },
    does: [],
  },
  "proves sshd's files with sshd": {
    given: {
      files: { [sshd]: debian, "/usr/sbin/sshd": "" },
      commands: {
        'said=$(/usr/sbin/sshd -t -f % 2>&1) || case "$said" in *"no hostkeys available"*|*"privilege separation directory"*) ;; *) echo "$said" >&2; exit 1;; esac # sshd -t':
          { code: 1, stdout: "", stderr: "" },
      },
    },
    wish: { ...wish, value: "nonsense" },
    does: [],
    ends: "failed",
    leaves: { [sshd]: debian },
  },
  "says who else decides": {
    given: { files: { [sshd]: debian, [cloud]: "Port 23\n" } },
    wish: { ...wish, key: "Port", value: 22 },
    does: [],
    ends: "failed",
    because: `${cloud}, line 1, says Port 23 and counts`,
  },
  "takes a setting away": {
    given: { files: { [sshd]: `${debian}permitrootlogin no` } },
    wish: { ...wish, state: "absent" },
    does: [`write ${sshd}`],
    leaves: { [sshd]: debian.trimEnd() },
    says: { value: ["permitrootlogin no", undefined] },
  },
  "mends other files of settings, keeping their blanks": {
    given: { files: { [defs]: "# Days\nPASS_MAX_DAYS\t99999\nUMASK\t\t022" } },
    wish: { target_path: defs, key: "PASS_MAX_DAYS", value: 90 },
    does: [`write ${defs}`],
    leaves: { [defs]: "# Days\nPASS_MAX_DAYS\t90\nUMASK\t\t022" },
  },
  "takes a separator and a comment sign": {
    given: { files: { "/etc/x": "!a = 1\nb = 2 ! two\n" } },
    wish: { target_path: "/etc/x", key: "a", value: "3", separator: " = ", comment_char: "!" },
    does: ["write /etc/x"],
    leaves: { "/etc/x": "!a = 1\na = 3\nb = 2 ! two\n" },
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "not there",
  },
  "takes nothing from no file": { given: {}, wish: { ...wish, state: "absent" }, does: [] },
});

test.each([
  [{ key: "Match", value: "User x" }, "key: is no setting"],
  [{ key: "Port" }, "value: is required"],
  [{ key: "Port", value: "" }, "value: must not be empty"],
  [{ key: "a b", value: "1" }, "key: must be the name of a setting"],
  [{ key: "a", value: "1", comment_char: "x" }, "comment_char: must be one to four signs"],
])("refuses %j", (more, message) => {
  const { error } = keyValue.params.safeParse({ target_path: sshd, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims a setting by the name the program knows", () => {
  const part = (more: object) =>
    keyValue.claims(keyValue.params.parse({ ...wish, ...more }))[0]?.part;
  expect([
    part({}),
    part({ target_path: defs }),
    part({ key: "Subsystem", value: "sftp internal-sftp" }),
  ]).toEqual(["key:permitrootlogin", "key:PermitRootLogin", "key:subsystem sftp"]);
});
