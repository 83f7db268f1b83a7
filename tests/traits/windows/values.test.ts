import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import { platformsOf } from "../../../src/core/trait.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { recordedWindows } from "../../support/recorded-windows.ts";
import { machineValues } from "./machine-values.ts";

const sshd = { comm: "sshd.exe", exe: "C:\\Windows\\System32\\OpenSSH\\sshd.exe" };

/** Of the recorded machine, value by value. */
const expected = {
  ...machineValues,
  os: {
    family: "windows",
    distro: "windows",
    version: "10.0.22631.4460",
    codename: "23H2",
    kernel: "10.0.22631",
    arch: "amd64",
    arch_raw: "AMD64",
    upstream_id: "windows",
    upstream_codename: "23H2",
    init: "windows",
    pretty_name: "Microsoft Windows 11 Pro 23H2",
    machine_id: "3c2f6f0e-6b0d-4a4e-9b54-0f0d3a2b1c4d",
    boot_id: "71",
    reboot_required: true,
    reboot_reasons: ["Windows Update", "PendingFileRenameOperations"],
  },
  uptime: { seconds: 90_000, boot_time: "2025-11-20T08:00:00.000Z" },
  time: {
    hour: 10,
    minute: 0,
    weekday: "friday",
    day: 21,
    month: 11,
    year: 2025,
    timezone: "W. Europe Standard Time",
    utc_offset: "+01:00",
    clock: "10:00",
    date: "2025-11-21",
    ntp_synchronized: true,
  },
  network: {
    hostname: "PC-7",
    fqdn: "PC-7.corp.example.com",
    ip_addresses: ["192.0.2.7", "2001:db8::7"],
    mac_addresses: ["52:54:00:ab:cd:ef", "52:54:00:ab:cd:f0"],
    default_gateway: "192.0.2.1",
    default_ipv4: "192.0.2.7",
    default_ipv6: "2001:db8::7",
    dns_servers: ["192.0.2.53", "192.0.2.54", "198.51.100.53"],
    interfaces: {
      Ethernet: {
        mtu: 1_500,
        state: "up",
        speed_mbps: 1_000,
        addresses: ["192.0.2.7/24", "2001:db8::7/64"],
      },
      "Wi-Fi": { mtu: 1_500, state: "down", speed_mbps: 0, addresses: [] },
    },
  },
  ports: { listening: [22, 445], udp: [1900] },
  listeners: {
    sockets: [
      { port: 22, family: "ipv4", protocol: "tcp", bind_address: "0.0.0.0", pid: 3_300, ...sshd },
      { port: 22, family: "ipv6", protocol: "tcp", bind_address: "::", pid: 3_300, ...sshd },
      {
        port: 445,
        family: "ipv4",
        protocol: "tcp",
        bind_address: "0.0.0.0",
        pid: 4,
        comm: "System",
        exe: "",
      },
      {
        port: 1_900,
        family: "ipv6",
        protocol: "udp",
        bind_address: "fe80::1a2b",
        pid: 1_234,
        comm: "",
        exe: "",
      },
    ],
  },
  packages: {
    manager: "windows",
    count: 3,
    installed: { "7-Zip 24.08 (x64)": "24.08", "Example Agent": "", Git: "2.47.0.2" },
  },
  package_updates: {
    count: 2,
    security_count: 1,
    packages: [
      {
        name: "2024-11 Cumulative Update for Windows 11 (KB5046633)",
        version: "KB5046633",
        security: true,
      },
      { name: "Example Corp. driver update 1.2.3.4", version: "", security: false },
    ],
    broken_repos: [],
  },
  services: { running: ["sshd"], failed: ["Broken"], enabled: ["Broken", "sshd"] },
  processes: {
    count: 4,
    zombies: 0,
    top_cpu: [
      { pid: 4_400, name: "powershell.exe", cpu_pct: 60 },
      { pid: 4, name: "System", cpu_pct: 1 },
      { pid: 2_100, name: "vigo.exe", cpu_pct: 0.3 },
    ],
    top_rss: [
      { pid: 4_400, name: "powershell.exe", rss_mb: 70 },
      { pid: 2_100, name: "vigo.exe", rss_mb: 64 },
      { pid: 3_300, name: "sshd.exe", rss_mb: 8 },
      { pid: 4, name: "System", rss_mb: 0.1 },
    ],
  },
  users: {
    human: ["dana", "Jörg Müller"],
    system: ["Administrator"],
    logged_in: ["dana"],
    sudoers: ["Administrator", "dana", "CORP\\Domain Admins"],
    last_login: { dana: "2025-11-21T07:15:30.000Z" },
  },
  groups: {
    members: {
      Administratoren: ["CORP\\Domain Admins", "dana"],
      Benutzer: ["S-1-5-21-9-9-9-1104"],
      Gäste: [],
    },
  },
  firewall: {
    backend: "windows",
    enabled: true,
    input_policy: "drop",
    forward_policy: "none",
    output_policy: "accept",
    rule_count: 512,
  },
  cert_lifecycle: {
    certificates: [
      expect.objectContaining({
        path: "Cert:\\LocalMachine\\My\\0A1B2C3D4E5F60718293A4B5C6D7E8F901234567",
        is_ca: false,
      }),
    ],
  },
  cloud: { provider: "azure" },
  ssh: {
    host_key_fingerprints: { ed25519: "SHA256:uALbfMqe7g4MMaRS5NMJen38dAEHwtxzR0iX0Ymuc80" },
    ports: [22],
    max_auth_tries: 6,
    permit_root_login: "without-password",
    password_authentication: "yes",
    allow_users: "",
    allow_groups: "",
  },
  locale: { lang: "de-DE", keymap: "00000407" },
  agent_self: {
    version: "0.9.0",
    rss_bytes: 67_108_864,
    cpu_seconds: 12.5,
    open_fds: 214,
    uptime_seconds: 3_600,
    run_duration_ms: 85,
  },
  host_self: {
    fd_used_pct: 0,
    proc_count: 4,
    oom_recent: false,
    oom_kills: 0,
    oom_at: "",
    fs_root_pct: 25,
  },
};

test("there is one for each trait that is said to be collected", () => {
  const told = traits.filter((trait) => platformsOf(trait).includes("windows"));
  expect(Object.keys(expected).toSorted()).toEqual(told.map(({ name }) => name).toSorted());
});

test.each(Object.keys(expected) as (keyof typeof expected)[])("%s", async (name) => {
  const { sections, failures } = await collectTraits(traits, recordedWindows().host, {
    only: new Set([name]),
  });
  expect(failures).toEqual([]);
  expect(traitValues(sections)[name]).toEqual(expected[name]);
});
