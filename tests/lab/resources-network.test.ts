/**
 * Certificates, firewalls, networks, containers and backups on a real Debian host that may change its own network: what a program
 * reads is what that program says is in force.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { filled, lifeTimeoutMs, liveThrough } from "./life.ts";
import { network, networkBefore } from "./lives/network.ts";
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
