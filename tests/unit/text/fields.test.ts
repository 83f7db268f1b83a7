import { expect, test } from "bun:test";
import fc from "fast-check";
import { type FieldEdit, withField } from "../../../src/core/text/fields.ts";
import { anyText, onText, rawLines } from "../../support/any-text.ts";

const usual: FieldEdit = {
  line_match: "^ops",
  select_field: 2,
  field_separator: ":",
  field_value: "dana",
  field_operation: "set",
  value_separator: ",",
  extend_fields: true,
};
const edit = (more: Partial<FieldEdit>) => onText((doc) => withField(doc, { ...usual, ...more }));

test("any table: twice is once, other lines and fields stay, and a value that came goes again", () => {
  fc.assert(
    fc.property(
      anyText(["ops:x:4", "ops", "ops::eve,bob", "web:x"]),
      fc.constantFrom("set" as const, "append" as const, "prepend" as const),
      fc.integer({ min: 1, max: 4 }),
      (text, field_operation, select_field) => {
        fc.pre(rawLines(text).some((line) => line.startsWith("ops")));
        // A changed first field is another line.
        fc.pre(select_field > 1);
        const put = edit({ field_operation, select_field });
        const once = put(text);
        expect(put(once)).toBe(once);
        const before = rawLines(text);
        for (const [at, line] of rawLines(once).entries()) {
          const was = before[at]?.split(":") ?? [];
          if (was[0]?.startsWith("ops") !== true) expect(line).toBe(before[at] ?? "");
          for (const [i, field] of line.split(":").entries())
            if (i !== select_field - 1) expect(field).toBe(was[i] ?? "");
        }
        const away = edit({ field_operation: "delete", select_field, extend_fields: false });
        const filled = before.every((line) => line.split(":").length >= select_field);
        if (field_operation !== "set" && filled) expect(away(once)).toBe(text);
      },
    ),
  );
});

test.each([
  ["ops:x:4\n", { field_value: "" }, "ops::4\n"],
  ["ops:a,b\n", { field_operation: "delete", field_value: "a" }, "ops:b\n"],
  ["ops:a,b\n", { field_operation: "prepend" }, "ops:dana,a,b\n"],
  ["ops\n", { field_operation: "delete" }, "ops\n"],
  ["ops\n", { select_field: 3 }, "ops::dana\n"],
  ["  ops \t x  y \n", { line_match: "ops", field_separator: " " }, "  ops \t dana  y \n"],
  ["ops\n", { field_separator: " " }, "ops dana\n"],
  [
    "hosts: a [x=y] b\n",
    { line_match: "^hosts", field_separator: " ", select_field: 4 },
    "hosts: a [x=y] dana\n",
  ],
  ["a\n", { field_operation: "delete" }, "a\n"],
] as const)("%j with %j", (text, more, wanted) => {
  expect(edit(more)(text)).toBe(wanted);
});

test.each([
  ["x\n", {}, "no line matches /^ops/"],
  ["ops\n", { extend_fields: false }, "line 1 has 1 fields, not 2"],
  ["\nops\n", { field_separator: " ", select_field: 3 }, "line 2 has 1 fields, not 3"],
])("%j with %j is refused", (text, more, message) => {
  expect(() => edit(more)(text)).toThrow(message);
});
