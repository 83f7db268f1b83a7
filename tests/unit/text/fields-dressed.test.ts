/** `field_edit` on exact cases in every dress. */
import { type FieldEdit, withField } from "../../../src/core/text/fields.ts";
import { onText } from "../../support/any-text.ts";
import { everyDress } from "../../support/dressed.ts";

const usual: FieldEdit = {
  line_match: "^ops:",
  select_field: 3,
  field_separator: ":",
  field_value: "dana",
  field_operation: "set",
  value_separator: ",",
  extend_fields: false,
};
const edit = (more: Partial<FieldEdit> = {}) =>
  onText((doc) => withField(doc, { ...usual, ...more }));
const add = edit({ field_operation: "append" });
const away = edit({ field_operation: "delete" });
const blanks = { line_match: "^hosts:", field_separator: " ", select_field: 3 };

everyDress({
  "set in the middle": ["ops:x:eve:9\nweb:x:eve:9\n", edit(), "ops:x:dana:9\nweb:x:eve:9\n"],
  "set at the end": ["ops:x:\n", edit(), "ops:x:dana\n"],
  "set to nothing": ["ops:x:eve:9\n", edit({ field_value: "" }), "ops:x::9\n"],
  "blanks belong to a field": ["ops: x : eve :9\n", edit(), "ops: x :dana:9\n"],
  "each line that matches": ["ops:x:a\nb\nops:y:c\n", edit(), "ops:x:dana\nb\nops:y:dana\n"],
  "a comment does not match": ["#ops:x:eve\nops:x:eve\n", edit(), "#ops:x:eve\nops:x:dana\n"],
  "the first field": [
    "ops:x\n",
    edit({ line_match: "^ops:x|^dev:x", select_field: 1, field_value: "dev" }),
    "dev:x\n",
  ],
  "fields that are missing": [
    "ops\nopsy\n",
    edit({ line_match: "^ops$|^ops:", extend_fields: true }),
    "ops::dana\nopsy\n",
  ],
  "signs of replacement are signs": ["ops:x:e\n", edit({ field_value: "$& $1" }), "ops:x:$& $1\n"],
  "a value comes behind the others": ["ops:x:eve,bob:9\n", add, "ops:x:eve,bob,dana:9\n"],
  "a value comes into an empty list": ["ops:x::9\n", add, "ops:x:dana:9\n"],
  "a value that is there stays where it is": ["ops:x:dana,eve\n", add, "ops:x:dana,eve\n"],
  "a part of a value is no value": ["ops:x:danae\n", add, "ops:x:danae,dana\n"],
  "a value comes first": ["ops:x:eve\n", edit({ field_operation: "prepend" }), "ops:x:dana,eve\n"],
  "a value goes": ["ops:x:eve,dana,bob\n", away, "ops:x:eve,bob\n"],
  "the last value goes": ["ops:x:dana:9\n", away, "ops:x::9\n"],
  "a value goes that is there twice": ["ops:x:dana,eve,dana\n", away, "ops:x:eve\n"],
  "no value goes where the line is too short": ["ops:x\n", away, "ops:x\n"],
  "between blanks, each gap stays": [
    "hosts:\t\tfiles  dns   # both\n",
    edit({ ...blanks, field_value: "mdns" }),
    "hosts:\t\tfiles  mdns   # both\n",
  ],
  "between blanks, one at the end": [
    "hosts: files\n",
    edit({ ...blanks, extend_fields: true }),
    "hosts: files dana\n",
  ],
  "between blanks, indented": [
    "  hosts: a b\n",
    edit({ ...blanks, line_match: "^ *hosts:" }),
    "  hosts: a dana\n",
  ],
  "letters of any alphabet": [
    "ops:é:日本\nü:é:日本\n",
    edit({ field_value: "😀" }),
    "ops:é:😀\nü:é:日本\n",
  ],
});
