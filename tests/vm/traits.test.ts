/** Traits whose truth is in a kernel or firmware of its own, on a virtual machine, beside what the system's own tools say. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { builtVigo } from "../lab/vigo.ts";
import { noVm, Vm } from "./vm.ts";

/** Without KVM its processor is a program. */
const slow = 180_000;

type Value = Readonly<Record<string, unknown>>;

describe.skipIf(noVm() !== undefined)("traits of a virtual machine", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
  }, 600_000);
  afterAll(() => vm?.end());

  const trait = async <T = Value>(name: string): Promise<T> =>
    JSON.parse(await vm.ok(["/opt/vigo/vigo", "agent", "traits", name, "--json"])) as T;
  const told = async (text: string): Promise<string> => (await vm.sh(text)).trim();
  const lines = async (text: string): Promise<string[]> =>
    (await told(text)).split("\n").filter((line) => line !== "");

  test(
    "dmi, as the firmware's files say, and its memory as the kernel counts it",
    async () => {
      const value = await trait<Value & { memory_devices: readonly { size_mb: number }[] }>("dmi");
      for (const [field, file] of Object.entries({
        product_vendor: "sys_vendor",
        product_name: "product_name",
        product_uuid: "product_uuid",
        bios_vendor: "bios_vendor",
        bios_version: "bios_version",
        bios_date: "bios_date",
      }))
        expect([field, value[field]]).toEqual([
          field,
          await told(`cat /sys/class/dmi/id/${file} 2>/dev/null || true`),
        ]);
      const installed = value.memory_devices.reduce((sum, { size_mb }) => sum + size_mb, 0);
      const seen = Number(await told("free -m | awk '/^Mem:/ {print $2}'"));
      expect(installed).toBeGreaterThanOrEqual(seen);
      expect(installed).toBeLessThan(seen * 1.5 + 128);
    },
    slow,
  );

  test(
    "virtualization and hypervisor, as systemd-detect-virt says",
    async () => {
      const technology = await told("systemd-detect-virt");
      expect(await trait("virtualization")).toEqual({
        is_vm: true,
        is_container: false,
        technology,
      });
      expect(await trait("hypervisor")).toEqual({ kind: "kvm", role: "guest" });
    },
    slow,
  );

  test(
    "kernel_modules, as lsmod lists them",
    async () => {
      const { modules } = await trait<{ modules: readonly Value[] }>("kernel_modules");
      const listed = await lines("lsmod | awk 'NR > 1 {print $1, $2}' | sort");
      const mine = modules.map(({ name, size_bytes }) => `${String(name)} ${String(size_bytes)}`);
      expect(mine.sort()).toEqual(listed.sort());
      expect(modules.length).toBeGreaterThan(3);
      expect(modules.filter(({ signed }) => signed !== true)).toEqual([]);
    },
    slow,
  );

  test(
    "blockdevices, as lsblk lists them",
    async () => {
      const { devices } = await trait<{ devices: Record<string, Value> }>("blockdevices");
      const { blockdevices } = JSON.parse(
        await vm.sh("lsblk -J -b -d -e 1,7 -o NAME,SIZE,RO,ROTA,SERIAL,MODEL,VENDOR"),
      ) as { blockdevices: readonly Value[] };
      const real = blockdevices.filter(({ size }) => Number(size) > 0);
      expect(Object.keys(devices)).toEqual(real.map(({ name }) => String(name)).sort());
      for (const { name, size, ro, rota, serial } of real)
        expect(devices[String(name)]).toMatchObject({
          size_bytes: size,
          readonly: ro,
          rotational: rota,
          serial: serial ?? "",
        });
    },
    slow,
  );

  test(
    "selinux_apparmor, as aa-status counts",
    async () => {
      const value = await trait<{
        apparmor_enabled: boolean;
        apparmor_profiles: Record<string, string[]>;
      }>("selinux_apparmor");
      const { stdout } = await vm.run(["aa-status", "--json"]);
      const { profiles } = JSON.parse(stdout) as { profiles: Record<string, string> };
      expect(value.apparmor_enabled).toBe(true);
      for (const [mode, names] of Object.entries(value.apparmor_profiles))
        for (const name of names) expect([name, profiles[name]]).toEqual([name, mode]);
      expect(Object.values(value.apparmor_profiles).flat()).toHaveLength(
        Object.keys(profiles).length,
      );
    },
    slow,
  );

  test(
    "pci, as the kernel numbers it; swap and firewall as they are made",
    async () => {
      const { devices } = await trait<{ devices: readonly Value[] }>("pci");
      const ids =
        "for d in /sys/bus/pci/devices/*; do echo $(basename $d) $(cat $d/vendor):$(cat $d/device); done";
      expect(devices.map(({ slot, id }) => `${String(slot)} ${String(id)}`)).toEqual(
        (await lines(ids)).map((line) => line.replaceAll("0x", "")),
      );
      await vm.sh(
        "fallocate -l 64M /swapfile; chmod 600 /swapfile; mkswap -q /swapfile; swapon -p 7 /swapfile",
      );
      expect(await trait("swap")).toMatchObject({
        total_mb: Number(await told("free -m | awk '/^Swap:/ {print $2}'")),
        devices: [{ path: "/swapfile", type: "file", size_mb: 63, priority: 7 }],
      });
    },
    slow,
  );

  test(
    "sysctl_security, each key as sysctl prints it",
    async () => {
      const value = await trait("sysctl_security");
      const keys = await lines("sysctl -aN 2>/dev/null");
      const dotted = new Map(keys.map((key) => [key.replaceAll(".", "_"), key]));
      for (const [field, mine] of Object.entries(value))
        expect([field, mine]).toEqual([
          field,
          Number(await told(`sysctl -n ${dotted.get(field)}`)),
        ]);
      expect(Object.keys(value).length).toBeGreaterThan(15);
    },
    slow,
  );

  test(
    "all at once, none fails",
    async () => {
      const { code, stderr } = await vm.run(["/opt/vigo/vigo", "agent", "traits", "--json"]);
      expect([code, stderr]).toEqual([0, ""]);
    },
    slow,
  );
});
