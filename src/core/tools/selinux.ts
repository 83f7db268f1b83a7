/**
 * SELinux: what the kernel enforces (`/sys/fs/selinux`), what is kept for the next boot (`/etc/selinux`, the policy's store), and
 * setenforce(8), setsebool(8), semanage(8), restorecon(8). Must not know what is wanted.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileLine, fileText } from "./file-text.ts";

const kernel = "/sys/fs/selinux";
export const configPath = "/etc/selinux/config";

/** Undefined where the kernel has none, or it is disabled. */
export async function runningMode(host: ReadHost): Promise<"enforcing" | "permissive" | undefined> {
  const is = await fileLine(host, `${kernel}/enforce`);
  return is === "" ? undefined : is === "1" ? "enforcing" : "permissive";
}

export async function mustRun(host: ReadHost): Promise<void> {
  if ((await runningMode(host)) === undefined)
    throw new VigoError("failed", "SELinux is not running on this machine", {
      hint: "boot it with security=selinux selinux=1: kernel_parameter, then reboot",
    });
}

export async function setMode(host: Host, mode: "enforcing" | "permissive"): Promise<void> {
  const argv = ["setenforce", mode === "enforcing" ? "1" : "0"];
  await mustSucceed(`setenforce ${argv[1]}`, host.run({ argv }));
}

/** Name of the policy: `targeted`, `default`, … */
async function policyName(host: ReadHost): Promise<string> {
  const config = (await fileText(host, configPath)) ?? "";
  return /^\s*SELINUXTYPE=\s*(\S+)/m.exec(config)?.[1] ?? "targeted";
}

export interface BooleanState {
  readonly running: boolean;
  /** Kept for the next boot; undefined: as the policy has it. */
  readonly stored: boolean | undefined;
}

/** Undefined where the policy has no such boolean. The kernel tells `current pending`. */
export async function booleanState(
  host: ReadHost,
  name: string,
): Promise<BooleanState | undefined> {
  const is = await fileLine(host, `${kernel}/booleans/${name}`);
  if (is === "") return undefined;
  return { running: is.startsWith("1"), stored: (await localBooleans(host)).get(name) };
}

/** Those whose value is kept here, in lines of `name=1`. */
async function localBooleans(host: ReadHost): Promise<ReadonlyMap<string, boolean>> {
  const local = (await fileText(host, await storePath(host, "booleans.local"))) ?? "";
  return new Map(
    [...local.matchAll(/^(\w+)\s*=\s*(\S+)/gm)].map(([, name = "", value = ""]) => [
      name,
      ["1", "on", "true"].includes(value),
    ]),
  );
}

/** What is local to this machine is in text files of the policy's store. */
async function storePath(host: ReadHost, name: string): Promise<string> {
  return `/var/lib/selinux/${await policyName(host)}/active/${name}`;
}

export async function setBoolean(host: Host, name: string, on: boolean): Promise<void> {
  const argv = ["setsebool", "-P", name, on ? "on" : "off"];
  await mustSucceed(`setsebool ${name}`, host.run({ argv, timeoutMs: 600_000 }));
}

/** As the policy has it by itself. semanage(8) forgets all or none: in one transaction all go, and the others come back. */
export async function forgetBoolean(host: Host, name: string): Promise<void> {
  const others = [...(await localBooleans(host))].filter(([other]) => other !== name);
  const back = others.map(([other, on]) => `boolean -m ${on ? "--on" : "--off"} ${other}\n`);
  const stdin = `boolean -D\n${back.join("")}`;
  const argv = ["semanage", "import"];
  await mustSucceed(
    `semanage import (without ${name})`,
    host.run({ argv, stdin, timeoutMs: 600_000 }),
  );
}

/** The context that was given to paths of this pattern on this machine. */
export const localContext = (host: ReadHost, pattern: string): Promise<string | undefined> =>
  contextIn(host, "file_contexts.local", pattern);

/** In lines of `pattern user:role:type:level`; what is between the two is for entries of one kind, and another rule. */
async function contextIn(
  host: ReadHost,
  file: string,
  pattern: string,
): Promise<string | undefined> {
  const path = `/etc/selinux/${await policyName(host)}/contexts/files/${file}`;
  const line = ((await fileText(host, path)) ?? "")
    .split("\n")
    .map((each) => each.trim().split(/\s+/))
    .find((words) => words[0] === pattern && words.length === 2);
  return line?.[1];
}

/** `user:role:type:level`, or the type alone. */
export const typeOf = (context: string): string => context.split(":")[2] ?? context;

export async function setContext(host: Host, pattern: string, context: string): Promise<void> {
  // Also what the policy itself says of this very pattern is modified, and not added.
  const isKnown =
    (await localContext(host, pattern)) ?? (await contextIn(host, "file_contexts", pattern));
  const [user, , type = context, ...level] = context.includes(":") ? context.split(":") : [];
  const words = [
    ...(user === undefined ? [] : ["-s", user]),
    ...(level.length === 0 ? [] : ["-r", level.join(":")]),
    ...["-t", type],
  ];
  const argv = ["semanage", "fcontext", isKnown === undefined ? "-a" : "-m", ...words, pattern];
  await mustSucceed(`semanage fcontext ${pattern}`, host.run({ argv, timeoutMs: 600_000 }));
}

export async function forgetContext(host: Host, pattern: string): Promise<void> {
  const argv = ["semanage", "fcontext", "-d", pattern];
  await mustSucceed(`semanage fcontext ${pattern}`, host.run({ argv, timeoutMs: 600_000 }));
}

/** The part of a pattern that is a path: up to the first folder that is not said plainly. */
export const plainPath = (pattern: string): string => {
  const parts = pattern.replace(allBelow, "").replaceAll("\\.", ".").split("/");
  const until = parts.findIndex((part) => /[*+?()[\]\\^$|{}]/.test(part));
  return (until < 0 ? parts : parts.slice(0, until)).join("/") || "/";
};

const allBelow = /\(\/\.\*\)\?$/;

/** Undefined where a pattern is about all that is below its plain part, or where only the tools can read it. */
function narrower(pattern: string): RegExp | undefined {
  if (!/[*+?()[\]\\^$|{}]/.test(pattern.replace(allBelow, "").replaceAll("\\.", ".")))
    return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Entries of a pattern whose label is not what the policy says; told and not changed. */
export async function wronglyLabelled(host: ReadHost, pattern: string): Promise<readonly string[]> {
  const path = plainPath(pattern);
  if ((await host.stat(path)) === undefined) return [];
  const { stdout } = await host.query({ argv: ["restorecon", "-RnvF", path] });
  const meant = narrower(pattern);
  return stdout
    .split("\n")
    .map((line) => /^Would relabel (.*) from \S+ to \S+$/.exec(line)?.[1])
    .filter((found) => found !== undefined)
    .filter((found) => meant === undefined || meant.test(found));
}

const mostAtOnce = 500;

/** What a narrow pattern is not about keeps the label that somebody may have given it by hand. */
export async function relabel(host: Host, pattern: string): Promise<void> {
  const path = plainPath(pattern);
  if ((await host.stat(path)) === undefined) return;
  if (narrower(pattern) === undefined) return await restored(host, path, ["-RF", path]);
  const wrong = await wronglyLabelled(host, pattern);
  for (let at = 0; at < wrong.length; at += mostAtOnce)
    await restored(host, path, ["-F", "--", ...wrong.slice(at, at + mostAtOnce)]);
}

async function restored(host: Host, path: string, words: readonly string[]): Promise<void> {
  await mustSucceed(`restorecon ${path}`, host.run({ argv: ["restorecon", ...words] }));
}
