import { expect, test } from "bun:test";
import { explain } from "../../src/core/params.ts";
import { firewall } from "../../src/core/resources/firewall.ts";
import { cases } from "../support/cases.ts";
import { type Act, edits } from "../support/fake-host.ts";

const services = "ssh\t\t22/tcp\t\t\t# SSH\ndomain\t53/tcp\ndomain\t53/udp\nhttp 80/tcp www\n";

// --- ufw, whose files are as ufw 0.36.2 writes them

const user = "/etc/ufw/user.rules";
const user6 = "/etc/ufw/user6.rules";
const tuple = (action: string, match: string) => `### tuple ### ${action} ${match}\n-A x\n`;
const on = {
  "/etc/ufw/ufw.conf": "ENABLED=yes\nLOGLEVEL=low\n",
  "/etc/default/ufw": "IPV6=yes\n",
  "/etc/services": services,
};
const four = tuple("allow", "tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=782079");
const six = tuple("allow", "tcp 22 ::/0 any ::/0 in comment=782079");
const both: Act = (files) => {
  files.set(user, four);
  files.set(user6, six);
  return "";
};
const claim = "firewall:in 22 tcp   ";
const begun = "ufw:in tcp 22   ";
const ordered = (match: string, ...orders: readonly string[]) => [
  `note ufw:${match}`,
  ...orders.map((order) => `run ${order}`),
  `forget ufw:${match}`,
];
/** As ufw writes the rule, and asks the kernel whether it has it. */
const line = "ufw-user-input -p tcp --dport 22 -j ACCEPT";
const ruled = `${four.replace(/-A x\n/, "")}-A ${line}\n\n`;
const asks = `iptables -w 10 -C ${line}`;
const allow22 = "ufw allow in proto tcp from any to any port 22 comment x y";

cases(firewall, {
  "ufw: allows": {
    given: { files: { ...on, [user]: "", [user6]: "" }, commands: { [allow22]: both } },
    wish: { port: 22, comment: "x y" },
    does: ordered("in tcp 22   ", allow22),
    says: { rule: [undefined, "allow in tcp 22 (x y)"] },
  },
  "ufw: leaves a right rule alone": {
    given: { files: { ...on, [user]: four, [user6]: six } },
    wish: { service: "ssh", comment: "x y" },
    does: [],
  },
  "ufw: completes what only one family has": {
    given: { files: { ...on, [user]: four, [user6]: "" }, commands: { [allow22]: both } },
    wish: { port: 22, comment: "x y" },
    does: ordered("in tcp 22   ", allow22),
    says: { rule: ["in one of IPv4 and IPv6 only", "allow in tcp 22 (x y)"] },
  },
  "ufw: one family is enough where the other is off": {
    given: { files: { ...on, "/etc/default/ufw": "IPV6=no\n", [user]: four } },
    wish: { port: 22, comment: "x y" },
    does: [],
  },
  "ufw: turns another verdict": {
    given: {
      files: { ...on, [user]: tuple("deny", "udp 6000:6100 10.0.0.1 any 10.0.0.0/8 in_eth0") },
      commands: {
        "ufw reject in on eth0 proto udp from 10.0.0.0/8 to 10.0.0.1 port 6000:6100": edits(
          user,
          (text) => text.replace("deny", "reject"),
        ),
      },
    },
    wish: {
      port: "6000-6100",
      proto: "udp",
      from: "10.1.2.3/8",
      to: "10.0.0.1/32",
      interface: "eth0",
      action: "reject",
    },
    does: ordered(
      "in udp 6000-6100 10.0.0.0/8 10.0.0.1 eth0",
      "ufw reject in on eth0 proto udp from 10.0.0.0/8 to 10.0.0.1 port 6000:6100",
    ),
    says: {
      rule: [
        "deny in udp 6000-6100 from 10.0.0.0/8 to 10.0.0.1 on eth0",
        "reject in udp 6000-6100 from 10.0.0.0/8 to 10.0.0.1 on eth0",
      ],
    },
  },
  "ufw: takes a rule away, whatever its verdict": {
    given: {
      files: { ...on, [user]: tuple("deny", "any 53 0.0.0.0/0 any 0.0.0.0/0 out") },
      commands: {
        "ufw delete deny out from any to any port 53": edits(user, () => ""),
      },
    },
    wish: { service: "domain", proto: "any", direction: "out", state: "absent" },
    does: ordered("out any 53   ", "ufw delete deny out from any to any port 53"),
  },
  "ufw: brings back what was there when the machine is cut off": {
    given: {
      files: { ...on, [user]: "", [user6]: "" },
      commands: {
        [allow22]: both,
        "ufw reload": "",
        "ping server": { code: 1, stdout: "", stderr: "" },
      },
    },
    wish: { port: 22, comment: "x y", verify: "ping server" },
    does: [
      `note ${claim}`,
      ...ordered("in tcp 22   ", allow22),
      "run ping server",
      `write ${user}`,
      `write ${user6}`,
      "run ufw reload",
      `forget ${claim}`,
    ],
    leaves: { [user]: "", [user6]: "" },
    ends: "failed",
    because: "taken back, because afterwards this failed: ping server",
  },
  "ufw: brings back what was there before a run that was killed while it proved": {
    given: {
      files: { ...on, [user]: four, [user6]: six },
      notes: { [claim]: JSON.stringify([{ path: user, text: "old" }]) },
      commands: { "ufw reload": "", "ping server": { code: 1, stdout: "", stderr: "" } },
    },
    wish: { port: 22, comment: "x y", verify: "ping server" },
    does: ["run ping server", `write ${user}`, "run ufw reload", `forget ${claim}`],
    leaves: { [user]: "old" },
    ends: "failed",
    because: "taken back",
  },
  "ufw: leaves the comment of somebody alone": {
    given: { files: { ...on, [user]: four, [user6]: six } },
    wish: { port: 22 },
    does: [],
  },
  "ufw: turns another verdict, and keeps its comment": {
    given: {
      files: {
        ...on,
        [user]: four.replace("allow", "deny"),
        [user6]: six.replace("allow", "deny"),
      },
      commands: { [allow22]: both },
    },
    wish: { port: 22 },
    does: ordered("in tcp 22   ", allow22),
    says: { rule: ["deny in tcp 22 (x y)", "allow in tcp 22 (x y)"] },
  },
  "ufw: has no rule for a range of both protocols": {
    given: { files: { ...on, [user]: "", [user6]: "" } },
    wish: { port: "6000-6007", proto: "any" },
    does: [],
    ends: "failed",
    because: "ufw has no rule for the ports 6000-6007 of both tcp and udp",
  },
  "ufw: finds what is not in force any more": {
    given: {
      files: { ...on, "/etc/default/ufw": "IPV6=no\n", [user]: ruled },
      commands: {
        [asks]: (files) => ({ code: files.has("/forced") ? 0 : 1, stdout: "", stderr: "" }),
        "ufw reload": edits("/forced", () => "yes"),
      },
    },
    wish: { port: 22 },
    does: ordered("in tcp 22   ", "ufw reload"),
    says: {
      rule: ["in the files of ufw and in force are not the same", "allow in tcp 22 (x y)"],
    },
  },
  "ufw: leaves alone what is in force": {
    given: {
      files: { ...on, "/etc/default/ufw": "IPV6=no\n", [user]: ruled },
      commands: { [asks]: "" },
    },
    wish: { port: 22 },
    does: [],
  },
  "ufw: has all read anew that a run was killed in": {
    given: {
      files: { ...on, [user]: four, [user6]: "" },
      notes: { [begun]: "begun" },
      commands: { [allow22]: both, "ufw reload": "" },
    },
    wish: { port: 22, comment: "x y" },
    does: [`run ${allow22}`, "run ufw reload", `forget ${begun}`],
  },
  "ufw: also what it was killed in taking away": {
    given: {
      files: { ...on, [user]: "", [user6]: "" },
      notes: { [begun]: "begun" },
      commands: { "ufw reload": "" },
    },
    wish: { port: 22, state: "absent" },
    does: ["run ufw reload", `forget ${begun}`],
    says: { rule: ["in the files of ufw and in force are not the same", undefined] },
  },
  "ufw: has no priorities": {
    given: { files: on },
    wish: { port: 22, priority: 5 },
    does: [],
    ends: "failed",
    because: "ufw knows no priority",
  },
  "knows no such service": {
    given: { files: on },
    wish: { service: "sssh" },
    does: [],
    ends: "failed",
    because: "no service sssh in /etc/services",
  },
});

// --- firewalld, which prints this in 1.3.3

const zone = (services: string, ports: string, ...rich: readonly string[]) =>
  `public (active)\n  target: default\n  interfaces: \n  sources: \n  services: ${services}\n  ports: ${ports}\n  protocols: \n  forward: yes\n  rich rules: \n${rich.map((rule) => `\t${rule}\n`).join("")}\n`;
const [now, later] = ["/now", "/later"];
const there = { "/usr/sbin/firewalld": "", "/etc/services": services };
const asked = {
  "systemctl is-active --quiet firewalld": "",
  "firewall-cmd --list-all": (files: Map<string, string>) => files.get(now) ?? "",
  "firewall-cmd --permanent --list-all": (files: Map<string, string>) => files.get(later) ?? "",
};
const rich =
  'rule priority="10" family="ipv4" source address="10.0.0.0/8" port port="22" protocol="tcp"';
const becomes = (path: string, text: string) => edits(path, () => text);
const opened = { add: [{ kind: "port", value: "8080/tcp" }], remove: [] };

cases(firewall, {
  "firewalld: opens a port, now and for good": {
    given: {
      files: { ...there, [now]: zone("ssh", ""), [later]: zone("ssh", "") },
      commands: {
        ...asked,
        "firewall-cmd --add-port=8080/tcp": becomes(now, zone("ssh", "8080/tcp")),
        "firewall-cmd --permanent --add-port=8080/tcp": becomes(later, zone("ssh", "8080/tcp")),
      },
    },
    wish: { port: 8080 },
    does: [
      "run firewall-cmd --add-port=8080/tcp",
      "run firewall-cmd --permanent --add-port=8080/tcp",
    ],
    says: { rule: [undefined, "allow in tcp 8080"] },
  },
  "firewalld: leaves a service alone": {
    given: {
      files: { ...there, [now]: zone("ssh", ""), [later]: zone("ssh", "") },
      commands: asked,
    },
    wish: { service: "ssh" },
    does: [],
  },
  "firewalld: keeps for good what only runs": {
    given: {
      files: { ...there, [now]: zone("ssh", "1-9/udp"), [later]: zone("ssh", "") },
      commands: {
        ...asked,
        "firewall-cmd --permanent --add-port=1-9/udp": becomes(later, zone("", "1-9/udp")),
      },
    },
    wish: { port: "1-9", proto: "udp" },
    does: ["run firewall-cmd --permanent --add-port=1-9/udp"],
    says: { rule: ["running only", "allow in udp 1-9"] },
  },
  "firewalld: turns a rich rule": {
    given: {
      files: {
        ...there,
        [now]: zone("", "", `${rich} accept`),
        [later]: zone("", "", `${rich} drop`),
      },
      commands: {
        ...asked,
        [`firewall-cmd --add-rich-rule=${rich} drop`]: "",
        [`firewall-cmd --remove-rich-rule=${rich} accept`]: becomes(
          now,
          zone("", "", `${rich} drop`),
        ),
      },
    },
    wish: { port: 22, from: "10.0.0.0/8", priority: 10, action: "deny" },
    does: [
      `run firewall-cmd --add-rich-rule=${rich} drop`,
      `run firewall-cmd --remove-rich-rule=${rich} accept`,
    ],
    says: { rule: [`${rich} accept`, "deny in tcp 22 from 10.0.0.0/8 priority 10"] },
  },
  "firewalld: closes a port": {
    given: {
      files: { ...there, [now]: zone("", "53/tcp 53/udp"), [later]: zone("", "") },
      commands: {
        ...asked,
        "firewall-cmd --remove-port=53/tcp": "",
        "firewall-cmd --remove-port=53/udp": becomes(now, zone("", "")),
      },
    },
    wish: { port: 53, proto: "any", state: "absent" },
    does: ["run firewall-cmd --remove-port=53/tcp", "run firewall-cmd --remove-port=53/udp"],
  },
  "firewalld: brings back what was there before a run that was killed while it proved": {
    given: {
      files: { ...there, [now]: zone("", "8080/tcp"), [later]: zone("", "8080/tcp") },
      notes: { "firewall:in 8080 tcp   ": JSON.stringify([opened, opened]) },
      commands: {
        ...asked,
        "ping server": { code: 1, stdout: "", stderr: "" },
        "firewall-cmd --remove-port=8080/tcp": becomes(now, zone("", "")),
        "firewall-cmd --permanent --remove-port=8080/tcp": becomes(later, zone("", "")),
      },
    },
    wish: { port: 8080, verify: "ping server" },
    does: [
      "run ping server",
      "run firewall-cmd --permanent --remove-port=8080/tcp",
      "run firewall-cmd --remove-port=8080/tcp",
      "forget firewall:in 8080 tcp   ",
    ],
    ends: "failed",
    because: "taken back",
  },
  "firewalld: has no rules for interfaces": {
    given: { files: there, commands: asked },
    wish: { port: 22, interface: "eth0" },
    does: [],
    ends: "failed",
    because: "firewalld has no rules for one interface",
  },
  "firewalld: is waited for": {
    given: {
      files: { "/usr/sbin/firewalld": "" },
      commands: {
        "systemctl is-active --quiet firewalld": { code: 3, stdout: "", stderr: "" },
      },
    },
    wish: { port: 22, backend: "firewalld" },
    does: [],
    ends: "blocked",
    because: "firewalld does not run",
  },
});

// --- nftables, where nothing else is

const conf = "/etc/nftables.conf";
const include = 'include "/etc/nftables.d/*.nft"\n';
const own = "/etc/nftables.d/inet-vigo.nft";
const kernel = "/kernel";
const chain = (name: string, ...lines: readonly string[]) =>
  `\tchain ${name} {\n\t\ttype filter hook ${name} priority filter; policy accept;\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}\n`;
const table = (...lines: readonly string[]) =>
  `table inet vigo { # handle 7\n${chain("input", ...lines)}${chain("output")}}\n`;
const file = (...lines: readonly string[]) =>
  `add table inet vigo; delete table inet vigo; table inet vigo {\n${chain("input", ...lines)}${chain("output")}}\n`;
const list: Act = (files) => files.get(kernel) ?? { code: 1, stdout: "", stderr: "No such file" };
const nft = { "nft -a list table inet vigo": list, "nft list table inet vigo": list };
const low = 'ip saddr 10.0.0.0/8 tcp dport 22 accept comment "10 office"';
const mid = 'tcp dport 22 drop comment "50"';
const high = 'meta l4proto { tcp, udp } th dport 53 reject comment "500"';
const frame = `add table inet vigo
add chain inet vigo input { type filter hook input priority filter; policy accept; }
add chain inet vigo output { type filter hook output priority filter; policy accept; }`;

cases(firewall, {
  "nftables: puts a rule in its place": {
    given: {
      files: {
        [conf]: include,
        [own]: file(low, high),
        [kernel]: table(`${low} # handle 3`, `${high} # handle 5`),
      },
      commands: {
        ...nft,
        "nft -f -": becomes(
          kernel,
          table(`${low} # handle 3`, `${mid} # handle 9`, `${high} # handle 5`),
        ),
      },
    },
    wish: { port: 22, action: "deny", priority: 50 },
    does: [
      `run nft -f - < ${frame}\ninsert rule inet vigo input position 5 ${mid}`,
      `write ${own}`,
    ],
    leaves: { [own]: file(low, mid, high) },
  },
  "nftables: makes its table": {
    given: { files: { [conf]: "" }, commands: { ...nft, "nft -f -": becomes(kernel, table(low)) } },
    wish: { port: 22, from: "10.0.0.0/8", comment: "office", priority: 10 },
    does: [
      `run nft -f - < ${frame}\nadd rule inet vigo input ${low}`,
      "mkdir /etc/nftables.d",
      `write ${own}`,
      `write ${conf}`,
    ],
    says: {
      rule: [undefined, "allow in tcp 22 from 10.0.0.0/8 priority 10 (office)"],
    },
  },
  "nftables: leaves a right rule alone": {
    given: {
      files: { [conf]: include, [own]: file(high), [kernel]: table(`${high} # handle 5`) },
      commands: nft,
    },
    wish: { port: 53, proto: "any", action: "reject" },
    does: [],
  },
  "nftables: turns another verdict": {
    given: {
      files: {
        [conf]: include,
        [own]: file(mid),
        [kernel]: table('tcp dport 22 accept comment "500 x" # handle 4'),
      },
      commands: { ...nft, "nft -f -": becomes(kernel, table(`${mid} # handle 6`)) },
    },
    wish: { port: 22, action: "deny", priority: 50 },
    does: [
      `run nft -f - < ${frame}\ndelete rule inet vigo input handle 4\nadd rule inet vigo input ${mid}`,
      `write ${own}`,
    ],
    says: { rule: ['tcp dport 22 accept comment "500 x"', "deny in tcp 22 priority 50"] },
  },
  "nftables: brings back what was there before a run that was killed while it proved": {
    given: {
      files: { [conf]: include, [own]: file(mid), [kernel]: table(`${mid} # handle 4`) },
      notes: { [claim]: JSON.stringify({ back: "before", text: file(low) }) },
      commands: {
        ...nft,
        "nft -f -": becomes(kernel, table(low)),
        "ping server": { code: 1, stdout: "", stderr: "" },
      },
    },
    wish: { port: 22, action: "deny", priority: 50, verify: "ping server" },
    does: ["run ping server", "run nft -f - < before", `write ${own}`, `forget ${claim}`],
    leaves: { [own]: file(low) },
    ends: "failed",
    because: "taken back",
  },
  "nftables: takes the last rule away, and the file": {
    given: {
      files: { [conf]: include, [own]: file(mid), [kernel]: table(`${mid} # handle 4`) },
      commands: { ...nft, "nft -f -": becomes(kernel, table()) },
    },
    wish: { port: 22, state: "absent" },
    does: [`run nft -f - < ${frame}\ndelete rule inet vigo input handle 4`, `remove ${own}`],
    says: { rule: [mid, undefined] },
  },
});

test.each([
  [{}, "port: write one of port and service"],
  [{ port: 22, service: "ssh" }, "port: write one of port and service"],
  [{ port: "70000" }, "port: must be from 1 to 65535"],
  [{ port: "20-10" }, "port: must be from 1 to 65535"],
  [{ port: 22, from: "10.0.0.0/33" }, "from: from and to are addresses"],
  [{ port: 22, from: "10.0.0.1", to: "fd00::1" }, "from: from and to are both"],
])("%j is refused", (params, because) => {
  const { error } = firewall.params.safeParse(params);
  expect(error && explain(error).join()).toContain(because);
});

test("what is no port at all is said once", () => {
  const { error } = firewall.params.safeParse({ port: "80,443" });
  expect(error && explain(error)).toEqual([
    'port: must be a port or a range like 6000-6100, not "80,443"',
  ]);
});
