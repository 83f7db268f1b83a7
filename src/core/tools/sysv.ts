/**
 * Services as scripts of init, with the exit codes of the Linux Standard Base: 0 runs, 1 and 2 died, 3 does not run. Must not know
 * what is wanted. Which of them come up at boot is links in `/etc/rcN.d`, kept by update-rc.d(8) or chkconfig(8).
 */
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";
import type { ServiceManager } from "./service-manager.ts";

const script = (service: string) => `/etc/init.d/${service}`;

export const sysv: ServiceManager = {
  name: "SysV init",
  masks: false,

  async standing(host, service) {
    const known = (await host.stat(script(service), { follow: true })) !== undefined;
    const code = known ? (await host.query({ argv: [script(service), "status"] })).code : 3;
    return {
      known,
      active: code === 0,
      failed: code === 1 || code === 2,
      masked: false,
      enabled: known && (await isLinked(host, service)),
    };
  },

  async act(host, verb, service) {
    if (verb === "enable" || verb === "disable") return await atBoot(host, service, verb);
    await told(host, [script(service), verb]);
  },
};

async function isLinked(host: ReadHost, service: string): Promise<boolean> {
  for (const level of [2, 3, 4, 5])
    for (const name of (await host.list(`/etc/rc${level}.d`)) ?? [])
      if (/^S\d\d/.test(name) && name.slice(3) === service) return true;
  return false;
}

async function atBoot(host: Host, service: string, verb: "enable" | "disable"): Promise<void> {
  const debian = (await host.stat("/usr/sbin/update-rc.d", { follow: true })) !== undefined;
  if (!debian) return await told(host, ["chkconfig", service, verb === "enable" ? "on" : "off"]);
  if (verb === "enable") await told(host, ["update-rc.d", service, "defaults"]);
  await told(host, ["update-rc.d", service, verb]);
}

async function told(host: Host, argv: readonly string[]): Promise<void> {
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
