/**
 * The `firewall` type: one rule, in whichever firewall the machine has: ufw where it is switched on, firewalld where it runs, and a
 * table of our own in nftables elsewhere. Must not switch firewalls on, nor touch rules of others.
 */
import type { z } from "zod";
import { VigoError } from "../errors.ts";
import type { ReadHost } from "../host.ts";
import { choice, parameters, shell, text, whole } from "../params.ts";
import { Blocked, defineResource } from "../resource.ts";
import { addressPattern, parseNetwork } from "../text/ip-network.ts";
import { editing } from "../tools/edited-file.ts";
import { type Firewall, type Rule, serviceNamed } from "../tools/firewall-rule.ts";
import { firewalld, firewalldRuns } from "../tools/firewalld.ts";
import { nftRules } from "../tools/nft-rules.ts";
import { ufw, ufwIsOn } from "../tools/ufw.ts";
import { unproven, verifyMeans } from "../tools/verified.ts";

const network = (description: string) =>
  text(description, {
    pattern: addressPattern,
    wanted: "an address like 10.0.0.5, or a network like 10.0.0.0/8",
  }).exactOptional();

const portForm = /^\d{1,5}(?:-\d{1,5})?$/;

const params = () =>
  parameters({
    port: text("A port, or a range like `6000-6100`.", {
      pattern: portForm,
      wanted: "a port or a range like 6000-6100",
    }).exactOptional(),
    service: text(
      "Instead of a port, the name of a service: firewalld's own, else from `/etc/services`.",
      { pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, wanted: "the name of a service" },
    ).exactOptional(),
    proto: choice("Protocol of the port.", ["tcp", "udp", "any"]).default("tcp"),
    action: choice("Deny drops without an answer, reject answers.", [
      "allow",
      "deny",
      "reject",
    ]).default("allow"),
    from: network("Who it comes from; anybody when not said."),
    to: network("Who it goes to; anybody when not said."),
    interface: text("The interface it comes in at, or goes out at. Not for firewalld.", {
      pattern: /^[A-Za-z0-9_.-]{1,15}$/,
      wanted: "the name of an interface",
    }).exactOptional(),
    direction: choice("What goes out is not for firewalld.", ["in", "out"]).default("in"),
    comment: text(
      "Kept with the rule by ufw and nftables; with ufw that of somebody stays when none is said.",
      {
        pattern: /^[^"'\\\r\n\0]{1,100}$/,
        wanted: "at most 100 letters without quotes",
      },
    ).exactOptional(),
    priority: whole("Lower ones come first; not for ufw (nftables: 500 when not said).", {
      min: -32_768,
      max: 32_767,
    }).exactOptional(),
    backend: choice("Which firewall; `auto` takes the one that is in use.", [
      "auto",
      "ufw",
      "firewalld",
      "nftables",
    ]).default("auto"),
    state: choice("Absent removes the rule.", ["present", "absent"]).default("present"),
    verify: shell(verifyMeans).exactOptional(),
  })
    .refine((p) => (p.port === undefined) !== (p.service === undefined), {
      path: ["port"],
      message: "write one of port and service",
    })
    .refine((p) => isRange(p.port ?? "1"), {
      path: ["port"],
      message: "must be from 1 to 65535, a range from low to high",
    })
    .refine((p) => [p.from, p.to].every((at) => at === undefined || parseNetwork(at)), {
      path: ["from"],
      message: "from and to are addresses like 10.0.0.5 or networks like 10.0.0.0/8",
    })
    .refine((p) => new Set(addresses(p).map((at) => parseNetwork(at)?.family)).size < 2, {
      path: ["from"],
      message: "from and to are both IPv4 or both IPv6",
    });

const addresses = ({ from, to }: { readonly from?: string; readonly to?: string }) =>
  [from, to].filter((at) => at !== undefined);

/** What is no port at all has been said already. */
function isRange(port: string): boolean {
  if (!portForm.test(port)) return true;
  const [low = 0, high = low] = port.split("-").map(Number);
  return low >= 1 && high <= 65_535 && (port.includes("-") ? low < high : true);
}

type Params = z.output<ReturnType<typeof params>>;

export const firewall = defineResource<Params>({
  name: "firewall",
  summary: "Keeps one rule of the machine's firewall.",
  platforms: ["linux"],
  params,
  lane: editing,
  claims: (p) => [{ id: claimOf(p) }],
  after: () => [
    "package:ufw",
    "package:firewalld",
    "package:nftables",
    "service:ufw",
    "service:firewalld",
  ],

  async check(p, host) {
    const { backend, rule } = await placed(p, host);
    return [
      ...(await backend.differences(host, rule, p.state === "present")),
      ...(await unproven(host, claimOf(p), p.verify)),
    ];
  },

  async apply(p, host, changes) {
    const { backend, rule } = await placed(p, host);
    await backend.apply(host, rule, p.state === "present", {
      claim: claimOf(p),
      verify: p.verify,
      isNeeded: changes.some(({ field }) => field !== "verify"),
    });
  },

  examples: [
    { title: "A web server", params: { port: "443", comment: "web" } },
    {
      title: "SSH from the office alone",
      params: { service: "ssh", from: "10.1.0.0/16", action: "allow" },
    },
    {
      title: "Nothing to mail servers outside, unless the server is then out of reach",
      params: {
        port: "25",
        direction: "out",
        action: "reject",
        verify: "timeout 5 bash -c '</dev/tcp/vigo.example.com/1530'",
      },
    },
    { title: "No such rule", params: { port: "8080", state: "absent" } },
  ],
});

const firewalls: Readonly<Record<string, Firewall>> = { ufw, firewalld, nftables: nftRules };

const claimOf = (p: Params) =>
  `firewall:${[p.direction, p.service ?? p.port, p.proto, p.from, p.to, p.interface].join(" ")}`;

async function placed(p: Params, host: ReadHost) {
  const name = await backendFor(p, host);
  const backend = firewalls[name];
  if (backend === undefined) throw new Error(`no firewall ${name}`);
  if (name === "ufw" && p.priority !== undefined)
    throw new VigoError("failed", "ufw knows no priority: its rules stand in the order they came", {
      hint: "leave out priority, or use backend: nftables",
    });
  return { backend, rule: await ruleOf(p, host, name) };
}

async function backendFor(p: Params, host: ReadHost): Promise<string> {
  if (p.backend === "firewalld" && !(await firewalldRuns(host)))
    throw new Blocked("firewalld does not run");
  if (p.backend !== "auto") return p.backend;
  if (await ufwIsOn(host)) return "ufw";
  return (await firewalldRuns(host)) ? "firewalld" : "nftables";
}

async function ruleOf(p: Params, host: ReadHost, backend: string): Promise<Rule> {
  const { action, direction, priority, comment, interface: device, service } = p;
  const [from, to] = [p.from, p.to].map((at) =>
    at === undefined ? undefined : parseNetwork(at)?.text,
  );
  const place =
    service === undefined || backend === "firewalld"
      ? { port: p.port ?? p.service ?? "", proto: p.proto }
      : await serviceNamed(host, service, p.proto);
  return {
    ...place,
    action,
    direction,
    ...(service !== undefined && { service }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(device !== undefined && { interface: device }),
    ...(comment !== undefined && { comment }),
    ...(priority !== undefined && { priority }),
  };
}
