/**
 * What counts from the next boot on: words of the kernel's command line, through the boot loader, and SELinux, which they switch on.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "../lab/applying.ts";
import { liveThrough } from "../lab/life.ts";
import { builtVigo } from "../lab/vigo.ts";
import { selinux } from "./lives/selinux.ts";
import { tooSlow, Vm } from "./vm.ts";

const why = tooSlow();

describe.skipIf(why !== undefined)("after a boot", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
  }, 3_000_000);
  afterAll(() => vm?.end());

  test("the kernel has been told what was declared", async () => {
    const report = await applying(vm)("boot", [
      "{ name: module, type: kernel_parameter, parameter: security, value: selinux }",
      "{ name: on, type: kernel_parameter, parameter: selinux, value: 1 }",
      "{ name: loop, type: kernel_module, module: loop, parameters: { max_loop: 3 } }",
      "{ name: panic, type: sysctl, key: kernel.panic, value: 30 }",
      "{ name: swap, type: swap, path: /swapfile, size_mb: 16 }",
      "{ name: mem, type: mount, path: /srv/mem, device: tmpfs, fstype: tmpfs, options: 'size=4m' }",
      "{ name: away, type: mount, path: /srv/away, device: LABEL=away, fstype: ext4, options: 'nofail,x-systemd.device-timeout=1s' }",
    ]);
    expect(report.outcome).toBe("changed");
    await vm.reboot();
    const told = await vm.sh(
      "cat /proc/cmdline /sys/module/loop/parameters/max_loop /proc/sys/kernel/panic; swapon --show=NAME --noheadings; findmnt -rno FSTYPE /srv/mem; getenforce",
    );
    expect(told).toMatch(
      / security=selinux selinux=1\b.*\n3\n30\n\/swapfile\ntmpfs\nPermissive\n$/,
    );
  }, 3_000_000);

  test("selinux", () => liveThrough(vm, "selinux", selinux), 1_800_000);

  test("SELinux is enforced and no more, now", async () => {
    const mode = async (word: string) => {
      const report = await applying(vm)("mode", [`{ name: mode, type: selinux, mode: ${word} }`]);
      expect(report.outcome).toBe("changed");
      return await vm.sh("getenforce; grep ^SELINUX= /etc/selinux/config");
    };
    expect(await mode("enforcing")).toBe("Enforcing\nSELINUX=enforcing\n");
    expect(await mode("permissive")).toBe("Permissive\nSELINUX=permissive\n");
  }, 600_000);
});
