import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { registry } from "../../src/core/resources/registry.ts";
import { quoted } from "../../src/core/tools/powershell.ts";
import { registryStates } from "../../src/core/tools/registry.ts";
import { type Case, cases } from "../support/cases.ts";
import { fakeHost } from "../support/fake-host.ts";
import { powershellLine, windows } from "../support/powershell.ts";

const started = powershellLine("");
const reads = (opened: string, name: string) =>
  `${started}function ask($k,$n){ if($null -eq $k){return @{key=$false}}; if($k.GetValueNames() -notcontains $n){return @{key=$true}}; $t=[string]$k.GetValueKind($n); $v=$k.GetValue($n,$null,'DoNotExpandEnvironmentNames'); if($t -eq 'Binary'){$v=[BitConverter]::ToString($v)} elseif($t -eq 'MultiString'){$v=@($v)} else {$v=[string]$v}; @{key=$true;kind=$t;data=$v} }; $all=@((ask (${opened}) ${name})); ConvertTo-Json -Compress -Depth 4 -InputObject $all`;
const base = "[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64')";
const ask = (name: string) => reads(`${base}.OpenSubKey('SOFTWARE\\Example')`, name);
const make = `${started}${base}.CreateSubKey('SOFTWARE\\Example',$true)`;

const key = "HKLM\\SOFTWARE\\Example";
const os = windows;

/** One value in a registry that holds nothing else: `write` puts `after` in place of `before`. */
function row(
  name: string,
  before: string,
  write: string,
  after: string,
  wish: Record<string, unknown>,
  says: Case["says"],
): Case {
  const state = (files: Map<string, string>) => files.get("value") ?? "";
  return {
    given: {
      os,
      files: { value: before },
      commands: {
        [ask(name)]: state,
        [write]: (files) => {
          files.set("value", after);
          return "";
        },
      },
    },
    wish: { key, ...wish },
    does: before === after ? [] : [`run ${write}`],
    ...(says && { says }),
  };
}

const none = '[{"key":false}]';
const bare = '[{"key":true}]';
const value = (kind: string, data: string) => `[{"kind":"${kind}","data":${data},"key":true}]`;

cases(registry, {
  "a number, in a key that is not there": row(
    "'Size'",
    none,
    `${make}.SetValue('Size',[int]10,'DWord')`,
    value("DWord", '"10"'),
    { value_name: "Size", kind: "dword", data: "10" },
    { kind: [undefined, "dword"], data: [undefined, "10"] },
  ),
  "a number as it is, written otherwise": row(
    "'Size'",
    value("DWord", '"10"'),
    "",
    value("DWord", '"10"'),
    { value_name: "Size", kind: "dword", data: "0010" },
    {},
  ),
  "the largest number, which .NET tells as -1": row(
    "'Size'",
    value("DWord", '"5"'),
    `${make}.SetValue('Size',[int]-1,'DWord')`,
    value("DWord", '"-1"'),
    { value_name: "Size", kind: "dword", data: "4294967295" },
    { data: ["5", "4294967295"] },
  ),
  "a long number": row(
    "'Size'",
    bare,
    `${make}.SetValue('Size',[long]-1,'QWord')`,
    value("QWord", '"-1"'),
    { value_name: "Size", kind: "qword", data: "18446744073709551615" },
    { kind: [undefined, "qword"], data: [undefined, "18446744073709551615"] },
  ),
  "a text of another kind": row(
    "'Path'",
    value("String", '"%TEMP%"'),
    `${make}.SetValue('Path','%TEMP%','ExpandString')`,
    value("ExpandString", '"%TEMP%"'),
    { value_name: "Path", kind: "expand_string", data: "%TEMP%" },
    { kind: ["string", "expand_string"] },
  ),
  "quotes of all sorts": row(
    "'It''s'",
    bare,
    `${make}.SetValue('It''s','don’’t; $x','String')`,
    value("String", '"don’t; $x"'),
    { value_name: "It's", data: "don’t; $x" },
    { kind: [undefined, "string"], data: [undefined, "don’t; $x"] },
  ),
  "several texts": row(
    "'Servers'",
    value("MultiString", '["one"]'),
    `${make}.SetValue('Servers',[string[]]@('one','two'),'MultiString')`,
    value("MultiString", '["one","two"]'),
    { value_name: "Servers", kind: "multi_string", texts: ["one", "two"] },
    { data: ["one", "one, two"] },
  ),
  bytes: row(
    "'Mask'",
    value("Binary", '"0A-FF"'),
    `${make}.SetValue('Mask',[byte[]]@(0x0b,0xff),'Binary')`,
    value("Binary", '"0B-FF"'),
    { value_name: "Mask", kind: "binary", data: "0BFF" },
    { data: ["0aff", "0bff"] },
  ),
  "the value of the key itself": row(
    "''",
    bare,
    `${make}.SetValue('','x','String')`,
    value("String", '"x"'),
    { data: "x" },
    { kind: [undefined, "string"], data: [undefined, "x"] },
  ),
  "only a key": row(
    "''",
    none,
    `${started}$null=${make.slice(started.length)}`,
    bare,
    {},
    {
      key: ["absent", "present"],
    },
  ),
  "no such value": row(
    "'Old'",
    value("String", '"x"'),
    `${make}.DeleteValue('Old',$false)`,
    bare,
    { value_name: "Old", state: "absent" },
    { data: ["x", undefined] },
  ),
  "no such key": row(
    "''",
    bare,
    `${started}${base}.DeleteSubKeyTree('SOFTWARE\\Example',$false)`,
    none,
    { state: "absent" },
    { key: ["present", "absent"] },
  ),
  "an answer in another shape": {
    given: { os, commands: { [ask("'X'")]: '{"key":true}' } },
    wish: { key, value_name: "X", data: "1" },
    does: [],
    ends: "failed",
    because: "the registry's answer cannot be read",
  },
  "a refusal": {
    given: {
      os,
      commands: {
        [ask("'X'")]: {
          code: 1,
          stdout: "",
          stderr: "Requested registry access is not allowed.\n",
        },
      },
    },
    wish: { key, value_name: "X", data: "1" },
    does: [],
    ends: "failed",
    because: "exit 1: Requested registry access is not allowed.",
  },
  "another system": {
    given: {},
    wish: { key },
    does: [],
    ends: "failed",
    because: "not for linux",
  },
});

test("kinds that are not written here are told apart", async () => {
  const { host } = fakeHost({ commands: { [ask("'X'")]: value("None", "null") } });
  expect(await registryStates(host, [{ key, name: "X" }])).toEqual([
    { key: true, value: { kind: "other", data: "" } },
  ]);
});

test("no text gets out of its quotes", () => {
  expect(quoted("a'b‘c’d‚e‛f$(g)`h")).toBe("'a''b‘‘c’’d‚‚e‛‛f$(g)`h'");
});

test.each([
  [{ key: "HKLM" }, "key: must be a hive"],
  [{ key: "SOFTWARE\\X" }, "key: must be a hive"],
  [{ key, value_name: "X" }, "data: is required"],
  [{ key, value_name: "X", kind: "dword", data: "-1" }, "data: must be a whole number"],
  [{ key, value_name: "X", kind: "dword", data: "4294967296" }, "data: must be a whole number"],
  [{ key, value_name: "X", kind: "binary", data: "abc" }, "data: must be a whole number"],
  [{ key, value_name: "X", kind: "multi_string", data: "a" }, "data: of a multi_string"],
  [{ key, value_name: "X", texts: ["a"] }, "texts: is for kind"],
])("refuses %j", (given, message) => {
  const { error } = registry.params.safeParse(given);
  expect(error && explain(error)[0]).toStartWith(message);
});
