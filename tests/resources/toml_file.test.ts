import { tomlFile } from "../../src/core/resources/toml_file.ts";
import { cases } from "../support/cases.ts";

const at = "/etc/app.toml";
const text = "# head\r\na =   1 # one\r\n\r\n[t]\r\nb = 'x'";
const given = { files: { [at]: text } };
const does = [`write ${at}`];

cases(tomlFile, {
  "changes one value and no other byte": {
    given,
    wish: { target_path: at, key: "a", value: "2" },
    does,
    leaves: { [at]: text.replace("1 #", "2 #") },
    says: { a: ["1", "2"] },
  },
  "adds a key to a table": {
    given,
    wish: { target_path: at, key: "t.c", value: ["1", "x"] },
    does,
    leaves: { [at]: `${text}\r\nc = [1, "x"]` },
  },
  "leaves a right one alone": {
    given,
    wish: { target_path: at, key: "t", value: { b: "x" } },
    does: [],
  },
  "removes a table": {
    given,
    wish: { target_path: at, key: "t", state: "absent" },
    does,
    leaves: { [at]: "# head\r\na =   1 # one\r\n\r\n" },
  },
  "makes a file when told": {
    given: {},
    wish: { target_path: at, key: "t.b", value: "true", create: true },
    does,
    leaves: { [at]: "[t]\nb = true\n" },
  },
  "has no word for nothing": {
    given,
    wish: { target_path: at, key: "t.b", value: null },
    does: [],
    ends: "failed",
    because: "/etc/app.toml: TOML has no null",
  },
  "refuses what it cannot read": {
    given: { files: { [at]: "a = 1\na = 2\n" } },
    wish: { target_path: at, key: "a", value: "2" },
    does: [],
    ends: "failed",
    because: "/etc/app.toml: not TOML that can be edited: a is there twice, line 2 column 1",
  },
});
