import { expect, test } from "bun:test";
import { auditRule } from "../../src/core/resources/audit_rule.ts";
import { rulesOf, spelled } from "../../src/core/text/audit-rules.ts";
import { cases } from "../support/cases.ts";

const list = "auditctl -l";
const load = "augenrules --load";
const path = "/etc/audit/rules.d/50-who.rules";
const watch = "-w /etc/passwd -p wa -k who";
const listed = "-w /etc/passwd -p wa -k who\n-a always,exit -F arch=b64 -S sethostname -F key=x\n";
const wish = { audit_rule: "50-who", rules: [watch] };
const mode = { [path]: { kind: "file" as const, mode: 0o640 } };

const claim = "audit_rule:50-who";
const [note, forget] = [`note ${claim}`, `forget ${claim}`];

const free = { "auditctl -s": "enabled 1\nfailure 1\n" };

/** A kernel whose rules change when they are loaded. */
function kernel(before: string, after: string) {
  let now = before;
  return {
    ...free,
    [list]: () => now,
    [load]: () => {
      now = after;
      return "/sbin/augenrules: No change\n";
    },
  };
}

cases(auditRule, {
  "stores and loads": {
    given: { commands: kernel("No rules\n", listed) },
    wish,
    does: [note, `write ${path}`, `run ${load}`, forget],
    leaves: { [path]: `${watch}\n` },
  },
  "leaves a right machine alone": {
    given: { files: { [path]: `${watch}\n` }, nodes: mode, commands: { [list]: listed } },
    wish,
    does: [],
  },
  "loads what somebody took out of the kernel": {
    given: { files: { [path]: `${watch}\n` }, nodes: mode, commands: kernel("No rules\n", listed) },
    wish,
    does: [note, `run ${load}`, forget],
    says: { loaded: [undefined, watch] },
  },
  "tells that the audit is locked": {
    given: {
      commands: {
        "auditctl -s": "enabled 2\nfailure 1\n",
        [list]: "No rules\n",
        [load]: { code: 1, stdout: "", stderr: "Operation not permitted\n" },
      },
    },
    wish,
    // The next boot tells the kernel: a note would have every run until then fail, whatever the kernel has.
    does: [`write ${path}`, `run ${load}`],
    ends: "failed",
    because: "the audit is locked (-e 2) until the next boot",
  },
  "tells where there is none": {
    given: { commands: { [list]: { code: 127, stdout: "", stderr: "not found" } } },
    wish,
    does: [],
    ends: "failed",
    because: "is the package auditd (audit) installed",
  },
  "absent takes the rules out": {
    given: { files: { [path]: `# c\n${watch}\n` }, commands: kernel(listed, "No rules\n") },
    wish: { audit_rule: "50-who", state: "absent" },
    does: [note, `remove ${path}`, `run ${load}`, forget],
    says: { stored: ["32 bytes, sha256 41722502561d", undefined], loaded: [watch, undefined] },
  },
  "tells the kernel what a killed run has written and not told": {
    given: {
      files: { [path]: `${watch}\n` },
      nodes: mode,
      notes: { [claim]: "x" },
      commands: kernel(`${listed}-w /etc/shadow -p wa -k former\n`, listed),
    },
    wish,
    does: [note, `run ${load}`, forget],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "absent tells the kernel too where a killed run has not": {
    given: { notes: { [claim]: "x" }, commands: kernel(listed, "No rules\n") },
    wish: { audit_rule: "50-who", state: "absent" },
    does: [note, `run ${load}`, forget],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "knows accounts by name, as the kernel does not": {
    given: {
      files: {
        [path]: "-a always,exit -S open -F uid=www -F gid!=users -k x\n",
        "/etc/passwd": "www:x:33:33::/:/bin/false\n",
        "/etc/group": "users:x:100:\n",
      },
      nodes: mode,
      commands: { [list]: "-a always,exit -S open -F uid=33 -F gid!=100 -F key=x\n" },
    },
    wish: {
      audit_rule: "50-who",
      rules: ["-a always,exit -S open -F uid=www -F gid!=users -k x"],
    },
    does: [],
  },
  "only its mode is no matter of the kernel's": {
    given: { files: { [path]: `${watch}\n` }, commands: { [list]: listed } },
    wish,
    does: [`write ${path}`],
  },
  "absent where there is nothing asks nobody": {
    given: {},
    wish: { audit_rule: "50-who", state: "absent" },
    does: [],
  },
});

test.each([
  ["-w /etc/sudoers.d/ -k a", "-w /etc/sudoers.d -p rwxa -k a"],
  ["-w /etc/passwd -p aw -k a", "-w /etc/passwd -p wa -k a"],
  [
    "-a exit,always -F arch=b64 -S open,openat -S creat -k x",
    "-a always,exit -F arch=b64 -S open,creat,openat -F key=x",
  ],
  [
    "-a always,exit -F path=/bin/su -F perm=xr -F auid!=unset -k x",
    "-a always,exit -S all -F path=/bin/su -F perm=rx -F auid!=-1 -F key=x",
  ],
  // As auditctl 3.0.9 has listed them.
  [
    "-a always,exit -F arch=b64 -S open -F a0=3 -F a1&4 -k n1",
    "-a always,exit -F arch=b64 -S open -F a0=0x3 -F a1&0x4 -F key=n1",
  ],
  [
    "-a always,exit -F arch=b64 -S open -F exit=-13 -k n2",
    "-a always,exit -F arch=b64 -S open -F exit=-EACCES -F key=n2",
  ],
  [
    "-a always,exit -F path=/etc/shadow -F filetype=file -k n6",
    "-a always,exit -S all -F path=/etc/shadow -F filetype=32768 -F key=n6",
  ],
  [
    "-a always,exit -F arch=x86_64 -S close -F devmajor=0x8 -k n7",
    "-a always,exit -F arch=b64 -S close -F devmajor=8 -F key=n7",
  ],
  ["-A always,exit -F arch=b64 -S mount -k n12", "-a always,exit -F arch=b64 -S mount -F key=n12"],
  [
    "-a always,exit -F arch=b64 -C euid!=uid -F euid=0 -S execve -k n14",
    "-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -F key=n14",
  ],
  [
    "-a always,exit -F arch=b64 -S kill -F a1=9 -F sessionid=unset -k n15 -k n16",
    "-a always,exit -F arch=b64 -S kill -F a1=0x9 -F sessionid=-1 -F key=n15 -F key=n16",
  ],
  ["-a never,task -F auid!=4294967295", "-a never,task -F auid!=-1"],
])("%s is listed as %s", (asked, shown) => {
  expect(spelled(asked)).toBe(spelled(shown));
});

test.each([
  ["-w /etc/passwd -p wa -k a", "-w /etc/passwd -p w -k a"],
  ["-a always,exit -F uid=0 -S open", "-a always,exit -F uid!=0 -S open"],
  ["-a always,exit -S open", "-a never,exit -S open"],
  ["-a always,exit -S kill -F a1=9", "-a always,exit -S kill -F a1=0xa"],
  ["-a always,exit -F exit=-13", "-a always,exit -F exit=-EPERM"],
  ["-a always,exit -C auid!=uid", "-a always,exit -C auid=uid"],
])("%s is not %s", (one, other) => {
  expect(spelled(one)).not.toBe(spelled(other));
});

test("settings of the audit are no rules", () => {
  expect(rulesOf("-D\n-b 8192\n# x\n -w /a -p w\n--backlog_wait_time 6\n")).toEqual(["-w /a -p w"]);
});
