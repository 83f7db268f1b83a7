import { describe, expect, test } from "bun:test";
import { hypervisor } from "../../src/core/traits/hypervisor.ts";
import { virtualization } from "../../src/core/traits/virtualization.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const marked = { "/proc/cpuinfo": "flags\t\t: fpu vme hypervisor lahf_lm\n" };
const real = { "/proc/cpuinfo": "flags\t\t: fpu vme lahf_lm\n" };
const arm = { "/proc/cpuinfo": "Features\t: fp asimd\n" };
const clocks = (named: string) => ({
  "/sys/devices/system/clocksource/clocksource0/available_clocksource": `${named}\n`,
});
const dmi = (fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [`/sys/class/dmi/id/${name}`, text]),
  );
const qemu = dmi({ sys_vendor: "QEMU\n", product_name: "Standard PC (Q35 + ICH9, 2009)\n" });

describe.each<[string, Record<string, string>, string, string]>([
  ["KVM by QEMU", { ...marked, ...qemu, ...clocks("kvm-clock tsc acpi_pm") }, "kvm", "kvm guest"],
  ["QEMU alone", { ...marked, ...qemu, ...clocks("tsc hpet acpi_pm") }, "qemu", "kvm guest"],
  ["KVM without firmware tables", { ...marked, ...clocks("kvm-clock tsc") }, "kvm", "kvm guest"],
  [
    "VMware",
    { ...marked, ...dmi({ product_name: "VMware Virtual Platform\n" }) },
    "vmware",
    "vmware guest",
  ],
  [
    "VirtualBox",
    { ...marked, ...dmi({ product_name: "VirtualBox\n", sys_vendor: "innotek GmbH\n" }) },
    "oracle",
    "other guest",
  ],
  [
    "Hyper-V",
    {
      ...marked,
      ...dmi({ sys_vendor: "Microsoft Corporation\n", product_name: "Virtual Machine\n" }),
      ...clocks("hyperv_clocksource_tsc_page"),
    },
    "microsoft",
    "hyperv guest",
  ],
  [
    "a real Surface",
    { ...real, ...dmi({ sys_vendor: "Microsoft Corporation\n", product_name: "Surface Pro\n" }) },
    "none",
    "none none",
  ],
  [
    "EC2",
    { ...marked, ...dmi({ sys_vendor: "Amazon EC2\n" }), ...clocks("kvm-clock tsc") },
    "amazon",
    "kvm guest",
  ],
  ["EC2 on ARM", { ...arm, ...dmi({ sys_vendor: "Amazon EC2\n" }) }, "amazon", "kvm guest"],
  [
    "EC2, a whole machine",
    { ...real, ...dmi({ sys_vendor: "Amazon EC2\n", product_name: "i3.metal\n" }) },
    "none",
    "none none",
  ],
  ["a guest of Xen", { ...marked, "/sys/hypervisor/type": "xen\n" }, "xen", "xen guest"],
  [
    "Xen's own",
    { ...real, "/sys/hypervisor/type": "xen\n", "/proc/xen/capabilities": "control_d\n" },
    "none",
    "xen host",
  ],
  [
    "a board in KVM",
    { ...arm, "/proc/device-tree/hypervisor/compatible": "linux,kvm\0" },
    "kvm",
    "kvm guest",
  ],
  ["something else", marked, "vm-other", "other guest"],
  ["a server with KVM", { ...real, "/dev/kvm": "" }, "none", "kvm host"],
])("%s", (_, files, technology, told) => {
  test("virtualization", async () => {
    expect(await collect(virtualization, fakeHost({ files }).host)).toEqual({
      is_vm: technology !== "none",
      is_container: false,
      technology,
    });
  });

  test("hypervisor", async () => {
    const { kind, role } = (await collect(hypervisor, fakeHost({ files }).host)) ?? {};
    expect(`${kind} ${role}`).toBe(told);
  });
});

test.each<[Record<string, string>, string]>([
  [{ "/run/systemd/container": "systemd-nspawn\n" }, "systemd-nspawn"],
  [{ "/proc/1/environ": "PATH=/bin\0container=lxc\0" }, "lxc"],
  [{ "/proc/1/environ": "container=oci\0" }, "docker"],
  [{ "/run/.containerenv": "" }, "podman"],
  [{ "/.dockerenv": "" }, "docker"],
  [{ "/proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n" }, "wsl"],
  [{ "/proc/vz/version": "" }, "openvz"],
])("the container of %p", async (files, technology) => {
  const value = await collect(virtualization, fakeHost({ files: { ...real, ...files } }).host);
  expect(value).toEqual({ is_vm: false, is_container: true, technology });
});
