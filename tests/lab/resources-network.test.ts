/**
 * Certificates, firewalls, networks, containers and backups on a real Debian host that may change its own network: what a program
 * reads is what that program says is in force.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { builtVigo } from "./vigo.ts";

const packages = [
  "ca-certificates",
  "openssl",
  "nftables",
  "ufw",
  "firewalld",
  "ifupdown",
  "network-manager",
  "netplan.io",
  "podman",
  "podman-compose",
  "crun",
  "netavark",
  "aardvark-dns",
  "iputils-ping",
];

/** Of those packages. */
const off = [
  "firewalld.service",
  "ufw.service",
  "NetworkManager.service",
  "NetworkManager-wait-online.service",
  "networking.service",
  "podman.socket",
  "podman-auto-update.service",
  "podman-auto-update.timer",
  "podman-restart.service",
];

/** Its network is its own to change, and runtimes of containers keep keys. */
const allowed = ["--capability=CAP_NET_ADMIN", "--system-call-filter=add_key keyctl bpf"];

const lives: Readonly<Record<string, Life>> = {
  "certificate, as openssl reads it": {
    wish: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, common_name: web, names: [web.lab, 10.0.0.1, 'fd00::1'], days: 90, trust: true }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, common_name: db, key_kind: rsa-2048, group: adm }",
    ],
    ask: "openssl verify /srv/own.pem; openssl x509 -in /srv/own.pem -noout -subject -checkip fd00::1; openssl req -in /srv/db.csr -noout -subject -verify 2>&1; stat -c '%a %G' /srv/own.key /srv/db.key /srv/own.pem",
    stands:
      "/srv/own.pem: OK\nsubject=CN = web\nIP fd00::1 does match certificate\nCertificate request self-signature verify OK\nsubject=CN = db\n600 root\n600 adm\n644 root\n",
    harm: "chmod 644 /srv/own.key; openssl req -x509 -newkey ed25519 -nodes -subj /CN=web -keyout /dev/null -out /srv/own.pem 2>/dev/null; chgrp root /srv/db.key; echo >/srv/db.csr",
    found: ["own", "asked"],
    away: [
      "{ name: own, type: certificate, path: /srv/own.pem, key: /srv/own.key, trust: true, state: absent }",
      "{ name: asked, type: certificate, path: /srv/db.pem, key: /srv/db.key, request: /srv/db.csr, state: absent }",
    ],
    gone: "ls /srv; ls /usr/local/share/ca-certificates; ls /etc/ssl/certs | grep own",
  },
  "nftables, in the words of nft": {
    wish: [
      `{ name: filter, type: nftables, table: ours, content: "set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }\\nchain input {\\n  type filter hook input priority 0; policy accept;\\n  ct state established,related accept\\n  tcp dport {80,443} add @seen { ip saddr } counter accept\\n}\\n" }`,
      "{ name: rules, type: nftables, table: more, family: ip, persist: false, rules: ['out type filter hook output priority 0;', 'out tcp dport 25 reject'] }",
    ],
    ask: "nft -s list chain inet ours input; nft list chain ip more out | grep -c 'tcp dport 25 reject'; tail -1 /etc/nftables.conf; nft delete table inet ours; nft -f /etc/nftables.d/inet-ours.nft; nft list tables | sort",
    stands: `table inet ours {
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		tcp dport { 80, 443 } add @seen { ip saddr } counter accept
	}
}
1
include "/etc/nftables.d/*.nft"
table inet ours
table ip more
`,
    harm: "nft add rule inet ours input drop; nft add element inet ours seen '{ 9.9.9.9 }'; nft delete table ip more; echo >/etc/nftables.d/inet-ours.nft; sed -i /include/d /etc/nftables.conf",
    found: ["filter", "rules"],
    away: [
      "{ name: filter, type: nftables, table: ours, state: absent }",
      "{ name: rules, type: nftables, table: more, family: ip, persist: false, state: absent }",
    ],
    gone: "nft list tables | grep -e ours -e more; ls /etc/nftables.d",
  },
};

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo(), packages, off, allowed });
    [host] = lab.hosts as [LabHost];
  }, 300_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(lives))
    test(name, () => liveThrough(host, name, life), 180_000);

  test("rules that cut the host off are taken back", async () => {
    const wish = (verify: string) => [
      `{ name: shut, type: nftables, table: shut, persist: false, rules: ['out type filter hook output priority 0; policy drop;'], verify: "${verify}" }`,
    ];
    const { resources } = await applying(host)("shut", wish("ping -q -c1 -W1 10.77.0.1"));
    expect(resources.map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(/^failed: taken back, because afterwards this failed: ping/),
    ]);
    expect(await host.sh("nft list tables | grep shut || ping -q -c1 -W1 10.77.0.1")).toContain(
      "0% packet loss",
    );
  }, 60_000);
});
