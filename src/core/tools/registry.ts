/**
 * Values of the Windows registry, read and written by their kind, in the 64-bit view. Must not know what they mean. Source:
 * Microsoft.Win32.RegistryKey (learn.microsoft.com).
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { askPowershell, isRecord, quoted, tellPowershell } from "./powershell.ts";

export const registryKinds = [
  "string",
  "expand_string",
  "dword",
  "qword",
  "multi_string",
  "binary",
] as const;
export type RegistryKind = (typeof registryKinds)[number];

/** As .NET names them. */
const dotNet: Readonly<Record<RegistryKind, string>> = {
  string: "String",
  expand_string: "ExpandString",
  dword: "DWord",
  qword: "QWord",
  multi_string: "MultiString",
  binary: "Binary",
};

const hives: Readonly<Record<string, string>> = {
  HKLM: "LocalMachine",
  HKEY_LOCAL_MACHINE: "LocalMachine",
  HKCU: "CurrentUser",
  HKEY_CURRENT_USER: "CurrentUser",
  HKU: "Users",
  HKEY_USERS: "Users",
  HKCR: "ClassesRoot",
  HKEY_CLASSES_ROOT: "ClassesRoot",
};

/** `HKLM\SOFTWARE\…`: a hive by either name, and at least one key below it. */
export const registryKeyPattern =
  /^(?:HKLM|HKCU|HKU|HKCR|HKEY_LOCAL_MACHINE|HKEY_CURRENT_USER|HKEY_USERS|HKEY_CLASSES_ROOT)(?:\\[^\\\p{Cc}]{1,255})+$/iu;

export interface RegistryPlace {
  readonly key: string;
  /** Empty: the value of the key itself. */
  readonly name: string;
}

/** Data as text: numbers in decimal, bytes as hex pairs; texts of a multi_string as a list. */
export interface RegistryValue {
  readonly kind: RegistryKind | "other";
  readonly data: string | readonly string[];
}

export interface RegistryState {
  /** The key is there. */
  readonly key: boolean;
  readonly value?: RegistryValue;
}

/** Of all places in one question, in their order. */
export async function registryStates(
  host: ReadHost,
  places: readonly RegistryPlace[],
): Promise<readonly RegistryState[]> {
  const answer = await askPowershell(host, readingScript(places));
  if (!Array.isArray(answer) || answer.length !== places.length)
    throw new VigoError("failed", "the registry's answer cannot be read");
  return answer.map(stateOf);
}

const opened = (key: string, call: "OpenSubKey" | "CreateSubKey") => {
  const [hive = "", ...path] = key.split("\\");
  const base = hives[hive.toUpperCase()] ?? "LocalMachine";
  return `[Microsoft.Win32.RegistryKey]::OpenBaseKey('${base}','Registry64').${call}(${quoted(path.join("\\"))}${call === "OpenSubKey" ? "" : ",$true"})`;
};

/** Exported for the tables of commands in tests. */
export const readingScript = (places: readonly RegistryPlace[]): string =>
  [
    "function ask($k,$n){ if($null -eq $k){return @{key=$false}};",
    "if($k.GetValueNames() -notcontains $n){return @{key=$true}};",
    "$t=[string]$k.GetValueKind($n); $v=$k.GetValue($n,$null,'DoNotExpandEnvironmentNames');",
    "if($t -eq 'Binary'){$v=[BitConverter]::ToString($v)} elseif($t -eq 'MultiString'){$v=@($v)} else {$v=[string]$v};",
    "@{key=$true;kind=$t;data=$v} };",
    `$all=@(${places.map(({ key, name }) => `(ask (${opened(key, "OpenSubKey")}) ${quoted(name)})`).join(",")});`,
    "ConvertTo-Json -Compress -Depth 4 -InputObject $all",
  ].join(" ");

function stateOf(answer: unknown): RegistryState {
  if (!isRecord(answer) || typeof answer["key"] !== "boolean")
    throw new VigoError("failed", "the registry's answer cannot be read");
  const { key, kind, data } = answer;
  if (typeof kind !== "string") return { key };
  const known = registryKinds.find((each) => dotNet[each] === kind) ?? "other";
  return { key, value: { kind: known, data: dataOf(known, data) } };
}

/** .NET gives numbers with a sign, and bytes as `0A-FF`. */
function dataOf(kind: RegistryValue["kind"], data: unknown): RegistryValue["data"] {
  if (kind === "multi_string") return Array.isArray(data) ? data.map(String) : [];
  const text = typeof data === "string" ? data : "";
  if (kind === "binary") return text.replaceAll("-", "").toLowerCase();
  if (kind === "dword") return String(BigInt.asUintN(32, BigInt(text)));
  if (kind === "qword") return String(BigInt.asUintN(64, BigInt(text)));
  return text;
}

/** Makes the key where it is missing. */
export const writeRegistryValue = (
  host: Host,
  { key, name }: RegistryPlace,
  value: RegistryValue & { readonly kind: RegistryKind },
): Promise<void> =>
  tellPowershell(
    host,
    `${opened(key, "CreateSubKey")}.SetValue(${quoted(name)},${literal(value)},'${dotNet[value.kind]}')`,
  );

export const makeRegistryKey = (host: Host, key: string): Promise<void> =>
  tellPowershell(host, `$null=${opened(key, "CreateSubKey")}`);

export const removeRegistryValue = (host: Host, { key, name }: RegistryPlace): Promise<void> =>
  tellPowershell(host, `${opened(key, "CreateSubKey")}.DeleteValue(${quoted(name)},$false)`);

/** With all keys below it. */
export function removeRegistryKey(host: Host, key: string): Promise<void> {
  const [hive = "", ...path] = key.split("\\");
  const base = hives[hive.toUpperCase()] ?? "LocalMachine";
  const script = `[Microsoft.Win32.RegistryKey]::OpenBaseKey('${base}','Registry64').DeleteSubKeyTree(${quoted(path.join("\\"))},$false)`;
  return tellPowershell(host, script);
}

function literal({ kind, data }: RegistryValue): string {
  if (kind === "multi_string") {
    const texts = (typeof data === "string" ? [data] : data).map(quoted).join(",");
    return `[string[]]@(${texts})`;
  }
  const text = String(data);
  if (kind === "dword") return `[int]${BigInt.asIntN(32, BigInt(text))}`;
  if (kind === "qword") return `[long]${BigInt.asIntN(64, BigInt(text))}`;
  if (kind === "binary")
    return `[byte[]]@(${(text.match(/../g) ?? []).map((pair) => `0x${pair}`).join(",")})`;
  return quoted(text);
}
