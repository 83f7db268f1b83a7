import { expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import { platformsOf } from "../../../src/core/trait.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { recordedMac } from "../../support/recorded-mac.ts";
import { machineValues } from "./machine-values.ts";

/** Of the recorded Mac, value by value. */
const expected = {
  ...machineValues,
  os: {
    family: "darwin",
    distro: "macos",
    version: "15.1",
    codename: "Sequoia",
    kernel: "24.1.0",
    arch: "arm64",
    arch_raw: "arm64",
    upstream_id: "macos",
    upstream_codename: "Sequoia",
    init: "launchd",
    pretty_name: "macOS 15.1 (Sequoia)",
    machine_id: "0E5A1C7B-3F42-5D60-8A91-6B7C8D9E0F12",
    boot_id: "7C1D5A32-0B6E-4E0F-9B51-2E0C0A7D4F11",
    reboot_required: false,
    reboot_reasons: [],
  },
  loadavg: { one: 1.6, five: 2.02, fifteen: 2.1, per_cpu_one: 0.2 },
  uptime: { seconds: 90_000, boot_time: "2025-11-20T08:00:00.000Z" },
  time: {
    hour: 10,
    minute: 0,
    weekday: "friday",
    day: 21,
    month: 11,
    year: 2025,
    timezone: "Europe/Berlin",
    utc_offset: "+01:00",
    clock: "10:00",
    date: "2025-11-21",
    ntp_synchronized: true,
  },
  network: {
    hostname: "dana-mac",
    fqdn: "dana-mac.local",
    ip_addresses: ["192.0.2.7", "2001:db8::7"],
    mac_addresses: ["36:0a:11:22:33:44", "3c:22:fb:aa:bb:cc"],
    default_gateway: "192.0.2.1",
    default_ipv4: "192.0.2.7",
    default_ipv6: "2001:db8::7",
    dns_servers: ["192.0.2.53", "2001:db8::53"],
    interfaces: {
      lo0: { mtu: 16_384, state: "unknown", speed_mbps: 0, addresses: ["127.0.0.1/8"] },
      stf0: { mtu: 1_280, state: "down", speed_mbps: 0, addresses: [] },
      en4: { mtu: 1_500, state: "down", speed_mbps: 0, addresses: [] },
      en0: {
        mtu: 1_500,
        state: "up",
        speed_mbps: 1_000,
        addresses: ["192.0.2.7/24", "fe80::14a1:2b3c:4d5e:6f70/64", "2001:db8::7/64"],
      },
    },
  },
  ports: { listening: [22, 8080], udp: [5353] },
  listeners: {
    sockets: [
      {
        port: 22,
        family: "ipv4",
        protocol: "tcp",
        bind_address: "0.0.0.0",
        pid: 1,
        comm: "launchd",
        exe: "/sbin/launchd",
      },
      {
        port: 22,
        family: "ipv6",
        protocol: "tcp",
        bind_address: "::",
        pid: 1,
        comm: "launchd",
        exe: "/sbin/launchd",
      },
      {
        port: 5353,
        family: "ipv4",
        protocol: "udp",
        bind_address: "0.0.0.0",
        pid: 512,
        comm: "Example Browser",
        exe: "/Applications/Example Browser.app/Contents/MacOS/Example Browser",
      },
      {
        port: 8080,
        family: "ipv6",
        protocol: "tcp",
        bind_address: "::1",
        pid: 512,
        comm: "Example Browser",
        exe: "/Applications/Example Browser.app/Contents/MacOS/Example Browser",
      },
    ],
  },
  packages: {
    manager: "pkgutil",
    count: 2,
    installed: {
      "com.apple.pkg.CLTools_Executables": "16.1.0.0.1.1729049160",
      "com.example.tool": "2.5.1",
    },
  },
  package_updates: {
    count: 2,
    security_count: 1,
    packages: [
      { name: "Rapid Security Response 15.1 (a)", version: "15.1 (a)", security: true },
      { name: "macOS Sequoia 15.1.1", version: "15.1.1", security: false },
    ],
    broken_repos: [],
  },
  services: {
    running: ["com.example.agent", "com.openssh.sshd"],
    failed: ["com.example.broken"],
    enabled: ["com.apple.example.idle", "com.openssh.sshd"],
  },
  processes: {
    count: 4,
    zombies: 1,
    top_cpu: [
      { pid: 512, name: "Example Browser", cpu_pct: 50 },
      { pid: 1, name: "launchd", cpu_pct: 0.6 },
    ],
    top_rss: [
      { pid: 512, name: "Example Browser", rss_mb: 512 },
      { pid: 1, name: "launchd", rss_mb: 20 },
      { pid: 310, name: "sshd", rss_mb: 5 },
    ],
  },
  users: {
    human: ["dana", "kim"],
    system: ["_spotlight", "nobody", "root"],
    logged_in: ["dana"],
    sudoers: ["dana"],
    last_login: {},
  },
  groups: {
    members: {
      admin: ["dana", "root"],
      nobody: ["nobody"],
      staff: ["dana", "kim", "root"],
      wheel: ["root"],
    },
  },
  cron_jobs: {
    jobs: [
      {
        path: "/var/at/tabs/dana",
        user: "dana",
        schedule: "30 2 * * *",
        command: "/usr/local/bin/backup",
      },
    ],
  },
  firewall: {
    backend: "socketfilterfw",
    enabled: true,
    input_policy: "drop",
    forward_policy: "none",
    output_policy: "none",
    rule_count: 2,
  },
  cert_lifecycle: {
    certificates: [expect.objectContaining({ path: "/Library/Keychains/System.keychain" })],
  },
  ssh: {
    host_key_fingerprints: { ed25519: expect.stringMatching(/^SHA256:/) },
    ports: [22],
    max_auth_tries: 6,
    permit_root_login: "no",
    allow_users: "",
    allow_groups: "",
  },
  python: { versions: { "/opt/homebrew/bin/python3": "3.13.0" }, default: "3.13.0" },
  node: { versions: { "/opt/homebrew/bin/node": "22.11.0" }, default: "22.11.0" },
  java: {
    versions: { "/Library/Java/JavaVirtualMachines/temurin-21.jdk/Contents/Home": "21.0.5" },
    default: "21.0.5",
  },
  docker: { versions: { "/opt/homebrew/bin/docker": "27.3.1" }, default: "27.3.1" },
  file_integrity: {
    manifests: {
      "/etc/vigo-envoy/integrity.d/base.sha256": { files: 1, added: [], changed: [], removed: [] },
    },
    clean: true,
  },
  custom: { room: "B-204" },
  locale: { lang: "en_US", keymap: "U.S." },
  agent_self: {
    version: "0.9.0",
    rss_bytes: 67_108_864,
    cpu_seconds: 12.5,
    open_fds: 0,
    uptime_seconds: 3_600,
    run_duration_ms: 85,
  },
  host_self: {
    fd_used_pct: 5,
    proc_count: 4,
    oom_recent: false,
    oom_kills: 0,
    oom_at: "",
    fs_root_pct: 40,
  },
};

test("there is one for each trait that is said to be collected", () => {
  const told = traits.filter((trait) => platformsOf(trait).includes("darwin"));
  expect(Object.keys(expected).toSorted()).toEqual(told.map(({ name }) => name).toSorted());
});

test.each(Object.keys(expected) as (keyof typeof expected)[])("%s", async (name) => {
  const { sections, failures } = await collectTraits(traits, recordedMac().host, {
    only: new Set([name]),
  });
  expect(failures).toEqual([]);
  expect(traitValues(sections)[name]).toEqual(expected[name]);
});
