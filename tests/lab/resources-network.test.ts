/**
 * Certificates, firewalls, networks, containers and backups on a real Debian host that may change its own network: what a program
 * reads is what that program says is in force.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { proven } from "./proof.ts";
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
  "rsync",
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

/** networkd puts a port back by itself, now and then before anybody looks. */
const harm: Readonly<Record<string, string>> = {
  ifupdown: "ip address del 10.67.0.1/24 dev cable1",
  netplan: "echo '# x' >>/etc/netplan/60-vigo-bridge6.yaml",
  networkd: "echo '# x' >>/etc/systemd/network/10-vigo-bridge6.network",
};

/** A cable with two ends, a bridge with one of them in it. */
function interfaces(backend: string): Life {
  const by = backend === "ifupdown" ? "" : `, backend: ${backend}`;
  const bridge = backend === "ifupdown" ? "" : ", bridge: { members: [cable1], stp: false }";
  const state = (name: string) =>
    `ip -br address show ${name} scope global | tr -s ' '; ip -o link show ${name} | grep -o 'mtu [0-9]*'`;
  return {
    wish: [
      `{ name: end, type: network_interface, interface: cable0, addresses: [10.66.0.5/24, 'fd66::5/64'], gateway: [10.66.0.1], mtu: 1400${by} }`,
      `{ name: bridge, type: network_interface, interface: ${bridge === "" ? "cable1" : "bridge6"}, addresses: [10.67.0.1/24]${bridge}${by} }`,
    ],
    ask: `${state("cable0")}; ip -br -4 address show ${bridge === "" ? "cable1" : "bridge6"} | tr -s ' '; ip route show default | grep -c 10.66.0.1; ip -o link show cable1 | grep -c 'master bridge6' || :`,
    stands: `cable0@cable1 UP 10.66.0.5/24 fd66::5/64 \nmtu 1400\n${bridge === "" ? "cable1@cable0" : "bridge6"} UP 10.67.0.1/24 \n1\n${bridge === "" ? 0 : 1}\n`,
    harm: `ip address del 10.66.0.5/24 dev cable0; ip link set cable0 mtu 1500; ${harm[backend] ?? "ip address del 10.67.0.1/24 dev bridge6; ip link set cable1 nomaster"}`,
    found: ["end", "bridge"],
    away: [
      `{ name: end, type: network_interface, interface: cable0, state: absent${by} }`,
      `{ name: bridge, type: network_interface, interface: ${bridge === "" ? "cable1" : "bridge6"}, state: absent${bridge}${by} }`,
    ],
    gone: "ip -o link show bridge6 2>/dev/null; ls /etc/netplan /etc/network/interfaces.d /etc/NetworkManager/system-connections | grep vigo; ls /etc/systemd/network | grep vigo",
  };
}

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
      "{ name: rules, type: nftables, table: more, family: ip, rules: ['out type filter hook output priority 0;', 'out tcp dport 25 reject'] }",
    ],
    ask: "nft -s list chain inet ours input; nft list chain ip more out | grep -c 'tcp dport 25 reject'; tail -1 /etc/nftables.conf; nft delete table inet ours; nft -f /etc/nftables.conf; nft list tables | sort",
    stands: `table inet ours {
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		tcp dport { 80, 443 } add @seen { ip saddr } counter accept
	}
}
1
include "/etc/nftables.d/*.nft"
table inet filter
table inet ours
table ip more
`,
    harm: "nft add rule inet ours input drop; nft add element inet ours seen '{ 9.9.9.9 }'; nft delete table ip more; for f in inet-ours ip-more; do echo >/etc/nftables.d/$f.nft; done; sed -i /include/d /etc/nftables.conf",
    found: ["filter", "rules"],
    away: [
      "{ name: filter, type: nftables, table: ours, state: absent }",
      "{ name: rules, type: nftables, table: more, family: ip, state: absent }",
    ],
    gone: "nft list tables | grep -e ours -e more; ls /etc/nftables.d",
  },
  "firewall, as nftables has it": {
    wish: [
      "{ name: office, type: firewall, port: 2222, from: 10.0.0.0/8, comment: office, priority: 10 }",
      "{ name: nobody, type: firewall, port: 2222, action: deny, priority: 20, depends_on: [office] }",
      "{ name: names, type: firewall, service: domain, proto: any, direction: out, interface: eth9, to: 'fd00::/8', action: reject }",
    ],
    ask: "nft list table inet vigo; nft delete table inet vigo; nft -f /etc/nftables.d/inet-vigo.nft; nft list table inet vigo | grep -c comment",
    stands: `table inet vigo {
	chain input {
		type filter hook input priority filter; policy accept;
		ip saddr 10.0.0.0/8 tcp dport 2222 accept comment "10 office"
		tcp dport 2222 drop comment "20"
	}

	chain output {
		type filter hook output priority filter; policy accept;
		oifname "eth9" ip6 daddr fd00::/8 meta l4proto { tcp, udp } th dport 53 reject with icmpv6 port-unreachable comment "500"
	}
}
3
`,
    harm: "nft flush chain inet vigo output; sed -i /office/d /etc/nftables.d/inet-vigo.nft; nft insert rule inet vigo input tcp dport 2222 accept comment '\"9\"'",
    found: ["office", "nobody", "names"],
    away: [
      "{ name: office, type: firewall, port: 2222, from: 10.0.0.0/8, state: absent }",
      "{ name: nobody, type: firewall, port: 2222, state: absent }",
      "{ name: names, type: firewall, service: domain, proto: any, direction: out, interface: eth9, to: 'fd00::/8', state: absent }",
    ],
    gone: "nft list table inet vigo | grep comment; ls /etc/nftables.d",
  },
  "firewall, as firewalld has it": {
    wish: [
      "{ name: open, type: firewall, port: 8080, proto: any }",
      "{ name: rich, type: firewall, port: 6000-6100, from: 10.0.0.0/8, action: deny, priority: -5 }",
    ],
    ask: "for p in '' --permanent; do firewall-cmd $p --list-ports; firewall-cmd $p --list-services; firewall-cmd $p --list-rich-rules; done",
    stands: ["", ""]
      .map(
        () =>
          '8080/tcp 8080/udp\ndhcpv6-client ssh\nrule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" drop\n',
      )
      .join(""),
    harm: `firewall-cmd -q --remove-port=8080/udp; for p in --permanent --zone=public; do firewall-cmd -q $p --remove-rich-rule='rule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" drop'; firewall-cmd -q $p --add-rich-rule='rule priority="-5" family="ipv4" source address="10.0.0.0/8" port port="6000-6100" protocol="tcp" accept'; done`,
    found: ["open", "rich"],
    away: [
      "{ name: open, type: firewall, port: 8080, proto: any, state: absent }",
      "{ name: rich, type: firewall, port: 6000-6100, from: 10.0.0.0/8, priority: -5, state: absent }",
    ],
    gone: "firewall-cmd --permanent --list-all | grep -e 8080 -e http -e priority; firewall-cmd --list-all | grep -e 8080 -e http -e priority",
  },
  "firewall, as ufw has it": {
    wish: [
      "{ name: ssh, type: firewall, service: ssh, comment: ours }",
      "{ name: office, type: firewall, port: 6000-6100, proto: udp, from: 10.0.0.0/8, interface: host0, action: reject }",
      "{ name: six, type: firewall, port: 9, from: 'fd00::/8', direction: out, action: deny }",
    ],
    ask: "ufw show added | sed 1d | sort; iptables -S ufw-user-input | grep -c 6000:6100; ip6tables -S ufw6-user-output | grep -o 'fd00.*'",
    stands: `ufw allow 22/tcp comment 'ours'
ufw deny out from fd00::/8 to any port 9 proto tcp
ufw reject in on host0 from 10.0.0.0/8 to any port 6000:6100 proto udp
1
fd00::/8 -p tcp -m tcp --dport 9 -j DROP
`,
    harm: "ufw delete allow 22/tcp; ufw deny in on host0 from 10.0.0.0/8 to any port 6000:6100 proto udp; ufw delete deny out from fd00::/8 to any port 9 proto tcp",
    found: ["ssh", "office", "six"],
    away: [
      "{ name: ssh, type: firewall, service: ssh, state: absent }",
      "{ name: office, type: firewall, port: 6000-6100, proto: udp, from: 10.0.0.0/8, interface: host0, state: absent }",
      "{ name: six, type: firewall, port: 9, from: 'fd00::/8', direction: out, state: absent }",
    ],
    gone: "ufw show added | grep -E '22|6000|fd00'",
  },
  "route, as the kernel has it": {
    wish: [
      "{ name: net, type: route, destination: 10.8.0.0/16, gateway: 10.77.0.1 }",
      "{ name: out, type: route, destination: default, interface: host0, metric: 70, persist: false }",
      "{ name: six, type: route, destination: 'fd08::/64', gateway: 'fe80::1', interface: host0, persist: false }",
    ],
    ask: "ip route del 10.8.0.0/16; systemctl daemon-reload; systemctl restart vigo-route-10-8-0-0-16-0; ip route show 10.8.0.0/16; ip route show default; ip -6 route show fd08::/64; systemctl is-enabled vigo-route-10-8-0-0-16-0",
    stands:
      "10.8.0.0/16 via 10.77.0.1 dev host0 \ndefault dev host0 scope link metric 70 \nfd08::/64 via fe80::1 dev host0 metric 1024 pref medium\nenabled\n",
    harm: "ip route replace 10.8.0.0/16 dev host0; systemctl -q disable vigo-route-10-8-0-0-16-0; ip route del default metric 70; ip -6 route replace fd08::/64 via fe80::2 dev host0",
    found: ["net", "out", "six"],
    away: [
      "{ name: net, type: route, destination: 10.8.0.0/16, state: absent }",
      "{ name: out, type: route, destination: default, metric: 70, persist: false, state: absent }",
      "{ name: six, type: route, destination: 'fd08::/64', persist: false, state: absent }",
    ],
    gone: "ip route show default; ip route show 10.8.0.0/16; ip -6 route show fd08::/64; ls /etc/systemd/system | grep vigo",
  },
  "container, by podman": {
    wish: [
      "{ name: web, type: container, container: web, image: 'localhost/tiny:1', command: [/bin/sleep, '1000'], ports: ['8080:80'], volumes: ['/srv:/srv:ro'], environment: { SECRET: 'geheim x' }, labels: [tier=web], restart: always }",
    ],
    ask: "podman ps -a --format '{{.Names}} {{.State}} {{.Ports}}' | sed 's/Up .* ago/Up/'; podman exec web /bin/sh -c 'echo $SECRET'; podman inspect web --format '{{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels \"tier\"}} {{.HostConfig.Binds}}'",
    stands: "web Up 0.0.0.0:8080->80/tcp\ngeheim x\nalways web [/srv:/srv:ro,rprivate,rbind]\n",
    harm: "podman rm -f -t 0 web; podman run -q -d --name web localhost/tiny:1 /bin/sleep 500",
    found: ["web"],
    away: ["{ name: web, type: container, container: web, state: absent }"],
    gone: "podman ps -aq",
  },
  "compose, by podman-compose": {
    wish: [
      `{ name: blog, type: compose, project: blog, content: "services:\\n  web:\\n    image: localhost/tiny:1\\n    command: [/bin/sleep, '1000']\\n" }`,
    ],
    ask: "podman ps -a --format '{{.Names}} {{.Status}}' | sed 's/Up .* ago/Up/'; stat -c %a /etc/compose/blog/compose.yaml",
    stands: "blog_web_1 Up\n600\n",
    harm: "podman rm -f -t 0 blog_web_1; echo >/etc/compose/blog/compose.yaml",
    found: ["blog"],
    away: ["{ name: blog, type: compose, project: blog, state: down }"],
    gone: "podman ps -aq; ls /etc/compose",
  },
  ...Object.fromEntries(
    (["networkd", "networkmanager", "netplan", "ifupdown"] as const).map((backend) => [
      `network_interface, by ${backend}`,
      interfaces(backend),
    ]),
  ),
};

/**
 * A host of the lab has no disk and no control groups of its own to give away: what is started stays in the group of the command
 * that started it, and must not end with it. The image is made of what the host has.
 */
const podman = `mkdir -p /etc/systemd/system/run-.service.d
  printf '[Service]\\nKillMode=process\\n' >/etc/systemd/system/run-.service.d/lab.conf; systemctl daemon-reload
  mkdir -p /etc/containers
  printf '[storage]\\ndriver="vfs"\\nrunroot="/run/containers/storage"\\ngraphroot="/var/lib/containers/storage"\\n' >/etc/containers/storage.conf
  printf '[containers]\\ncgroups="disabled"\\n[engine]\\ncgroup_manager="cgroupfs"\\nevents_logger="file"\\n' >/etc/containers/containers.conf
  cd /root; mkdir -p image/bin image/lib/x86_64-linux-gnu image/lib64 image/etc image/tmp image/proc image/sys image/dev
  cp /bin/sh /bin/sleep /bin/true image/bin; cp /lib/x86_64-linux-gnu/libc.so.6 image/lib/x86_64-linux-gnu; cp /lib64/ld-linux-x86-64.so.2 image/lib64
  tar -C image -cf image.tar .; podman import -q image.tar localhost/tiny:1`;

const cable =
  "ip link add cable0 type veth peer name cable1; ip link set cable0 up; ip link set cable1 up";
const noCable = "ip link del cable0";
/** The lab's own address stays as the lab has set it. */
const unmanaged =
  "mkdir -p /etc/systemd/network /etc/NetworkManager/conf.d; ln -sf /dev/null /etc/systemd/network/80-container-host0.network; printf '[keyfile]\\nunmanaged-devices=interface-name:host0\\n' >/etc/NetworkManager/conf.d/lab.conf";

/** What a row needs of the host, before and afterwards. */
const around: Readonly<Record<string, readonly [before: string, after: string]>> = {
  "container, by podman": [podman, ""],
  "compose, by podman-compose": [podman, ""],
  "network_interface, by networkd": [
    `${unmanaged}; ${cable}; systemctl start systemd-networkd`,
    `systemctl stop systemd-networkd.socket systemd-networkd; ${noCable}`,
  ],
  "network_interface, by networkmanager": [
    `${unmanaged}; ${cable}; systemctl start NetworkManager`,
    `systemctl stop NetworkManager; ${noCable}`,
  ],
  // The host has no udev and a kernel's tree that is read-only, where netplan would have hardware looked at anew.
  "network_interface, by netplan": [
    `${unmanaged}; ${cable}; systemctl start systemd-networkd; printf '#!/bin/sh\\n[ $1 = trigger ] || [ $1 = settle ]\\n' >/root/udevadm; chmod 755 /root/udevadm; mount --bind /root/udevadm $(readlink -f /usr/bin/udevadm)`,
    `umount $(readlink -f /usr/bin/udevadm); systemctl stop systemd-networkd.socket systemd-networkd; ${noCable}; rm -f /etc/netplan/*`,
  ],
  "network_interface, by ifupdown": [cable, noCable],
  "firewall, as firewalld has it": ["systemctl start firewalld", "systemctl stop firewalld"],
  "firewall, as ufw has it": ["ufw --force enable", "ufw --force disable"],
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
    test(
      name,
      async () => {
        const [before = "", after = ""] = around[name] ?? [];
        await host.sh(before);
        try {
          await liveThrough(host, name, life);
        } finally {
          await host.sh(after);
        }
      },
      600_000,
    );

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

  /** Outcome, and the fields that changed. */
  const said = async (crate: string, resource: string, ...flags: readonly string[]) => {
    const { resources } = await applying(host)(crate, [resource], ...flags);
    return resources.map(({ outcome, reason, changes }) => ({
      outcome: reason === undefined ? outcome : `${outcome}: ${reason}`,
      changes: changes.map(({ field, from, to, cause }) => [field, from, to, cause]),
    }));
  };

  test("backup: each copy is whole, and takes only what has changed", async () => {
    const wish =
      "{ name: copies, type: backup, source_dir: /srv/data, target_path: /srv/copies, exclude: ['*.tmp'], pre_command: 'echo before >>/srv/log', post_command: 'echo after >>/srv/log' }";
    await host.sh(
      "mkdir -p /srv/data/sub; cd /srv/data; echo old >page; echo same >sub/deep; chmod 640 page; chown games page; echo x >no.tmp; ln -s page link",
    );
    const first = [["newest", undefined, "a new copy", "upstream"]];
    expect(await said("copies", wish, "--dry-run")).toEqual([
      { outcome: "pending", changes: first },
    ]);
    expect(await said("copies", wish)).toEqual([{ outcome: "changed", changes: first }]);
    expect(await said("copies", wish)).toEqual([{ outcome: "ok", changes: [] }]);

    await host.sh(
      "cd /srv/copies; mv 2* 2026-01-01T000000Z; echo new >/srv/data/page; mkdir by-hand .unfinished; echo x >.unfinished/stray",
    );
    const second = [
      ["newest", "2026-01-01T000000Z", "a new copy", "upstream"],
      ["older than kept", "2026-01-01T000000Z", undefined, "upstream"],
    ];
    const kept = wish.replace(" }", ", retain_days: 36500 }");
    expect(await said("copies", kept)).toEqual([
      { outcome: "changed", changes: second.slice(0, 1) },
    ]);
    expect(
      await host.sh(
        "cd /srv/copies; stat -c %a .; cat 2026-01-01*/page; cd $(ls -d 2* | tail -1); ls; cat page; stat -c '%a %U' page; stat -c %h page sub/deep; cat /srv/log",
      ),
    ).toBe("700\nold\nlink\npage\nsub\nnew\n640 games\n1\n2\nbefore\nafter\nbefore\nafter\n");

    await host.sh("cd /srv/copies; mv $(ls -d 2* | tail -1) 2026-01-02T000000Z");
    expect((await said("copies", wish, "--dry-run"))[0]?.changes[1]).toEqual([
      "older than kept",
      "2026-01-01T000000Z, 2026-01-02T000000Z",
      undefined,
      "upstream",
    ]);
    await said("copies", wish);
    expect(await host.sh("ls -A /srv/copies | wc -l; ls -d /srv/copies/by-hand")).toBe(
      "2\n/srv/copies/by-hand\n",
    );
    await said("copies", wish.replace(" }", ", state: absent }"));
    expect(await host.sh("ls -A /srv/copies")).toBe("by-hand\n");
    proven(host, "backup");
  }, 300_000);

  test("file_integrity: what was altered is named, or comes back out of its package", async () => {
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0"]));
    await host.put("/etc/apt/sources.list", aptSource(url));
    await host.sh("apt-get -qq update; apt-get -qq -y install hello-vigo >/dev/null");
    const tool = "/usr/sbin/hello-vigo";
    const digest = (await host.sh(`sha256sum ${tool}`)).slice(0, 64);
    const wish = (what: string, action: string) =>
      `{ name: tools, type: file_integrity, integrity: tools, ${what}, action: ${action} }`;
    const [byDigest, byPackage] = [`manifest: { ${tool}: ${digest} }`, "packages: [hello-vigo]"];
    expect(await said("tools", wish(`${byDigest}, ${byPackage}`, "report"))).toEqual([
      { outcome: "ok", changes: [] },
    ]);

    for (const what of [byDigest, byPackage]) {
      await host.sh(`echo evil >>${tool}; echo mine >/etc/hello-vigo.conf`);
      const [reported] = await said("tools", wish(what, "report"));
      expect(reported?.outcome).toMatch(/^failed: not as they were made: \/usr\/sbin\/hello-vigo/);
      const dry = await said("tools", wish(what, "restore"), "--dry-run");
      const done = await said("tools", wish(what, "restore"));
      expect([dry[0]?.outcome, done[0]?.outcome]).toEqual(["pending", "changed"]);
      expect(done[0]?.changes).toEqual(dry[0]?.changes ?? []);
      expect(await said("tools", wish(what, "restore"))).toEqual([{ outcome: "ok", changes: [] }]);
      expect(await host.sh(`sha256sum ${tool}; cat /etc/hello-vigo.conf`)).toBe(
        `${digest}  ${tool}\nmine\n`,
      );
    }
    proven(host, "file_integrity");
  }, 300_000);
});
