/**
 * AppArmor: what the kernel enforces, and apparmor_parser(8), which loads profiles and minds the folders `disable` and
 * `force-complain`. Must not know what is wanted.
 */
import type { CommandResult, Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileText } from "./file-text.ts";

const loaded = "/sys/kernel/security/apparmor/profiles";

/** Mode by name. Undefined where the kernel has no AppArmor. */
export async function loadedProfiles(
  host: ReadHost,
): Promise<ReadonlyMap<string, string> | undefined> {
  const text = await fileText(host, loaded);
  return text === undefined ? undefined : parseLoaded(text);
}

/** Lines of `name (mode)`; a name may have blanks. */
export const parseLoaded = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split("\n")
      .map((line) => /^(.*) \((\S+)\)$/.exec(line))
      .filter((found) => found !== null)
      .map(([, name = "", mode = ""]) => [name, mode]),
  );

/** Of all profiles in a file, sub-profiles (`parent//child`) too; why it is no profile, where it is none. */
export async function namesIn(host: ReadHost, path: string): Promise<readonly string[] | Broken> {
  return namesOf(await host.query({ argv: ["apparmor_parser", "--names", path] }));
}

/** The same of a text that is in no file yet. */
export async function namesInText(
  host: ReadHost,
  stdin: string,
): Promise<readonly string[] | Broken> {
  return namesOf(await host.query({ argv: ["apparmor_parser", "--names"], stdin }));
}

export interface Broken {
  readonly why: string;
}

const namesOf = ({ code, stdout, stderr }: CommandResult): readonly string[] | Broken =>
  code === 0
    ? stdout.split("\n").filter((line) => line !== "")
    : { why: firstLine(stderr) || `exit ${code}` };

const firstLine = (text: string) => text.trim().split("\n")[0] ?? "";

/** Loads it anew, in the mode that the folders say. */
export async function reloadProfile(host: Host, path: string): Promise<void> {
  const argv = ["apparmor_parser", "--replace", "--skip-cache", path];
  await mustSucceed(`apparmor_parser ${path}`, host.run({ argv }));
}

/** By their names, as the file that they came from may be another by now; sub-profiles go with them. */
export async function unloadProfiles(host: Host, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const texts = names.map((name) => `profile "${name.replace(/["\\]/g, "\\$&")}" {\n}\n`);
  const argv = ["apparmor_parser", "--remove"];
  await mustSucceed(`unloading ${names.join(", ")}`, host.run({ argv, stdin: texts.join("") }));
}

/**
 * Shell text that proves a new profile before it takes its place. It is in force from then on: nobody could tell by the kernel that
 * what it has is older than the file, and who is stopped between the two begins again at the file.
 */
export function profileCheck(mode: "enforce" | "complain" | "disable"): string {
  if (mode === "disable") return "apparmor_parser --skip-kernel-load --skip-cache %";
  return `apparmor_parser --replace --skip-cache${mode === "complain" ? " --Complain" : ""} %`;
}
