/** Resource types that make, fill and mount disks, on a virtual machine with three that are empty: vdc, vdd and vde. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { applying } from "../lab/applying.ts";
import { liveThrough } from "../lab/life.ts";
import { builtVigo } from "../lab/vigo.ts";
import { storage } from "./lives/storage.ts";
import { noVm, Vm } from "./vm.ts";

/** As somebody left it: what is not ours in it is compared at the end. */
const fstab =
  "# <file system> <mount point> <type> <options> <dump> <pass>\nLABEL=root\t/  ext4   errors=remount-ro 0\t1\n\n#/dev/sda9 /srv/mem ext4\n//nas/share /mnt/nas cifs noauto,credentials=/root/nas  0 0 # not now";

const why = noVm();

describe.skipIf(why !== undefined)("on disks of its own", () => {
  let vm: Vm;
  beforeAll(async () => {
    vm = await Vm.start(builtVigo());
    await vm.put("/etc/fstab", fstab);
    await vm.sh("chmod 640 /etc/fstab; chown root:adm /etc/fstab; mkdir -p /mnt/nas");
  }, 1_800_000);
  afterAll(() => vm?.end());

  for (const [name, life] of Object.entries(storage))
    test(name, () => liveThrough(vm, name, life), 1_800_000);

  test("what is not ours in fstab is as it was", async () => {
    // Who takes the last line away by hand leaves the newline before it.
    expect((await vm.get("/etc/fstab"))?.replace(/\n$/, "")).toBe(fstab);
    expect(await vm.sh("stat -c '%a %U %G' /etc/fstab")).toBe("640 root adm\n");
  });

  test("what holds something is not overwritten, and what is in use is left", async () => {
    await vm.sh("mkfs.ext4 -q /dev/vdc; mkdir -p /mnt/busy; mount /dev/vdc /mnt/busy");
    const before = await vm.sh("blkid -p -o value -s UUID /dev/vdc");
    // Those that claim one device are in policies of their own, as are those that wait for one another: none of them would be asked.
    const policies = [
      [
        "{ name: format, type: filesystem, device: /dev/vdc, fstype: xfs }",
        "{ name: none, type: filesystem, device: /dev/nothing, fstype: ext4 }",
        "{ name: table, type: swap, path: /etc, size_mb: 1 }",
      ],
      [
        "{ name: forced, type: filesystem, device: /dev/vdc, fstype: vfat, force: true, state: present, depends_on: later }",
        "{ name: later, type: mount, path: /mnt/other, device: /dev/vdc, fstype: xfs }",
      ],
      ["{ name: swap, type: swap, device: /dev/vdc }"],
      ["{ name: lvm, type: lvm, kind: vg, volume: data, devices: [/dev/vdc] }"],
      ["{ name: text, type: swap, path: /etc/hostname, size_mb: 1 }"],
      ["{ name: away, type: swap, path: /etc/hosts, state: absent }"],
    ];
    const told: string[] = [];
    for (const wrong of policies) {
      const { resources } = await applying(vm)("wrong", wrong);
      for (const { key, outcome, reason = "" } of resources)
        told.push(`${key.replace(/.*\//, "")} ${outcome}: ${reason}`);
    }
    expect(told.sort()).toEqual([
      expect.stringMatching(/^away failed: \/etc\/hosts is a file of something else/),
      expect.stringMatching(/^forced skipped: /),
      expect.stringMatching(/^format failed: \/dev\/vdc holds ext4, which is not destroyed/),
      expect.stringMatching(/^later failed: mount \/mnt\/other: /),
      expect.stringMatching(/^lvm failed: \/dev\/vdc holds ext4, which is not destroyed/),
      expect.stringMatching(/^none failed: there is no device \/dev\/nothing/),
      expect.stringMatching(/^swap failed: \/dev\/vdc holds ext4, which is not overwritten/),
      expect.stringMatching(/^table failed: \/etc is a directory, not a file/),
      expect.stringMatching(/^text failed: \/etc\/hostname is a file of something else/),
    ]);
    await vm.sh("cd /mnt/busy; setsid sleep 600 >/dev/null 2>&1 </dev/null &");
    const forced = await applying(vm)("forced", [
      "{ name: forced, type: filesystem, device: /dev/vdc, fstype: vfat, force: true }",
      "{ name: busy, type: mount, path: /mnt/busy, state: unmounted }",
    ]);
    await vm.sh("pkill sleep");
    expect(forced.resources.map(({ reason = "" }) => reason)).toEqual([
      expect.stringMatching(/^\/dev\/vdc is mounted on \/mnt\/busy/),
      expect.stringMatching(/^umount \/mnt\/busy: .*busy.*fuser -vm \/mnt\/busy/),
    ]);
    expect(await vm.sh("blkid -p -o value -s UUID /dev/vdc")).toBe(before);
  }, 900_000);

  test("a group with volumes in it is left, and one on a device of another name is known", async () => {
    await vm.sh("vgcreate -qqy busy /dev/vdd; lvcreate -qqy -n kept -l 4 busy");
    const away = ["{ name: busy, type: lvm, kind: vg, volume: busy, state: absent }"];
    for (const flags of [["--dry-run"], []]) {
      const { resources } = await applying(vm)("busy", away, ...flags);
      expect(resources.map(({ reason }) => reason)).toEqual([
        expect.stringMatching(/^busy holds kept, which is not destroyed/),
      ]);
    }
    expect(await vm.sh("lvs --noheadings -o lv_name busy")).toBe("  kept\n");
    await vm.sh("lvremove -qqy busy; vgremove -qq busy; pvremove -qq /dev/vdd");

    await vm.sh("dmsetup create safe --table '0 1000000 linear /dev/vdd 0'; udevadm settle");
    const on = ["{ name: safe, type: lvm, kind: vg, volume: safe, devices: [/dev/mapper/safe] }"];
    const outcomes = [await applying(vm)("safe", on), await applying(vm)("safe", on)];
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["changed", "ok"]);
    await vm.sh("vgremove -qq safe; pvremove -qq /dev/mapper/safe; dmsetup remove safe");
  }, 900_000);

  test("a swap file on each kind of file system", async () => {
    for (const fstype of ["btrfs", "xfs"]) {
      await vm.sh(
        `wipefs -qa /dev/vde; mkfs.${fstype} -q /dev/vde; mkdir -p /srv/disk; mount /dev/vde /srv/disk`,
      );
      const wish = ["{ name: file, type: swap, path: /srv/disk/swap, size_mb: 16 }"];
      const outcomes = [await applying(vm)("kinds", wish), await applying(vm)("kinds", wish)];
      expect([fstype, ...outcomes.map(({ outcome }) => outcome)]).toEqual([
        fstype,
        "changed",
        "ok",
      ]);
      expect(await vm.sh("swapon --show=NAME,SIZE --noheadings --raw")).toBe(
        "/srv/disk/swap 16M\n",
      );
      await applying(vm)("kinds", [
        "{ name: file, type: swap, path: /srv/disk/swap, state: absent }",
      ]);
      await vm.sh("umount /srv/disk");
    }
  }, 900_000);
});
