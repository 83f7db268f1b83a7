import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { fieldEdit } from "../../src/core/resources/field_edit.ts";
import { cases } from "../support/cases.ts";

const groups = "/etc/app/groups";
const wish = { path: groups, line_match: "^ops:", select_field: 4, field_value: "dana" };

cases(fieldEdit, {
  "sets a field": {
    given: { files: { [groups]: "# all\nops:x:4:eve\nweb:x:5:eve" } },
    wish,
    does: [`write ${groups}`],
    leaves: { [groups]: "# all\nops:x:4:dana\nweb:x:5:eve" },
    says: { field: ["ops:x:4:eve", "ops:x:4:dana"] },
  },
  "adds a value": {
    given: { files: { [groups]: "ops:x:4:eve\n" } },
    wish: { ...wish, field_operation: "append" },
    does: [`write ${groups}`],
    leaves: { [groups]: "ops:x:4:eve,dana\n" },
  },
  "leaves a right field alone": {
    given: { files: { [groups]: "ops:x:4:dana,eve\n" } },
    wish: { ...wish, field_operation: "append" },
    does: [],
  },
  "takes a value away": {
    given: { files: { [groups]: "ops:x:4:eve,dana\n" } },
    wish: { ...wish, field_operation: "delete" },
    does: [`write ${groups}`],
    leaves: { [groups]: "ops:x:4:eve\n" },
  },
  "takes nothing from no file": {
    given: {},
    wish: { ...wish, field_operation: "delete" },
    does: [],
  },
  "tells nothing of a file of passwords": {
    given: { files: { "/etc/shadow": "eve:$6$secret:1\nops:!:19000\n" } },
    wish: { path: "/etc/shadow", line_match: "^ops:", select_field: 2, field_value: "*" },
    does: ["write /etc/shadow"],
    says: { field: ["as it is", "as declared"] },
  },
  "refuses when there is no such line": {
    given: { files: { [groups]: "web:x\n" } },
    wish,
    does: [],
    ends: "failed",
    because: `${groups}: no line matches /^ops:/`,
  },
  "refuses a line that is too short": {
    given: { files: { [groups]: "ops:x\n" } },
    wish,
    does: [],
    ends: "failed",
    because: "line 1 has 2 fields, not 4 (correct select_field, or say extend_fields: true)",
  },
  "says that the file is missing": {
    given: {},
    wish,
    does: [],
    ends: "failed",
    because: "not there",
  },
});

test.each([
  [{ field_value: "a:b" }, "field_value: must not hold the field separator"],
  [{ field_value: "", field_separator: " " }, "field_value: must not hold"],
  [{ field_value: "a,b", field_operation: "append" }, "field_value: must be one value"],
  [{ line_match: "(" }, "line_match: must be a regular expression"],
  [{ select_field: 0 }, "select_field: must be a whole number from 1"],
])("refuses %j", (more, message) => {
  const { error } = fieldEdit.params.safeParse({ ...wish, ...more });
  expect(error && explain(error)[0]).toStartWith(message);
});

test("claims a field, or one value of it", () => {
  const part = (more: object) =>
    fieldEdit.claims(fieldEdit.params.parse({ ...wish, ...more }))[0]?.part;
  expect([part({}), part({ field_operation: "append" })]).toEqual([
    "field:^ops: 4",
    "field:^ops: 4 dana",
  ]);
});
