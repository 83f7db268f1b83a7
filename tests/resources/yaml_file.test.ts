import { yamlFile } from "../../src/core/resources/yaml_file.ts";
import { cases } from "../support/cases.ts";

const at = "/etc/app.yaml";
const text = "# head\r\na:   1 # one\r\nlist:\r\n- 'x'\r\n\r\n# tail";
const given = { files: { [at]: text } };
const does = [`write ${at}`];

cases(yamlFile, {
  "changes one value and no other byte": {
    given,
    wish: { target_path: at, key: "a", value: "2" },
    does,
    leaves: { [at]: text.replace("1 #", "2 #") },
    says: { a: ["1", "2"] },
  },
  "keeps the quotes that are there": {
    given,
    wish: { target_path: at, key: "list[0]", value: "y" },
    does,
    leaves: { [at]: text.replace("'x'", "'y'") },
  },
  "adds what is missing": {
    given,
    wish: { target_path: at, key: "list[1]", value: { k: "v" } },
    does,
    leaves: { [at]: text.replace("- 'x'\r\n", "- 'x'\r\n- k: v\r\n") },
  },
  "leaves a right one alone": {
    given,
    wish: { target_path: at, key: "list", value: ["x"] },
    does: [],
  },
  "quotes a text that looks like a number": {
    given,
    wish: { target_path: at, key: "a", value: "2", value_type: "text" },
    does,
    leaves: { [at]: text.replace("1 #", '"2" #') },
  },
  "removes a key": {
    given,
    wish: { target_path: at, key: "list", state: "absent" },
    does,
    leaves: { [at]: "# head\r\na:   1 # one\r\n\r\n# tail" },
  },
  "makes a file when told": {
    given: {},
    wish: { target_path: at, key: "a.b", value: ["x"], indent: 4, create: true },
    does,
    leaves: { [at]: "a:\n    b:\n        - x\n" },
  },
  "refuses to change what an alias shares": {
    given: { files: { [at]: "a: &x 1\nb: *x\n" } },
    wish: { target_path: at, key: "a", value: "2" },
    does: [],
    ends: "failed",
    because: "a in /etc/app.yaml cannot be edited without touching its surroundings",
  },
  "refuses what it cannot read": {
    given: { files: { [at]: "a: [1\n" } },
    wish: { target_path: at, key: "a", value: "2" },
    does: [],
    ends: "failed",
    because: "/etc/app.yaml: not YAML that can be edited",
  },
});
