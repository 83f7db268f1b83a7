/** One rule of a firewall, as every firewall can be told it. Must not know any firewall. */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { parseNetwork } from "../text/ip-network.ts";
import { fileText } from "./file-text.ts";
import type { Proof } from "./verified.ts";

export interface Rule {
  /** A port, or a range as `1000-2000`. */
  readonly port: string;
  readonly proto: "tcp" | "udp" | "any";
  /** The name that `port` was written as. */
  readonly service?: string;
  readonly action: "allow" | "deny" | "reject";
  readonly from?: string;
  readonly to?: string;
  readonly interface?: string;
  readonly direction: "in" | "out";
  readonly comment?: string;
  readonly priority?: number;
}

interface Difference {
  readonly field: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly cause: "intent";
}

export interface Firewall {
  /** What is there of the rule; nothing where it stands as it should, or is gone as it should be. */
  differences(host: ReadHost, rule: Rule, wanted: boolean): Promise<readonly Difference[]>;
  /** Puts the rule there or takes it away, and proves that. */
  apply(host: Host, rule: Rule, wanted: boolean, proof: Proof): Promise<void>;
}

/** `allow tcp 22 from 10.0.0.0/8 on eth0` */
export function inWords(rule: Rule): string {
  const { from, to, interface: device, comment, priority } = rule;
  return [
    `${rule.action} ${rule.direction} ${rule.proto} ${rule.port}`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
    ...(device === undefined ? [] : [`on ${device}`]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(comment === undefined ? [] : [`(${comment})`]),
  ].join(" ");
}

export const oneDifference = (from: string | undefined, to: string | undefined) =>
  from === to ? [] : [{ field: "rule", from, to, cause: "intent" as const }];

/** 4, 6, or both where no address says. */
export function familiesOf({ from, to }: Rule): readonly (4 | 6)[] {
  const said = [from, to].flatMap((at) =>
    at === undefined ? [] : [parseNetwork(at)?.family ?? 4],
  );
  const [first] = said;
  return first === undefined ? [4, 6] : [first];
}

/** Port and protocol of a service by its name, from services(5). */
export async function serviceNamed(
  host: ReadHost,
  name: string,
  proto: string,
): Promise<{ readonly port: string; readonly proto: Rule["proto"] }> {
  const table = (await fileText(host, "/etc/services")) ?? "";
  const lines = table.split("\n").map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const found = lines.find(
    ([known, place = "", ...aliases]) =>
      [known, ...aliases].includes(name) && (proto === "any" || place.endsWith(`/${proto}`)),
  );
  const [port, kind] = found?.[1]?.split("/") ?? [];
  if (port === undefined || (kind !== "tcp" && kind !== "udp"))
    throw new VigoError("failed", `no service ${name} in /etc/services`, {
      hint: "write port and proto instead, or declare the package netbase",
    });
  return { port, proto: proto === "any" ? "any" : kind };
}
