/**
 * Daemons of launchd through launchctl(1), by their label in the system's domain. Must not know what is wanted. What is loaded counts
 * as running, because launchd starts much of it when it is asked for.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import type { ServiceManager, ServiceVerb } from "./service-manager.ts";

const folders = ["/Library/LaunchDaemons", "/System/Library/LaunchDaemons"];
const domain = (label: string) => `system/${label}`;

export const launchd: ServiceManager = {
  name: "launchd",
  masks: false,

  async standing(host, label) {
    const { code } = await host.query({ argv: ["launchctl", "print", domain(label)] });
    const { stdout } = await host.query({ argv: ["launchctl", "print-disabled", "system"] });
    return {
      known: code === 0 || (await plistOf(host, label)) !== undefined,
      active: code === 0,
      failed: false,
      masked: false,
      enabled: !isDisabled(stdout, label),
    };
  },

  async act(host, verb, label) {
    const argv = await wordsFor(host, verb, label);
    await mustSucceed(`launchctl ${argv.join(" ")}`, host.run({ argv: ["launchctl", ...argv] }));
  },
};

export const isDisabled = (printed: string, label: string): boolean =>
  disabledLabels(printed).has(label);

/** Lines `"label" => disabled` since macOS 13, `=> true` before. */
export const disabledLabels = (printed: string): ReadonlySet<string> =>
  new Set(
    [...printed.matchAll(/^\s*"([^"]+)" => (?:disabled|true)\s*$/gm)].map(
      ([, label = ""]) => label,
    ),
  );

async function plistOf(host: ReadHost, label: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = `${folder}/${label}.plist`;
    if ((await host.stat(path, { follow: true })) !== undefined) return path;
  }
  return undefined;
}

async function wordsFor(host: Host, verb: ServiceVerb, label: string): Promise<readonly string[]> {
  if (verb === "enable" || verb === "disable") return [verb, domain(label)];
  if (verb === "restart") return ["kickstart", "-k", domain(label)];
  if (verb === "reload") return ["kill", "HUP", domain(label)];
  if (verb === "stop") return ["bootout", domain(label)];
  const plist = await plistOf(host, label);
  if (plist === undefined)
    throw new VigoError("failed", `no ${label}.plist in ${folders[0]}`, {
      hint: "declare the file, and depend on it",
    });
  return ["bootstrap", "system", plist];
}
