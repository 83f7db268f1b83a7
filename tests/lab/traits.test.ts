/** Every trait on a real Debian host, beside what the system's own tools say there. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { traits } from "../../src/core/traits/index.ts";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

let lab: Lab;
let host: LabHost;

type Value = Readonly<Record<string, unknown>>;

/** What the agent says, now. */
const trait = async <T = Value>(name: string): Promise<T> =>
  JSON.parse(await host.ok(["/opt/vigo/vigo", "agent", "traits", name, "--json"])) as T;

/** The words a command prints. */
const told = async (text: string): Promise<string> => (await host.sh(text)).trim();
const lines = async (text: string): Promise<string[]> =>
  (await told(text)).split("\n").filter((line) => line !== "");
const json = async <T>(text: string): Promise<T> => JSON.parse(await host.sh(text)) as T;
const number = async (text: string): Promise<number> => Number(await told(text));

/** Both looked, one after the other, at something that moves. */
const near = (a: unknown, b: number, by: number) =>
  expect(Math.abs(Number(a) - b)).toBeLessThanOrEqual(by);

const proofs: Readonly<Record<string, () => Promise<void>>> = {
  async os() {
    expect(await trait("os")).toMatchObject({
      distro: await told(". /etc/os-release; echo $ID"),
      version: await told(". /etc/os-release; echo $VERSION_ID"),
      pretty_name: await told(". /etc/os-release; echo $PRETTY_NAME"),
      kernel: await told("uname -r"),
      arch: await told("dpkg --print-architecture"),
      arch_raw: await told("uname -m"),
      machine_id: await told("cat /etc/machine-id"),
      init: "systemd",
    });
  },
  async hardware() {
    expect(await trait("hardware")).toMatchObject({
      cpu_count: await number("getconf _NPROCESSORS_ONLN"),
      cpu_model: await told("lscpu | sed -n 's/^Model name: *//p'"),
      architecture_bits: await number("getconf LONG_BIT"),
      memory_mb: Math.floor((await number("free -k | awk '/^Mem:/ {print $2}'")) / 1024),
    });
  },
  async memory() {
    const value = await trait("memory");
    near(value["total_mb"], await number("free -m | awk '/^Mem:/ {print $2}'"), 1);
    near(value["available_mb"], await number("free -m | awk '/^Mem:/ {print $7}'"), 1_500);
  },
  async swap() {
    const value = await trait<{ devices: unknown[]; total_mb: number }>("swap");
    near(value.total_mb, await number("free -m | awk '/^Swap:/ {print $2}'"), 1);
    expect(value.devices).toHaveLength((await lines("swapon --show --noheadings")).length);
  },
  async loadavg() {
    const value = await trait("loadavg");
    const [, five = "", fifteen = ""] = (await told("uptime | sed 's/.*: //; s/,//g'")).split(" ");
    near(value["five"], Number(five), 2);
    near(value["fifteen"], Number(fifteen), 1);
  },
  async pressure() {
    const value = await trait<Record<string, Record<string, number>>>("pressure");
    const some = await number(
      "sed -n 's/^some avg10=\\([0-9.]*\\) .*/\\1/p' /proc/pressure/memory",
    );
    near(value["memory"]?.["some_avg10"], some, 30);
    expect(Object.keys(value)).toEqual(["cpu", "io", "memory"]);
  },
  async uptime() {
    const value = await trait("uptime");
    near(value["seconds"], await number("cut -d. -f1 /proc/uptime"), 5);
    const started = Date.parse(`${await told("TZ=UTC uptime -s")}Z`.replace(" ", "T"));
    near(Date.parse(String(value["boot_time"])), started, 2_000);
  },
  async time() {
    await host.sh("ln -sf /usr/share/zoneinfo/Asia/Kathmandu /etc/localtime");
    const words = "+%H:%M %Y-%m-%d %A %:z";
    const before = await told(`LC_ALL=C date '${words}'`);
    const { clock, date, weekday, utc_offset, timezone } = await trait("time");
    const after = await told(`LC_ALL=C date '${words}'`);
    const mine = `${String(clock)} ${String(date)} ${String(weekday)} ${String(utc_offset)}`;
    expect([before, after].map((text) => text.toLowerCase())).toContain(mine);
    expect(timezone).toBe("Asia/Kathmandu");
  },
  async network() {
    const value = await trait<{
      interfaces: Record<string, { mtu: number; addresses: string[] }>;
      ip_addresses: string[];
    }>("network");
    interface Link {
      readonly ifname: string;
      readonly mtu: number;
      readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
    }
    const links = await json<readonly Link[]>("ip -j address");
    for (const { ifname, mtu, addr_info } of links) {
      const own = addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
      expect(value.interfaces[ifname]).toMatchObject({ mtu });
      expect([...(value.interfaces[ifname]?.addresses ?? [])].sort()).toEqual(own.sort());
    }
    expect(value).toMatchObject({ hostname: await told("hostname -s") });
    expect(value.ip_addresses).toContain(host.address);
  },
  async ports() {
    const ports = async (kind: string) => {
      const listed = await lines(`ss -H -${kind}ln | awk '{print $4}' | sed 's/.*://' | sort -un`);
      return listed.map(Number);
    };
    expect(await trait("ports")).toEqual({ listening: await ports("t"), udp: await ports("u") });
    expect(await ports("t")).toContain(22);
  },
  async listeners() {
    interface Socket {
      readonly port: number;
      readonly comm: string;
      readonly pid: number;
      readonly exe: string;
    }
    const { sockets } = await trait<{ sockets: readonly Socket[] }>("listeners");
    const rows = await lines("ss -H -tlnp");
    for (const row of rows) {
      const [, port, comm, pid] = /:(\d+) .*users:\(\("([^"]+)",pid=(\d+)/.exec(row) ?? [];
      const found = sockets.find((it) => it.port === Number(port));
      expect(found).toMatchObject({ comm, pid: Number(pid) });
    }
    const ssh = sockets.find(({ port }) => port === 22);
    expect(ssh?.exe).toBe(await told(`readlink /proc/${ssh?.pid}/exe`));
  },
  async mountpoints() {
    const { mounts } = await trait<{
      mounts: readonly { path: string; fstype: string; options: string[] }[];
    }>("mountpoints");
    const { filesystems } = await json<{
      filesystems: readonly { target: string; fstype: string; options: string }[];
    }>("findmnt -J --list -o TARGET,FSTYPE,OPTIONS");
    const theirs = new Map(filesystems.map((it) => [it.target, it]));
    expect(mounts.map(({ path }) => path).sort()).toEqual([...theirs.keys()].sort());
    for (const { path, fstype, options } of mounts) {
      const found = theirs.get(path);
      expect([fstype, [...options].sort()]).toEqual([
        found?.fstype ?? "",
        (found?.options ?? "").split(",").sort(),
      ]);
    }
  },
  async filesystem() {
    const value = await trait("filesystem");
    near(value["root_used_pct"], await number("df --output=pcent / | tail -1 | tr -d ' %'"), 1.1);
  },
  async blockdevices() {
    const { devices } = await trait<{ devices: Record<string, Value> }>("blockdevices");
    interface Device {
      readonly name: string;
      readonly size: number;
      readonly ro: boolean;
      readonly rota: boolean;
    }
    const { blockdevices } = await json<{ blockdevices: readonly Device[] }>(
      "lsblk -J -b -d -e 1,7 -o NAME,SIZE,RO,ROTA",
    );
    const theirs = blockdevices.filter(({ name, size }) => size > 0 && !/^zram/.test(name));
    expect(Object.keys(devices)).toEqual(theirs.map(({ name }) => name).sort());
    for (const { name, size, ro, rota } of theirs)
      expect(devices[name]).toMatchObject({ size_bytes: size, readonly: ro, rotational: rota });
  },
  async dmi() {
    const firmware = (await host.run(["test", "-e", "/sys/class/dmi/id/sys_vendor"])).code === 0;
    const value = await trait<Value | null>("dmi");
    if (firmware)
      expect(value).toMatchObject({
        product_vendor: await told("cat /sys/class/dmi/id/sys_vendor"),
      });
    else expect(value).toBeNull();
  },
  async packages() {
    const { manager, count, installed } = await trait<{
      manager: string;
      count: number;
      installed: Value;
    }>("packages");
    const format = ["db:Status-Status", "Package", "Version"].map((it) => `\${${it}}`).join(" ");
    const listed = await lines(
      `dpkg-query -W -f '${format}\\n' | sed -n 's/^installed //p' | sort`,
    );
    expect([manager, count]).toEqual(["dpkg", listed.length]);
    expect(
      Object.entries(installed)
        .map(([name, version]) => `${name} ${String(version)}`)
        .sort(),
    ).toEqual(listed.sort());
  },
  async package_updates() {
    const { count, packages } = await trait<{ count: number; packages: readonly Value[] }>(
      "package_updates",
    );
    expect(count).toBe(await number("apt-get -s dist-upgrade | grep -c ^Inst"));
    expect(packages).toEqual([{ name: "hello-vigo", version: "1.1", security: false }]);
    await host.sh(
      "echo 'deb http://nowhere.example/debian bookworm main' >/etc/apt/sources.list.d/gone.list",
    );
    expect(await trait("package_updates")).toMatchObject({
      broken_repos: ["http://nowhere.example/debian bookworm main"],
    });
  },
  async package_source_audit() {
    await host.put(
      "/etc/apt/sources.list.d/x.sources",
      "Types: deb\nURIs: https://me:pw@x.example/debian\nSuites: a b\nComponents: main\n",
    );
    const { sources } = await trait<{ sources: readonly Value[] }>("package_source_audit");
    const known = await lines(
      "apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' | sort -u",
    );
    for (const { url, suite } of sources) {
      const release = String(suite).split(" ")[0] ?? "";
      const uri = String(url).replace(/\/*$/, "/");
      expect(known.map((row) => row.replace("me:pw@", ""))).toContain(`${uri} ${release}`);
    }
    expect(sources.length).toBeGreaterThan(2);
    expect(JSON.stringify(sources)).not.toContain("pw");
    await host.sh("rm /etc/apt/sources.list.d/*");
  },
  async services() {
    await host.put("/etc/systemd/system/bad.service", "[Service]\nExecStart=/bin/false\n");
    await host.run(["systemctl", "start", "bad"]);
    await eventually("bad.service has failed", 10_000, async () =>
      (await host.run(["systemctl", "is-failed", "-q", "bad"])).code === 0 ? true : undefined,
    );
    const value = await trait<Record<"running" | "failed" | "enabled", string[]>>("services");
    const listed = (state: string) =>
      lines(
        `systemctl list-units --type=service --state=${state} --plain --no-legend | awk '{print $1}' | sort`,
      );
    const own = /^run-|^user@/;
    expect(value.running.filter((name) => !own.test(name))).toEqual(
      (await listed("running")).filter((name) => !own.test(name)),
    );
    expect(value.failed).toEqual(await listed("failed"));
    expect(value.failed).toEqual(["bad.service"]);
    const files = await lines(
      "systemctl list-unit-files --type=service --state=enabled --no-legend | awk '{print $1}'",
    );
    const plain = value.enabled.map((name) => name.replace(/@.*\./, "@."));
    expect([...new Set(plain)].sort()).toEqual(files.sort());
    await host.ok(["systemctl", "reset-failed", "bad"]);
  },
  async processes() {
    const value = await trait<{ count: number; zombies: number; top_rss: readonly Value[] }>(
      "processes",
    );
    near(value.count, await number("ps -e --no-headers | wc -l"), 8);
    near(value.zombies, await number("ps -eo stat --no-headers | grep -c ^Z || true"), 2);
    expect(value.top_rss.map(({ name }) => name)).toContain(await told("cat /proc/1/comm"));
  },
  async users() {
    const value = await trait<Record<"human" | "system" | "sudoers", string[]>>("users");
    const all = await lines("getent passwd | cut -d: -f1 | sort");
    expect([...value.human, ...value.system].sort()).toEqual(all);
    expect(value.human).toEqual(["dana"]);
    expect(value.sudoers).toEqual(["dana"]);
  },
  async groups() {
    const { members } = await trait<{ members: Record<string, string[]> }>("groups");
    expect(Object.keys(members).sort()).toEqual(await lines("getent group | cut -d: -f1 | sort"));
    const mine = Object.entries(members).flatMap(([name, users]) =>
      users.includes("dana") ? [name] : [],
    );
    expect(mine.sort()).toEqual((await told("id -Gn dana")).split(" ").sort());
  },
  async cron_jobs() {
    await host.sh("echo '5 4 * * mon /bin/true --flag' | crontab -u dana -");
    const { jobs } = await trait<{ jobs: readonly Value[] }>("cron_jobs");
    const own = jobs.filter(({ user }) => user === "dana");
    const listed = await lines("crontab -u dana -l | grep -v '^#'");
    expect(own.map(({ schedule, command }) => `${String(schedule)} ${String(command)}`)).toEqual(
      listed,
    );
    const daily = jobs.filter(({ schedule }) => schedule === "@daily").map(({ path }) => path);
    expect(daily.sort()).toEqual(await lines("run-parts --test /etc/cron.daily | sort"));
  },
  async ssh() {
    await host.put("/etc/ssh/sshd_config.d/x.conf", "PermitRootLogin no\nMaxAuthTries 3\n");
    const value = await trait<Value & { host_key_fingerprints: Value }>("ssh");
    const shown = await told("sshd=$(command -v sshd); $sshd -T");
    const setting = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(shown)?.[1];
    expect(value).toMatchObject({
      permit_root_login: setting("permitrootlogin"),
      password_authentication: setting("passwordauthentication"),
      ciphers: setting("ciphers"),
      max_auth_tries: 3,
      ports: [22],
    });
    expect(value["permit_root_login"]).toBe("no");
    for (const [kind, print] of Object.entries(value.host_key_fingerprints))
      expect(await told(`ssh-keygen -lf /etc/ssh/ssh_host_${kind}_key.pub`)).toContain(
        String(print),
      );
    expect(Object.keys(value.host_key_fingerprints)).toContain("ed25519");
  },
  async firewall() {
    expect(await trait("firewall")).toMatchObject({ backend: "none", enabled: false });
    await host.put(
      "/etc/lab.nft",
      "table inet lab {\n chain in { type filter hook input priority 0; policy drop;\n iif lo accept\n tcp dport 22 accept\n ct state established accept\n }\n}\n",
    );
    await host.ok(["nft", "-f", "/etc/lab.nft"]);
    expect(await trait("firewall")).toEqual({
      backend: "nftables",
      enabled: true,
      input_policy: "drop",
      forward_policy: "none",
      output_policy: "none",
      rule_count: await number("nft list ruleset | grep -c accept"),
    });
    await host.ok(["nft", "flush", "ruleset"]);
  },
  async selinux_apparmor() {
    const selinux = (await host.run(["test", "-e", "/sys/fs/selinux/enforce"])).code === 0;
    const { selinux_mode } = await trait("selinux_apparmor");
    expect(selinux_mode === "disabled").toBe(!selinux);
  },
  async secureboot() {
    const efi = (await host.run(["test", "-d", "/sys/firmware/efi/efivars"])).code === 0;
    const { enabled } = await trait("secureboot");
    expect(efi || enabled === false).toBe(true);
  },
  async tpm() {
    const { stdout } = await host.run(["systemd-creds", "has-tpm2"]);
    expect(await trait("tpm")).toMatchObject({ present: stdout.includes("+driver") });
  },
  async kernel_modules() {
    const value = await trait<{ modules: readonly Value[] } | null>("kernel_modules");
    const listed = await lines("cat /proc/modules 2>/dev/null | cut -d' ' -f1 | sort");
    expect((value?.modules ?? []).map(({ name }) => name)).toEqual(listed);
  },
  async sysctl_security() {
    const value = await trait("sysctl_security");
    for (const name of [
      "kernel.randomize_va_space",
      "net.ipv4.ip_forward",
      "fs.protected_hardlinks",
    ])
      expect(value[name.replaceAll(".", "_")]).toBe(await number(`sysctl -n ${name}`));
    await host.sh("sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.ip_forward=1");
    expect(await trait("sysctl_security")).toMatchObject({
      net_ipv4_conf_all_rp_filter: 1,
      net_ipv4_ip_forward: 1,
    });
  },
  async cert_lifecycle() {
    await host.sh(
      "mkdir -p /etc/nginx/tls; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /etc/nginx/tls/web.key -out /etc/nginx/tls/web.crt -days 30 -subj '/O=Lab/CN=web.lab' -addext 'subjectAltName=DNS:web.lab,IP:10.77.0.11' 2>/dev/null",
    );
    const { certificates } = await trait<{ certificates: readonly Value[] }>("cert_lifecycle");
    const found = certificates.find(({ path }) => path === "/etc/nginx/tls/web.crt");
    const shown = (words: string) =>
      told(`openssl x509 -in /etc/nginx/tls/web.crt -noout ${words}`);
    expect(found).toMatchObject({
      cn: "web.lab",
      issuer: "web.lab",
      sans: ["web.lab", "10.77.0.11"],
      serial: (await shown("-serial")).replace("serial=", ""),
      not_after: new Date((await shown("-enddate")).replace("notAfter=", "")).toISOString(),
      days_left: 29,
      is_ca: true,
    });
    expect(certificates.filter(({ path }) => String(path).includes("ca-certificates"))).toEqual([]);
  },
  async containers() {
    expect((await host.run(["sh", "-c", "command -v docker podman"])).code).not.toBe(0);
    expect(await trait<unknown>("containers")).toBeNull();
  },
  async hypervisor() {
    const { stdout } = await host.run(["systemd-detect-virt", "--vm"]);
    const kinds: Readonly<Record<string, string>> = { kvm: "kvm guest", none: "none none" };
    const { kind, role } = await trait("hypervisor");
    const wanted = kinds[stdout.trim()];
    if (wanted !== undefined && wanted !== "none none")
      expect(`${String(kind)} ${String(role)}`).toBe(wanted);
    expect(role === "guest").toBe(stdout.trim() !== "none");
  },
  async virtualization() {
    const vm = (await host.run(["systemd-detect-virt", "--vm"])).stdout.trim();
    expect(await trait("virtualization")).toEqual({
      is_vm: vm !== "none",
      is_container: true,
      technology: await told("systemd-detect-virt --container"),
    });
  },
  async cloud() {
    const { provider } = await trait("cloud");
    const cloud = (await host.run(["systemd-detect-virt", "--vm"])).stdout.trim();
    expect(provider).toBe(
      ({ amazon: "aws", google: "gcp" } as Record<string, string>)[cloud] ?? "none",
    );
  },
  async display() {
    const connected = "cat /sys/class/drm/card*-*/status 2>/dev/null | grep -cx connected || true";
    const { outputs, server } = await trait<{ outputs: unknown[]; server: string }>("display");
    expect([server, outputs.length]).toEqual(["none", await number(connected)]);
  },
  async temperature() {
    const sensors = await number(
      "cat /sys/class/hwmon/hwmon*/temp*_input /sys/class/thermal/thermal_zone*/temp 2>/dev/null | wc -l",
    );
    expect((await trait<unknown>("temperature")) === null).toBe(sensors === 0);
  },
  async battery() {
    const count = "cat /sys/class/power_supply/*/type 2>/dev/null | grep -cx Battery || true";
    expect(await trait("battery")).toMatchObject({ present: (await number(count)) > 0 });
  },
  async usb() {
    const value = await trait<{ devices: readonly Value[] } | null>("usb");
    const listed = await number("ls /sys/bus/usb/devices 2>/dev/null | grep -vc : || true");
    expect(value?.devices.length ?? 0).toBe(listed);
  },
  async pci() {
    const value = await trait<{ devices: readonly Value[] } | null>("pci");
    const shown = await lines("lspci -D -mm -n | sed 's/\"//g' | awk '{print $1, $3 \":\" $4}'");
    expect((value?.devices ?? []).map(({ slot, id }) => `${String(slot)} ${String(id)}`)).toEqual(
      shown,
    );
    const named = await lines("lspci -D -vmm | sed -n 's/^Vendor:\\t//p'");
    expect((value?.devices ?? []).map(({ vendor }) => vendor)).toEqual(named);
  },
  async python() {
    expect(await trait("python")).toMatchObject({
      default: (await told("python3 --version")).replace("Python ", ""),
    });
  },
  async node() {
    expect(await trait<unknown>("node")).toBeNull();
    await host.put("/usr/local/bin/node", "#!/bin/sh\necho v20.19.2\n", 0o755);
    expect(await trait("node")).toMatchObject({ default: (await told("node --version")).slice(1) });
  },
  async java() {
    expect((await host.run(["sh", "-c", "command -v java"])).code).not.toBe(0);
    expect(await trait<unknown>("java")).toBeNull();
  },
  async docker() {
    expect(await trait<unknown>("docker")).toBeNull();
  },
  async locale() {
    await host.put("/etc/default/locale", "LANG=C.UTF-8\n");
    await host.sh("rm -f /etc/locale.conf");
    const { lang } = await trait("locale");
    expect(await told("localectl status")).toContain(`LANG=${String(lang)}`);
  },
  async security_scan() {
    await host.run([
      "lynis",
      "audit",
      "system",
      "--quiet",
      "--tests-from-group",
      "time",
      "--no-colors",
    ]);
    const { tools } = await trait<{ tools: Record<string, { counts: Value }> }>("security_scan");
    const counted = (pattern: string) =>
      number(`grep -c '${pattern}' /var/log/lynis-report.dat || true`);
    expect(tools["lynis"]?.counts).toEqual({
      hardening_index: await number("sed -n 's/^hardening_index=//p' /var/log/lynis-report.dat"),
      warnings: await counted("^warning\\[\\]="),
      suggestions: await counted("^suggestion\\[\\]="),
    });
  },
  async cve_running() {
    expect(await trait<unknown>("cve_running")).toBeNull();
    await host.put(
      "/var/lib/debsecan/history",
      "VERSION 1\n1767225600\nCVE-2024-6387,openssh-server,F\nCVE-2000-1,nano, \nCVE-2000-2,systemd,F\n",
    );
    const { cves } = await trait<{ cves: readonly Value[] }>("cve_running");
    const owners = await lines(
      "readlink /proc/[0-9]*/exe | sort -u | xargs -n1 dpkg-query -S 2>/dev/null | cut -d: -f1 | sort -u; true",
    );
    expect(cves.map(({ cve }) => cve)).toEqual(["CVE-2000-2", "CVE-2024-6387"]);
    for (const { package: name } of cves) expect(owners).toContain(String(name));
  },
  async file_integrity() {
    await host.sh(
      "mkdir -p /srv/tree /etc/vigo-envoy/integrity.d; cd /srv/tree; echo a >a; echo b >b; echo 'x y' >'x y'; { echo '# tree: /srv/tree'; sha256sum /srv/tree/*; } >/etc/vigo-envoy/integrity.d/tree.sha256",
    );
    expect(await trait("file_integrity")).toMatchObject({ clean: true });
    await host.sh("cd /srv/tree; echo changed >a; rm b; echo new >new");
    const list = "/etc/vigo-envoy/integrity.d/tree.sha256";
    expect(await trait("file_integrity")).toEqual({
      manifests: {
        [list]: {
          files: 3,
          added: ["/srv/tree/new"],
          changed: ["/srv/tree/a"],
          removed: ["/srv/tree/b"],
        },
      },
      clean: false,
    });
    const bad = await lines(`sha256sum -c ${list} 2>/dev/null | grep -v ': OK$' | cut -d: -f1`);
    expect(bad).toEqual(["/srv/tree/a", "/srv/tree/b"]);
  },
  async agent_self() {
    const { version, rss_bytes } = await trait("agent_self");
    expect(await told("/opt/vigo/vigo --version")).toContain(String(version));
    expect(Number(rss_bytes)).toBeGreaterThan(10_000_000);
  },
  async host_self() {
    const value = await trait("host_self");
    near(value["proc_count"], await number("ps -e --no-headers | wc -l"), 8);
    near(value["fs_root_pct"], await number("df --output=pcent / | tail -1 | tr -d ' %'"), 1.1);
    expect(value["oom_kills"]).toBe(await number("sed -n 's/^oom_kill //p' /proc/vmstat"));
  },
  async custom() {
    expect(await trait<unknown>("custom")).toBeNull();
    const program = (name: string, text: string, mode = 0o755) =>
      host.put(`/etc/vigo-envoy/traits.d/${name}`, `#!/bin/sh\n${text}\n`, mode);
    await program("room.sh", 'echo \'{"name": "B-204", "seats": 12}\'');
    await program("words", "echo all is well");
    await program("slow", "sleep 98765 & sleep 98765");
    await program("loud", "yes | head -c 3000000");
    await program("shared", "echo 1", 0o775);
    await program("note", "echo 1", 0o644);
    await host.sh(
      "ln -s /etc/vigo-envoy/traits.d/room.sh /etc/vigo-envoy/traits.d/link; cp /etc/vigo-envoy/traits.d/room.sh /etc/vigo-envoy/traits.d/hers; chown dana /etc/vigo-envoy/traits.d/hers",
    );
    const { code, stdout, stderr } = await host.run([
      "/opt/vigo/vigo",
      "agent",
      "traits",
      "custom",
      "--json",
    ]);
    expect([code, JSON.parse(stdout)]).toEqual([0, { room: { name: "B-204", seats: 12 } }]);
    for (const word of [
      "custom.words",
      "is not JSON: all is well",
      "custom.slow",
      "took longer than 10 s",
      "custom.loud",
      "more than 64 KiB",
      "others may write to",
      "link is no file",
      "does not belong to root",
    ])
      expect(stderr).toContain(word);
    expect(stderr).not.toContain("note");
    expect((await host.run(["pgrep", "-f", "[s]leep 98765"])).stdout).toBe("");
  },
};

describe.skipIf(noLab() !== undefined)("traits", () => {
  beforeAll(async () => {
    lab = await bootHosts(1, {
      vigo: builtVigo(),
      packages: ["cron", "lynis", "nftables", "openssl", "pciutils", "python3-minimal"],
      allowed: ["--capability=CAP_NET_ADMIN"],
    });
    [host] = lab.hosts as [LabHost];
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0", "1.1"]));
    await host.put("/etc/apt/sources.list", aptSource(url));
    await host.sh(
      "useradd -m -G sudo dana; systemctl start ssh; apt-get -qq update; apt-get -qq -y install hello-vigo=1.0 >/dev/null 2>&1",
    );
  }, 300_000);
  afterAll(() => lab?.end());

  test("there is a proof for each", () => {
    expect(Object.keys(proofs).sort()).toEqual(traits.map(({ name }) => name).sort());
  });

  for (const [name, proof] of Object.entries(proofs)) test(name, proof, 60_000);

  test("all at once, none fails, and each is a value or said not to be there", async () => {
    await host.sh("rm -r /etc/vigo-envoy/traits.d");
    const { code, stdout, stderr } = await host.run([
      "/opt/vigo/vigo",
      "agent",
      "traits",
      "--json",
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(Object.keys(JSON.parse(stdout) as Value)).toEqual(traits.map(({ name }) => name));
  }, 60_000);
});
