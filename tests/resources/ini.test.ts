import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { ini } from "../../src/core/resources/ini.ts";
import { cases } from "../support/cases.ts";

const conf = "/etc/systemd/journald.conf";
const wish = { target_path: conf, section: "Journal", key: "SystemMaxUse", value: "200M" };

cases(ini, {
  "sets a key beside its example": {
    given: { files: { [conf]: "[Journal]\n#SystemMaxUse=\n#Audit=yes\n" } },
    wish,
    does: [`write ${conf}`],
    leaves: { [conf]: "[Journal]\n#SystemMaxUse=\nSystemMaxUse=200M\n#Audit=yes\n" },
    says: { value: [undefined, "SystemMaxUse=200M"] },
  },
  "mends a key and keeps its comment": {
    given: { files: { [conf]: "[Journal]\r\nSystemMaxUse = 1G ; big\r\n" } },
    wish,
    does: [`write ${conf}`],
    leaves: { [conf]: "[Journal]\r\nSystemMaxUse = 200M ; big\r\n" },
  },
  "leaves a right key alone": {
    given: { files: { [conf]: "[Journal]\nSystemMaxUse = 200M" } },
    wish,
    does: [],
  },
  "takes a number as it is written": {
    given: { files: { [conf]: "[Journal]\nSystemMaxUse=200\n" } },
    wish: { ...wish, value: 200 },
    does: [],
  },
  "makes a file when told to": {
    given: {},
    wish: { ...wish, create: true, separator: " = " },
    does: [`write ${conf}`],
    leaves: { [conf]: "[Journal]\nSystemMaxUse = 200M\n" },
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "not there",
  },
  "refuses a value over several lines": {
    given: { files: { [conf]: "[Journal]\nSystemMaxUse=1\\\n2\n" } },
    wish,
    does: [],
    ends: "failed",
    because: `${conf}: the value in line 2 goes on`,
  },
  "takes a key away": {
    given: { files: { [conf]: "[Journal]\nSystemMaxUse=1\nx=1\n" } },
    wish: { ...wish, state: "absent" },
    does: [`write ${conf}`],
    leaves: { [conf]: "[Journal]\nx=1\n" },
    says: { value: ["SystemMaxUse=1", undefined] },
  },
  "takes nothing from no file": { given: {}, wish: { ...wish, state: "absent" }, does: [] },
});

test.each([
  [{ value: undefined }, "value: is required"],
  [{ section: "[a]" }, "section: must be the name of a section"],
  [{ key: "a=b" }, "key: must be the name of a key"],
  [{ separator: "->" }, "separator: must be = or :"],
])("refuses %j", (more, message) => {
  const all = Object.entries({ ...wish, ...more }).filter(([, it]) => it !== undefined);
  const { error } = ini.params.safeParse(Object.fromEntries(all));
  expect(error && explain(error)[0]).toStartWith(message);
});

test("shares a file, but not a key", () => {
  expect(ini.claims(ini.params.parse(wish))).toEqual([
    { id: `file:${conf}`, part: "key:Journal/SystemMaxUse" },
  ]);
});
