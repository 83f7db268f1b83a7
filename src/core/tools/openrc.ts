/**
 * Services of OpenRC: rc-service(8) and rc-update(8); runlevels are folders of links. Must not know what is wanted. Its exit codes
 * are openrc-run's: 0 started, 3 stopped, 32 crashed; scripts for init (LSB) have their own.
 */
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import type { ServiceManager } from "./service-manager.ts";

const levels = "/etc/runlevels";
/** What is in one of these does not come up with the machine. */
const notBoot = new Set(["shutdown", "off", "recovery", "single", "reboot"]);
const crashed = 32;

export const openrc: ServiceManager = {
  name: "OpenRC",
  masks: false,

  async standing(host, service) {
    const code = await statusOf(host, service);
    if (code === 127) return undefined;
    const known = (await host.stat(`/etc/init.d/${service}`, { follow: true })) !== undefined;
    return {
      known,
      active: known && code === 0,
      failed: known && [1, 2, crashed].includes(code),
      masked: false,
      enabled: (await levelsOf(host, service)).length > 0,
    };
  },

  async act(host, verb, service) {
    if (verb === "enable") return await told(host, ["rc-update", "add", service, "default"]);
    if (verb === "disable")
      return await told(host, ["rc-update", "delete", service, ...(await levelsOf(host, service))]);
    // What it takes for started is not started again, though it is dead.
    if (verb === "start" && (await statusOf(host, service)) === crashed)
      await told(host, ["rc-service", service, "zap"]);
    await told(host, ["rc-service", service, verb]);
  },
};

const statusOf = async (host: ReadHost, service: string) =>
  (await host.query({ argv: ["rc-service", service, "status"] })).code;

async function levelsOf(host: ReadHost, service: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const level of (await host.list(levels)) ?? [])
    if (!notBoot.has(level) && (await host.stat(`${levels}/${level}/${service}`)) !== undefined)
      found.push(level);
  return found;
}

async function told(host: Host, argv: readonly string[]): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
