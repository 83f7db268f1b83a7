import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { jsonFile } from "../../src/core/resources/json_file.ts";
import { cases } from "../support/cases.ts";

const at = "/etc/app.json";
const given = { files: { [at]: '{\r\n  // kept\r\n  "a": {"b": 1},\r\n  "list": [1]\r\n}' } };
const wrote = [`write ${at}`];
const text = given.files[at] ?? "";

cases(jsonFile, {
  "changes one value and no other byte": {
    given,
    wish: { target_path: at, key: "a.b", value: "2" },
    does: wrote,
    leaves: { [at]: text.replace("1", "2") },
    says: { "a.b": ["1", "2"] },
  },
  "leaves a right one alone": { given, wish: { target_path: at, key: "a.b", value: 1 }, does: [] },
  "keeps a text a text when told": {
    given,
    wish: { target_path: at, key: "a.b", value: "1", value_type: "text" },
    does: wrote,
    leaves: { [at]: text.replace("1", '"1"') },
  },
  "takes JSON text": {
    given,
    wish: { target_path: at, key: "list[1]", value: '{"x": "1"}', value_type: "json" },
    does: wrote,
    leaves: { [at]: text.replace("[1]", '[1, {"x": "1"}]') },
    says: { "list[1]": [undefined, '{"x":"1"}'] },
  },
  "takes lists and maps, whatever the order of keys": {
    given: { files: { [at]: '{"m":{"x":1,"y":[true,null]}}' } },
    wish: { target_path: at, key: "m", value: { y: ["true", null], x: "1" } },
    does: [],
  },
  "removes a key": {
    given,
    wish: { target_path: at, key: "list", state: "absent" },
    does: wrote,
    leaves: { [at]: '{\r\n  // kept\r\n  "a": {"b": 1}\r\n}' },
    says: { list: ["[1]", undefined] },
  },
  "has nothing to remove": {
    given,
    wish: { target_path: at, key: "x.y", state: "absent" },
    does: [],
  },
  "needs no file to remove from": {
    given: {},
    wish: { target_path: at, key: "x", state: "absent" },
    does: [],
  },
  "makes a file when told": {
    given: {},
    wish: { target_path: at, key: "a.b", value: "x", indent: 4, create: true },
    does: wrote,
    leaves: { [at]: '{\n    "a": {\n        "b": "x"\n    }\n}\n' },
  },
  "makes no file unasked": {
    given: {},
    wish: { target_path: at, key: "a", value: "x" },
    does: [],
    ends: "failed",
    because: "/etc/app.json is not there (say create: true",
  },
  "keeps a byte order mark": {
    given: { files: { [at]: '\uFEFF{"a":1}' } },
    wish: { target_path: at, key: "a", value: "2" },
    does: wrote,
    leaves: { [at]: '\uFEFF{"a":2}' },
  },
  "refuses what it cannot read": {
    given: { files: { [at]: '{"a":1' } },
    wish: { target_path: at, key: "a", value: "2" },
    does: [],
    ends: "failed",
    because: "/etc/app.json: not JSON that can be edited: no } or comma, line 1 column 7 (mend",
  },
  "has the new text proven": {
    given: { ...given, commands: { "check %": { code: 1, stdout: "", stderr: "" } } },
    wish: { target_path: at, key: "a.b", value: "2", validate: "check %" },
    does: [],
    ends: "failed",
    because: "not valid",
  },
});

test.each([
  [{ target_path: at, key: "a" }, "value: is required unless state is absent"],
  [{ target_path: at, key: "a b", value: "1" }, "key: must be a dotted key"],
  [{ target_path: at, key: "a", value: "{", value_type: "json" }, "value: must be JSON text"],
])("refuses %j", (wish, message) => {
  const { error } = jsonFile.params.safeParse(wish);
  expect(error && explain(error)[0]).toStartWith(message);
});
