import { describe, expect, test } from "bun:test";
import { collectTraits, traitValues } from "../../../src/core/collect.ts";
import type { Json } from "../../../src/core/json.ts";
import { kernelNames } from "../../../src/core/tools/mac-kernel.ts";
import { parsePs, secondsIn } from "../../../src/core/tools/mac-processes.ts";
import { parseLsof } from "../../../src/core/tools/mac-sockets.ts";
import { traits } from "../../../src/core/traits/index.ts";
import { defaultRoute, parseIfconfig } from "../../../src/core/traits/darwin/network.ts";
import { parseMount } from "../../../src/core/traits/darwin/disks.ts";
import { parseSoftwareUpdate } from "../../../src/core/traits/darwin/software.ts";
import type { Answer } from "../../support/fake-host.ts";
import { macProfiler, macRecord, recordedMac } from "../../support/recorded-mac.ts";

/** One trait of the recorded Mac on which some commands answer otherwise. */
async function told(name: string, commands: Record<string, Answer>, files = {}): Promise<Json> {
  const { sections, failures } = await collectTraits(traits, recordedMac(commands, files).host, {
    only: new Set([name]),
  });
  expect(failures).toEqual([]);
  return traitValues(sections)[name] ?? null;
}

const sysctl = `sysctl ${kernelNames.join(" ")}`;
const kernel = (edit: (text: string) => string): Record<string, Answer> => ({
  [sysctl]: { code: 1, stdout: edit(macRecord("sysctl.txt")), stderr: "unknown oid\n" },
});
const without = (name: string) => (text: string) =>
  text
    .split("\n")
    .filter((line) => !line.startsWith(`${name}:`))
    .join("\n");

describe("the kernel", () => {
  test("of Intel names the vendor, and has no name for what it lacks", async () => {
    const intel = kernel((text) =>
      text
        .replace("Apple M2", "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz")
        .replace("kern.hv_vmm_present: 0", "machdep.cpu.vendor: GenuineIntel"),
    );
    expect(await told("hardware", intel)).toMatchObject({ cpu_vendor: "GenuineIntel" });
    expect(await told("virtualization", intel)).toMatchObject({ is_vm: false });
  });

  test.each([
    ["VirtualMac2,1", "apple", "other"],
    ["VMware7,1", "vmware", "vmware"],
    ["Parallels16,1", "parallels", "other"],
    ["iMac19,1", "vm-other", "other"],
  ])("in %s runs on %s", async (model, technology, kind) => {
    const guest = kernel((text) =>
      text.replace("Mac14,2", model).replace("hv_vmm_present: 0", "hv_vmm_present: 1"),
    );
    expect(await told("virtualization", guest)).toMatchObject({ is_vm: true, technology });
    expect(await told("hypervisor", guest)).toEqual({ kind, role: "guest" });
  });

  test.each([
    ["vm.swapusage", "swap"],
    ["vm.loadavg", "loadavg"],
    ["kern.boottime", "uptime"],
  ])("without %s there is no %s", async (name, trait) => {
    expect(await told(trait, kernel(without(name)))).toBeNull();
  });
});

test("a release that has no name yet is told by its number", async () => {
  const next = "ProductName:\t\tmacOS\nProductVersion:\t\t31.0\n";
  expect(await told("os", { sw_vers: next })).toMatchObject({
    codename: "",
    pretty_name: "macOS 31.0",
  });
  const old = "ProductName:\tMac OS X\nProductVersion:\t10.15.7\n";
  expect(await told("os", { sw_vers: old })).toMatchObject({
    codename: "Catalina",
    pretty_name: "Mac OS X 10.15.7 (Catalina)",
  });
});

describe("routes", () => {
  const older = [
    "Routing tables",
    "",
    "Internet:",
    "Destination        Gateway            Flags        Refs      Use   Netif Expire",
    "default            192.0.2.1          UGSc           75        0     en7",
    "",
    "Internet6:",
    "Destination        Gateway            Flags         Netif Expire",
    "default            fe80::%utun0       UGcI          utun0",
    "",
  ].join("\n");

  test("with the columns of before macOS 10.15", () => {
    expect(defaultRoute(older, "Internet")).toEqual({ gateway: "192.0.2.1", interface: "en7" });
  });

  test("of one interface's sockets alone are not the machine's", () => {
    expect(defaultRoute(older, "Internet6")).toBeUndefined();
  });

  test("of IPv6 name their link, which is no part of the address", () => {
    expect(defaultRoute(macRecord("netstat.txt"), "Internet6")).toEqual({
      gateway: "fe80::1",
      interface: "en0",
    });
  });

  test("none", () => {
    expect(defaultRoute("Routing tables\n", "Internet")).toBeUndefined();
  });
});

test.each([
  ["(10Gbase-T <full-duplex>)", 10_000],
  ["(2500Base-T <full-duplex>)", 2_500],
  ["(none)", 0],
])("a link of %s", (media, speed_mbps) => {
  const text = `en5: flags=8863<UP,RUNNING> mtu 9000\n\tmedia: autoselect ${media}\n\tstatus: active\n`;
  expect(parseIfconfig(text)).toEqual([
    { name: "en5", mac: "", mtu: 9_000, state: "up", speed_mbps },
  ]);
});

test("memory modules of Intel stand in slots, some of them empty", async () => {
  const full = {
    _name: "BANK 0/DIMM0",
    dimm_manufacturer: "0x802C",
    dimm_part_number: "8ATF1G64HZ-2G6E1   ",
    dimm_size: "8 GB",
    dimm_speed: "2667 MHz",
  };
  const items = [full, { _name: "BANK 2/DIMM0", dimm_size: "empty" }];
  const profile = { SPMemoryDataType: [{ _name: "global_name", _items: items }] };
  expect(await told("dmi", { [macProfiler]: JSON.stringify(profile) })).toMatchObject({
    memory_devices: [
      {
        locator: "BANK 0/DIMM0",
        size_mb: 8_192,
        speed_mts: 2_667,
        manufacturer: "0x802C",
        part_number: "8ATF1G64HZ-2G6E1",
      },
    ],
  });
});

test.each([
  ["Now drawing from 'AC Power'\n", { present: false, percent: 0, charging: false }],
  [
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t41%; charging; 1:20 remaining present: true\n",
    { present: true, percent: 41, charging: true },
  ],
  [
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining present: true\n",
    { present: true, percent: 100, charging: false },
  ],
])("a battery by %j", async (text, value) => {
  expect(await told("battery", { "pmset -g batt": text })).toEqual(value);
});

test("with brew its packages are the ones told, and asked as who owns it", async () => {
  const sudo =
    "sudo -H -u #0 -- env HOMEBREW_NO_ANALYTICS=1 HOMEBREW_NO_ENV_HINTS=1 HOMEBREW_NO_COLOR=1 HOMEBREW_NO_AUTO_UPDATE=1 /opt/homebrew/bin/brew";
  const commands = {
    [`${sudo} list --formula --versions`]: "git 2.47.0\nopenssl@3 3.3.2 3.4.0\n",
    [`${sudo} list --cask --versions`]: "firefox 132.0\n",
    [`${sudo} list --pinned`]: "",
    [`${sudo} outdated --json=v2`]: JSON.stringify({
      formulae: [{ name: "git", current_version: "2.47.1" }],
      casks: [],
    }),
    "softwareupdate --list --no-scan": "Software Update Tool\n\nNo new software available.\n",
  };
  const files = { "/opt/homebrew/bin/brew": "" };
  expect(await told("packages", commands, files)).toEqual({
    manager: "brew",
    count: 3,
    installed: { firefox: "132.0", git: "2.47.0", "openssl@3": "3.4.0" },
  });
  expect(await told("package_updates", commands, files)).toMatchObject({
    count: 1,
    packages: [{ name: "git", version: "2.47.1", security: false }],
  });
});

test("a firewall that is off lets in", async () => {
  const line = "/usr/libexec/ApplicationFirewall/socketfilterfw --getglobalstate";
  expect(await told("firewall", { [line]: "Firewall is disabled. (State = 0)\n" })).toMatchObject({
    enabled: false,
    input_policy: "accept",
  });
});

test.each([
  ["0:01.25", 1.25],
  ["123:45.67", 7_425.67],
  ["02:03:04", 7_384],
  ["01-00:00:10", 86_410],
])("%s is %d seconds", (clock, seconds) => {
  expect(secondsIn(clock)).toBeCloseTo(seconds, 5);
});

test("what is no line of its kind is passed over", () => {
  expect(parsePs("  PID STAT\nps: error\n")).toEqual([]);
  expect(parseMount("nothing\n/dev/disk1 on / \n")).toEqual([]);
  expect(parseSoftwareUpdate("* Label: x\n")).toEqual([]);
  expect(parseLsof("garbage\np12\nf3\ntIPv4\nPTCP\nn*:http\nTST=LISTEN\n")).toEqual([]);
});
