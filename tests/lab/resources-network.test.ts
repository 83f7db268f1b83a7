/**
 * Certificates, firewalls, networks and containers on a real Debian host that may change its own network: what a program
 * reads is what that program says is in force.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { filled, lifeTimeoutMs, liveThrough } from "./life.ts";
import { network, networkBefore } from "./lives/network.ts";
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
  tar -C image -cf image.tar .; podman import -q image.tar localhost/tiny:1; podman network exists lan || podman network create lan >/dev/null`;

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
  let known: Readonly<Record<string, string>>;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo(), packages, off, allowed });
    [host] = lab.hosts as [LabHost];
    await host.sh(networkBefore);
    const quoted = async (path: string) => JSON.stringify(await host.get(path));
    known = {
      CERTIFICATE: await quoted("/root/brought.pem"),
      PRIVATE: await quoted("/root/brought.key"),
    };
  }, 300_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(network))
    test(
      name,
      async () => {
        const [before = "", after = ""] = around[name] ?? [];
        await host.sh(before);
        try {
          await liveThrough(host, name, filled(life, known));
        } finally {
          await host.sh(after);
        }
      },
      lifeTimeoutMs,
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

  test("rules of a run that was killed while it proved them are proven by the next one, or taken back", async () => {
    const wish = (verify: string) => [
      `{ name: left, type: nftables, table: left, persist: false, rules: ['out type filter hook output priority 0; policy accept;'], verify: "${verify}" }`,
    ];
    const isThere = "nft list tables | grep -c left || :";
    const killed = async () => {
      await applying(host)("left", wish("sleep 30"), "--dry-run");
      await host.sh(`systemd-run -q --scope --collect --unit=proving /opt/vigo/vigo agent apply /root/left.vgo >/dev/null 2>&1 & run=$!
        until nft list table inet left >/dev/null 2>&1 && pgrep -x sleep; do kill -0 $run; sleep 0.1; done
        systemctl kill -s KILL proving.scope; wait $run || true`);
      expect(await host.sh(isThere)).toBe("1\n");
    };
    const next = async (verify: string) => {
      const { resources } = await applying(host)("left", wish(verify));
      return resources.map(({ outcome, reason, changes }) => [
        `${outcome}: ${reason}`,
        ...changes.map(({ field, from, to }) => `${field}: ${from} -> ${to}`),
      ]);
    };
    await killed();
    expect(await next("true")).toEqual([["changed: undefined", "verify: not proven -> proven"]]);
    expect(await next("true")).toEqual([["ok: undefined"]]);
    await host.sh("nft delete table inet left");
    await killed();
    expect(await next("echo no way >&2; false")).toEqual([
      [
        expect.stringMatching(/^failed: taken back, because afterwards this failed: .*: no way /),
        "verify: not proven -> proven",
      ],
    ]);
    expect(await host.sh(isThere)).toBe("0\n");
  }, 120_000);
});
