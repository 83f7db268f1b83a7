/**
 * Modules of the running kernel: /proc/modules, /sys/module, and modprobe(8). Must not know what is to be loaded at boot.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import { fileLine, fileText } from "./file-text.ts";

/** The kernel tells them with `_` whatever they are asked by. */
export const kernelName = (module: string): string => module.replaceAll("-", "_");

/** Built in: it is there and cannot be taken out. */
export async function standing(
  host: ReadHost,
  module: string,
): Promise<"loaded" | "built in" | "absent"> {
  const name = kernelName(module);
  const loaded = (await fileText(host, "/proc/modules")) ?? "";
  if (new RegExp(`^${name} `, "m").test(loaded)) return "loaded";
  return (await isBuiltIn(host, name)) ? "built in" : "absent";
}

/** Only what is built in and has parameters is shown in /sys; the list of the others came with the kernel. */
async function isBuiltIn(host: ReadHost, name: string): Promise<boolean> {
  if ((await host.stat(`/sys/module/${name}`, { follow: true })) !== undefined) return true;
  const release = await fileLine(host, "/proc/sys/kernel/osrelease");
  const list = (await fileText(host, `/lib/modules/${release}/modules.builtin`)) ?? "";
  return list.split("\n").some((path) => kernelName(path).endsWith(`/${name}.ko`));
}

/** What a parameter of a loaded module is; undefined where the kernel does not tell it. */
export async function runningParameter(
  host: ReadHost,
  module: string,
  parameter: string,
): Promise<string | undefined> {
  const path = parameterPath(module, parameter);
  return (await host.stat(path)) === undefined ? undefined : await fileLine(host, path);
}

const parameterPath = (module: string, parameter: string) =>
  `/sys/module/${kernelName(module)}/parameters/${kernelName(parameter)}`;

/**
 * Truth is told as Y and N, and may be written in other ways, of which the first letters count (kstrtobool); a number may be written as
 * hexadecimal or octal.
 */
export function sameValue(is: string, wanted: string): boolean {
  if (is === "Y" || is === "N") return is === truth(wanted);
  // Some are told as numbers and may be written as truth.
  if (/^[A-Za-z]/.test(wanted) && (is === "1" || is === "0"))
    return (is === "1" ? "Y" : "N") === truth(wanted);
  return spelled(is) === spelled(wanted);
}

const truth = (value: string): string =>
  /^(?:[yt1]|on)/i.test(value) ? "Y" : /^(?:[nf0]|of)/i.test(value) ? "N" : value;

function spelled(value: string): string {
  if (/^0x[0-9a-f]+$/i.test(value)) return `${BigInt(value)}`;
  return /^0[0-7]+$/.test(value) ? `${BigInt(`0o${value}`)}` : value;
}

export async function load(
  host: Host,
  module: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const words = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const argv = ["modprobe", module, ...words];
  await mustSucceed(`modprobe ${module}`, host.run({ argv }));
}

export async function unload(host: Host, module: string): Promise<void> {
  if ((await standing(host, module)) === "built in")
    throw new VigoError("failed", `${module} is built into this kernel and cannot be unloaded`, {
      hint: "a kernel_parameter may switch it off at the next boot",
    });
  const { code, stderr } = await host.run({ argv: ["modprobe", "-r", module] });
  if (code === 0) return;
  throw new VigoError("failed", `modprobe -r ${module}: ${stderr.trim() || `exit ${code}`}`, {
    hint: stderr.includes("in use") ? "stop what uses it, or reboot" : undefined,
  });
}
