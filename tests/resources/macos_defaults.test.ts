import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { macosDefaults } from "../../src/core/resources/macos_defaults.ts";
import { kindOf, parseArray } from "../../src/core/tools/defaults.ts";
import { type Case, cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";

const os = { platform: "darwin", family: "darwin", distro: "macos", init: "launchd" } as const;
const missing = {
  code: 1,
  stdout: "",
  stderr:
    "2026-11-21 10:00:00.000 defaults[512:9931] \nThe domain/default pair of (com.apple.dock, k) does not exist\n",
};
/** What a setting prints: its kind, then its value. */
const [typeLine, readLine] = ["read-type", "read"].map(
  (verb) => `defaults ${verb} com.apple.dock k`,
);

function row(
  before: string,
  write: string,
  after: string,
  wish: Record<string, unknown>,
  says?: Case["says"],
): Case {
  const part = (text: string, index: number) => text.split("|")[index] ?? "";
  const told = (files: Map<string, string>) => files.get("setting") ?? "";
  return {
    given: {
      os,
      files: { setting: before },
      commands: {
        [typeLine ?? ""]: (files) =>
          told(files) === "" ? missing : `Type is ${part(told(files), 0)}\n`,
        [readLine ?? ""]: (files) => `${part(told(files), 1)}\n`,
        [write]: (files) => {
          files.set("setting", after);
          return "";
        },
      },
    },
    wish: { domain: "com.apple.dock", key: "k", ...wish },
    does: before === after ? [] : [`run ${write}`],
    ...(says && { says }),
  };
}

const writes = (words: string) => `defaults write com.apple.dock k ${words}`;

cases(macosDefaults, {
  "a bool that is not there": row(
    "",
    writes("-bool true"),
    "boolean|1",
    { kind: "bool", value: true },
    {
      kind: [undefined, "bool"],
      value: [undefined, "true"],
    },
  ),
  "a bool as it is": row("boolean|0", "", "boolean|0", { kind: "bool", value: "false" }),
  "the other one": row(
    "boolean|1",
    writes("-bool false"),
    "boolean|0",
    { kind: "bool", value: "false" },
    {
      value: ["true", "false"],
    },
  ),
  "a whole number": row(
    "integer|36",
    writes("-int 48"),
    "integer|48",
    { kind: "int", value: 48 },
    {
      value: ["36", "48"],
    },
  ),
  "a number written otherwise": row("float|0.5", "", "float|0.5", { kind: "float", value: "0.50" }),
  "a text of another kind": row(
    "integer|1",
    writes("-string 1"),
    "string|1",
    { value: "1" },
    {
      kind: ["int", "string"],
    },
  ),
  "a text in several lines": row("string|one\ntwo", "", "string|one\ntwo", { value: "one\ntwo" }),
  "a list": row(
    'array|(\n    one,\n    "two words"\n)',
    writes("-array one two words"),
    'array|(\n    one,\n    "two",\n    words\n)',
    { kind: "array", values: ["one", "two", "words"] },
    { value: ["one, two words", "one, two, words"] },
  ),
  "an empty list": row("array|(\n)", "", "array|(\n)", { kind: "array", values: [] }),
  gone: row(
    "boolean|1",
    "defaults delete com.apple.dock k",
    "",
    { state: "absent" },
    {
      value: ["1", undefined],
    },
  ),
  "gone already": row("", "", "", { state: "absent" }),
  "a refusal": {
    given: {
      os,
      commands: { [typeLine ?? ""]: { code: 1, stdout: "", stderr: "Could not read domain\n" } },
    },
    wish: { domain: "com.apple.dock", key: "k", value: "x" },
    does: [],
    ends: "failed",
    because: "defaults read-type: exit 1: Could not read domain",
  },
  "another system": {
    given: {},
    wish: { domain: "d", key: "k", value: "x" },
    does: [],
    ends: "failed",
    because: "not for linux",
  },
});

test("settings of an account are asked as that account", async () => {
  const { host } = fakeHost({ os, commands: { [typeLine ?? ""]: missing } });
  let user: string | undefined;
  const wish = { domain: "com.apple.dock", key: "k", value: "x", user: "dana" };
  await macosDefaults.check(macosDefaults.params.parse(wish), {
    ...host,
    query: (command) => {
      user = command.user;
      return host.query(command);
    },
  });
  expect(user).toBe("dana");
});

test("kinds and lists as defaults prints them", () => {
  expect([kindOf("Type is dictionary\n"), kindOf("Type is float\n")]).toEqual(["other", "float"]);
  expect(
    parseArray(
      '(\n    plain,\n    "with \\"quotes\\"",\n    "back\\\\slash",\n    "\\U00e4",\n    "a, b"\n)',
    ),
  ).toEqual(["plain", 'with "quotes"', "back\\slash", "ä", "a, b"]);
});

test.each([
  [{ domain: "-g", key: "k", value: "x" }, "domain: must be a domain"],
  [{ domain: "d", key: "-k", value: "x" }, "key: must be a name"],
  [{ domain: "d", key: "k" }, "value: is required"],
  [{ domain: "d", key: "k", kind: "bool", value: "1" }, "value: must suit its kind"],
  [{ domain: "d", key: "k", kind: "array", value: "1" }, "value: is required"],
  [{ domain: "d", key: "k", value: "x", values: ["1"] }, "values: is for kind: array"],
])("refuses %j", (given, message) => {
  const { error } = macosDefaults.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
