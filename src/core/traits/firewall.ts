/**
 * The `firewall` trait: what the kernel filters, whoever told it to, through nft(8) or iptables(8). Must not know what the rules
 * say.
 */
import { z } from "zod";
import { VigoError } from "../errors.ts";
import type { CommandResult, ReadHost } from "../host.ts";
import { defineTrait } from "../trait.ts";

const policy = (description: string) =>
  z.enum(["accept", "drop", "none"]).meta({ description: `${description}; none: no such chain.` });

export const firewall = defineTrait({
  name: "firewall",
  summary: "What the packet filter does.",
  platforms: ["linux"],
  elsewhere: {
    darwin: () =>
      (require("./darwin/settings.ts") as typeof import("./darwin/settings.ts")).firewall,
    windows: () =>
      (require("./windows/software.ts") as typeof import("./windows/software.ts")).firewall,
  },
  keep: "hour",
  timeoutMs: 10_000,
  value: () =>
    z.strictObject({
      backend: z
        .enum(["nftables", "iptables", "ufw", "firewalld", "socketfilterfw", "windows", "none"])
        .meta({
          description: "Who manages the rules, as far as they show it; none: there are no rules.",
        }),
      enabled: z.boolean().meta({ description: "There is a rule, or a policy that drops." }),
      input_policy: policy("What happens to packets for this machine that no rule decides"),
      forward_policy: policy("What happens to packets for others that no rule decides"),
      output_policy: policy("What happens to packets of this machine that no rule decides"),
      rule_count: z.int().min(0).meta({ description: "Rules in all tables." }),
    }),
  async collect(host) {
    const nft = await host.query({
      argv: ["nft", "-j", "-t", "list", "ruleset"],
      timeoutMs: 8_000,
    });
    if (nft.code !== 127)
      return withBackend(parseNft(printed("nft list ruleset", nft)), "nftables");
    const iptables = await host.query({ argv: ["iptables", "-S"], timeoutMs: 8_000 });
    if (iptables.code === 127) return hasKernelRules(host);
    return withBackend(parseIptables(printed("iptables -S", iptables)), "iptables");
  },
  example: {
    backend: "nftables",
    enabled: true,
    input_policy: "drop",
    forward_policy: "drop",
    output_policy: "accept",
    rule_count: 17,
  },
});

type Policy = "accept" | "drop" | "none";
type Backend = "nftables" | "iptables" | "ufw" | "firewalld";
type Hook = "input" | "forward" | "output";

export interface Filter {
  readonly policies: Readonly<Record<Hook, Policy>>;
  readonly rules: number;
  /** Of tables and chains. */
  readonly names: readonly string[];
}

function printed(what: string, { code, stdout, stderr, truncated }: CommandResult): string {
  if (code !== 0)
    throw new VigoError("failed", `${what}: exit ${code}: ${stderr.trim().split("\n").at(-1)}`, {
      hint: "only root may ask the packet filter",
    });
  if (truncated === true) throw new VigoError("limited", `${what}: more rules than can be read`);
  return stdout;
}

function withBackend({ policies, rules, names }: Filter, plain: "nftables" | "iptables") {
  const drops = Object.values(policies).includes("drop");
  const managed: Backend = names.some((name) => /^ufw6?-/.test(name))
    ? "ufw"
    : names.includes("firewalld") || names.includes("INPUT_ZONES")
      ? "firewalld"
      : plain;
  return {
    backend: rules === 0 && !drops ? ("none" as const) : managed,
    enabled: rules > 0 || drops,
    input_policy: policies.input,
    forward_policy: policies.forward,
    output_policy: policies.output,
    rule_count: rules,
  };
}

/** Without either tool nothing can be told, unless the kernel has no table at all. */
async function hasKernelRules(host: ReadHost) {
  const loaded = ["nf_tables", "ip_tables"].map((name) => host.stat(`/sys/module/${name}`));
  if ((await Promise.all(loaded)).some((module) => module !== undefined)) return undefined;
  const policies = { input: "none", forward: "none", output: "none" } as const;
  return withBackend({ policies, rules: 0, names: [] }, "nftables");
}

interface NftObject {
  readonly table?: { readonly name?: string };
  readonly chain?: { readonly name?: string; readonly hook?: string; readonly policy?: string };
  readonly rule?: object;
}

/** libnftables-json(5). Of several chains at one hook one that drops is enough. */
export function parseNft(json: string): Filter {
  const { nftables = [] } = JSON.parse(json) as { nftables?: readonly NftObject[] };
  const chains = nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain]));
  const policyAt = (hook: Hook): Policy => {
    const found = chains.filter((chain) => chain.hook === hook).map((chain) => chain.policy);
    if (found.includes("drop")) return "drop";
    return found.length === 0 ? "none" : "accept";
  };
  return {
    policies: {
      input: policyAt("input"),
      forward: policyAt("forward"),
      output: policyAt("output"),
    },
    rules: nftables.filter(({ rule }) => rule !== undefined).length,
    names: nftables.flatMap(({ table, chain }) => table?.name ?? chain?.name ?? []),
  };
}

/** `-P CHAIN POLICY`, `-N CHAIN`, `-A CHAIN …`. */
export function parseIptables(shown: string): Filter {
  const policyAt = (chain: string): Policy => {
    const [, word] = new RegExp(`^-P ${chain} (\\w+)$`, "m").exec(shown) ?? [];
    if (word === undefined) return "none";
    return word === "DROP" ? "drop" : "accept";
  };
  return {
    policies: {
      input: policyAt("INPUT"),
      forward: policyAt("FORWARD"),
      output: policyAt("OUTPUT"),
    },
    rules: [...shown.matchAll(/^-A /gm)].length,
    names: [...shown.matchAll(/^-N (\S+)$/gm)].map(([, name = ""]) => name),
  };
}
