import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { claimsOf } from "../../src/core/resource.ts";
import { pam } from "../../src/core/resources/pam.ts";
import { cases, said } from "../support/cases.ts";

const file = "/etc/pam.d/sshd";
const stack = "# sshd\nauth required pam_unix.so # ours\nsession required pam_unix.so\n";
const modules = {
  "/usr/lib/x86_64-linux-gnu/security/pam_faildelay.so": "",
  "/usr/lib/x86_64-linux-gnu/security/pam_env.so": "",
};
const wish = { service: "sshd", entries: ["auth required pam_faildelay.so delay=1"] };

cases(pam, {
  "puts a line behind those of its type": {
    given: { files: { ...modules, [file]: stack } },
    wish,
    does: [`write ${file}`],
    leaves: {
      [file]:
        "# sshd\nauth required pam_unix.so # ours\nauth\trequired\tpam_faildelay.so delay=1\nsession required pam_unix.so\n",
    },
    says: { entries: [undefined, "auth\trequired\tpam_faildelay.so delay=1"] },
  },
  "keeps several in their order, at the begin too": {
    given: { files: { ...modules, [file]: stack } },
    wish: {
      ...wish,
      entries: ["auth required pam_env.so", "auth required pam_faildelay.so"],
      position: "begin",
    },
    does: [`write ${file}`],
    leaves: {
      [file]: stack.replace(
        "auth",
        "auth\trequired\tpam_env.so\nauth\trequired\tpam_faildelay.so\nauth",
      ),
    },
  },
  "leaves alone what stands, whatever its blanks": {
    given: { files: { [file]: `${stack}auth  required   pam_faildelay.so  delay=1 # note\n` } },
    wish,
    does: [],
  },
  "mends a line in its place": {
    given: { files: { ...modules, [file]: `auth optional pam_faildelay.so delay=9\n${stack}` } },
    wish,
    does: [`write ${file}`],
    leaves: { [file]: `auth\trequired\tpam_faildelay.so delay=1\n${stack}` },
  },
  "takes a line away": {
    given: { files: { [file]: stack } },
    wish: { service: "sshd", entries: ["session required pam_unix.so"], state: "absent" },
    does: [`write ${file}`],
    leaves: { [file]: "# sshd\nauth required pam_unix.so # ours\n" },
  },
  "has nothing to take from a service that is not there": {
    given: {},
    wish: { ...wish, state: "absent" },
    does: [],
  },
  "locks nobody out": {
    given: { files: { [file]: stack } },
    wish,
    does: [],
    ends: "failed",
    because: "pam_faildelay.so is not on this machine: with it nobody could log in",
  },
  "may name a module that is not there when it says so": {
    given: { files: { [file]: stack } },
    wish: { ...wish, entries: ["-auth optional pam_none.so"] },
    does: [`write ${file}`],
  },
  "makes no service": {
    given: { files: modules },
    wish,
    does: [],
    ends: "failed",
    because: "/etc/pam.d/sshd is not there",
  },
});

test.each([
  [{ entries: [] }, "entries: must have a line"],
  [{ entries: ["auth pam_x.so"] }, "entries: must be lines like"],
  [{ entries: ["@include x"] }, "entries: must be lines like"],
  [{ position: "before" }, "position: must be begin"],
  [{ service: "../x" }, "service: must be"],
])("refuses %j", (more, message) => {
  const { error } = pam.params.safeParse(said({ ...wish, ...more }));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("owns its lines", () => {
  expect(claimsOf(pam, pam.params.parse(wish))).toEqual([
    { id: `file:${file}`, part: "pam:auth pam_faildelay.so delay=1" },
  ]);
});
