import { windowsEnv } from "../../src/core/resources/windows_env.ts";
import { readingScript } from "../../src/core/tools/registry.ts";
import { type Case, cases } from "../support/cases.ts";
import { powershellLine, windows as os } from "../support/powershell.ts";

const machine = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment";
const opened =
  "[Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine','Registry64').CreateSubKey('SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment',$true)";
const announced = (target: string) =>
  powershellLine(`[Environment]::SetEnvironmentVariable('VIGO_ANNOUNCES',$null,'${target}')`);
const value = (kind: string, data: string) =>
  JSON.stringify([{ kind, data: data.replaceAll("/", "\\"), key: true }]);
const none = '[{"key":true}]';

function row(
  ask: { readonly key: string; readonly name: string },
  before: string,
  script: string,
  after: string,
  wish: Record<string, unknown>,
  says: Case["says"],
): Case {
  const write = powershellLine(script);
  const target = String(wish["target"] ?? "Machine");
  return {
    given: {
      os,
      files: { value: before },
      commands: {
        [powershellLine(readingScript([ask]))]: (files) => files.get("value") ?? "",
        [write]: (files) => {
          files.set("value", after);
          return "";
        },
        [announced(target)]: "",
      },
    },
    wish,
    does: before === after ? [] : [`run ${write}`, `run ${announced(target)}`],
    ...(says && { says }),
  };
}

const home = { key: machine, name: "JAVA_HOME" };

cases(windowsEnv, {
  "a new one": row(
    home,
    none,
    `${opened}.SetValue('JAVA_HOME','C:\\Java','String')`,
    value("String", "C:/Java"),
    { variable: "JAVA_HOME", value: "C:\\Java" },
    { value: [undefined, "C:\\Java"] },
  ),
  "one that names another is expanded": row(
    home,
    value("String", "%ProgramFiles%/Java"),
    `${opened}.SetValue('JAVA_HOME','%ProgramFiles%\\Java','ExpandString')`,
    value("ExpandString", "%ProgramFiles%/Java"),
    { variable: "JAVA_HOME", value: "%ProgramFiles%\\Java" },
    { kind: ["string", "expand_string"] },
  ),
  "as it is": row(
    home,
    value("String", "C:/Java"),
    "",
    value("String", "C:/Java"),
    { variable: "JAVA_HOME", value: "C:\\Java" },
    {},
  ),
  "of the account": row(
    { key: "HKCU\\Environment", name: "EDITOR" },
    none,
    "[Microsoft.Win32.RegistryKey]::OpenBaseKey('CurrentUser','Registry64').CreateSubKey('Environment',$true).SetValue('EDITOR','vim','String')",
    value("String", "vim"),
    { variable: "EDITOR", value: "vim", target: "User" },
    { value: [undefined, "vim"] },
  ),
  gone: row(
    home,
    value("String", "C:/Java"),
    `${opened}.DeleteValue('JAVA_HOME',$false)`,
    none,
    { variable: "JAVA_HOME", state: "absent" },
    { value: ["C:\\Java", undefined] },
  ),
  "another system": {
    given: {},
    wish: { variable: "A", value: "b" },
    does: [],
    ends: "failed",
    because: "not for linux",
  },
});
