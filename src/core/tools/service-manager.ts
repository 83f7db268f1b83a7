/** What every service manager is asked and told, and which one this machine has. Must not know what is wanted. */
import type { Host, Os, ReadHost } from "../host.ts";
import { launchd } from "./launchctl.ts";
import { openrc } from "./openrc.ts";
import { systemd, type UnitState } from "./systemctl.ts";
import { sysv } from "./sysv.ts";
import { windowsServices } from "./windows-service.ts";

export type ServiceState = UnitState;

export type ServiceVerb =
  "start" | "stop" | "restart" | "reload" | "enable" | "disable" | "mask" | "unmask";

export interface WhyNot {
  readonly reason: string;
  readonly hint: string;
}

export interface ServiceManager {
  /** For messages. */
  readonly name: string;
  /** It can forbid any start. */
  readonly masks: boolean;
  /** Undefined when it does not answer. */
  standing(host: ReadHost, service: string): Promise<ServiceState | undefined>;
  act(host: Host, verb: ServiceVerb, service: string): Promise<void>;
  /** Of a service that was started a moment ago and runs no more; undefined when it cannot be told. */
  whyNot?(host: ReadHost, service: string): Promise<WhyNot | undefined>;
  /** Entries that tell how a service stands at boot; undefined where that cannot be told by entries. */
  places?(host: ReadHost, service: string): Promise<readonly string[] | undefined>;
  /** Which services run, asked at once for all; `running` or `stopped` by name. Undefined when it does not answer. */
  running?(host: ReadHost): Promise<((service: string) => string) | undefined>;
}

const managers: ReadonlyMap<string, ServiceManager> = new Map([
  ["systemd", systemd],
  ["openrc", openrc],
  ["sysv", sysv],
  ["launchd", launchd],
  ["windows", windowsServices],
]);

export const serviceManager = ({ init }: Os): ServiceManager | undefined => managers.get(init);

/** What a report calls it. */
export const runningWord = ({ active, failed }: ServiceState): string => {
  if (failed) return "failed";
  return active ? "running" : "stopped";
};
