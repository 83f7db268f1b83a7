import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { loginPolicy } from "../../src/core/resources/login_policy.ts";
import { cases } from "../support/cases.ts";

const defs = "/etc/login.defs";
const quality = "/etc/security/pwquality.conf";
const wish = { login_defs: { PASS_MAX_DAYS: 90, UMASK: "027" }, pwquality: { minlen: 12 } };
const usual = "# Days\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nUMASK\t\t022\n";

cases(loginPolicy, {
  "sets keys in both files": {
    given: { files: { [defs]: usual, [quality]: "# minlen = 8\n# dcredit = 0\n" } },
    wish,
    does: [`write ${defs}`, `write ${quality}`],
    leaves: {
      [defs]: "# Days\nPASS_MAX_DAYS\t90\nPASS_MIN_DAYS\t0\nUMASK\t\t027\n",
      [quality]: "# minlen = 8\nminlen = 12\n# dcredit = 0\n",
    },
    says: {
      login_defs: [
        "PASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nUMASK\t\t022",
        "PASS_MAX_DAYS\t90\nPASS_MIN_DAYS\t0\nUMASK\t\t027",
      ],
      pwquality: [undefined, "minlen = 12"],
    },
  },
  "touches only what differs": {
    given: { files: { [defs]: "PASS_MAX_DAYS 90\nUMASK 027\n", [quality]: "minlen=8" } },
    wish,
    does: [`write ${quality}`],
    leaves: { [quality]: "minlen=12" },
  },
  "leaves a right machine alone": {
    given: { files: { [defs]: "PASS_MAX_DAYS 90\nUMASK 027\n", [quality]: "minlen = 12\n" } },
    wish,
    does: [],
  },
  "makes no login.defs": {
    given: {},
    wish: { login_defs: { UMASK: "027" } },
    does: [],
    ends: "failed",
    because: `${defs} is not there`,
  },
  "takes keys away": {
    given: { files: { [defs]: usual } },
    wish: { login_defs: { UMASK: "027" }, state: "absent" },
    does: [`write ${defs}`],
    leaves: { [defs]: "# Days\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\n" },
  },
  "takes nothing from no file": { given: {}, wish: { ...wish, state: "absent" }, does: [] },
});

test.each([
  [{}, "login_defs: choose login_defs, pwquality or both"],
  [{ pwquality: { minlen: "" } }, "login_defs: a value must be one line"],
])("refuses %j", (wrong, message) => {
  const { error } = loginPolicy.params.safeParse(wrong);
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims each key", () => {
  expect(loginPolicy.claims(loginPolicy.params.parse(wish))).toEqual([
    { id: `file:${defs}`, part: "key:PASS_MAX_DAYS" },
    { id: `file:${defs}`, part: "key:UMASK" },
    { id: `file:${quality}`, part: "key:minlen" },
  ]);
});
