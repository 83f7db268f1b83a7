import { expect, test } from "bun:test";
import { mount } from "../../src/core/resources/mount.ts";
import { cases } from "../support/cases.ts";
import { edits } from "../support/fake-host.ts";

const fstab = "/etc/fstab";
const mounts = "/proc/self/mounts";
const reload = "systemctl daemon-reload";
const root = "# by hand\nLABEL=root\t/  ext4   errors=remount-ro 0\t1\n";
const disk = { path: "/srv/data", device: "/dev/sdb1", fstype: "ext4", options: "noatime" };
const line = "/dev/sdb1 /srv/data ext4 noatime 0 0\n";
const mounted = "/dev/sdb1 /srv/data ext4 rw,noatime 0 0\n";
const stored = [
  "note mount:/srv/data",
  `write ${fstab}`,
  `run ${reload}`,
  "forget mount:/srv/data",
];
const shows = (text: string) => edits(mounts, (was) => was + text);
const hides = (path: string) =>
  edits(mounts, (was) => was.replace(new RegExp(`^\\S+ ${path} .*\\n`, "m"), ""));

cases(mount, {
  "stores, makes the folder and mounts": {
    given: {
      files: { [fstab]: root },
      commands: {
        [reload]: "",
        "mount -t ext4 -o noatime -- /dev/sdb1 /srv/data": shows(mounted),
      },
    },
    wish: disk,
    does: [...stored, "mkdir /srv/data", "run mount -t ext4 -o noatime -- /dev/sdb1 /srv/data"],
    leaves: { [fstab]: root + line },
    says: { fstab: [undefined, line.trim()], mounted: [undefined, "/dev/sdb1 (ext4)"] },
  },
  "leaves a right machine alone, whatever the spacing": {
    given: {
      files: { [fstab]: "/dev/sdb1\t/srv/data/  ext4 noatime", [mounts]: mounted },
    },
    wish: disk,
    does: [],
  },
  "tells systemd what a killed run has stored": {
    given: {
      files: { [fstab]: line, [mounts]: mounted },
      notes: { "mount:/srv/data": "x" },
      commands: { [reload]: "" },
    },
    wish: disk,
    does: ["note mount:/srv/data", `run ${reload}`, "forget mount:/srv/data"],
    says: { loaded: ["an older text", "as on disk"] },
  },
  "knows a device by its label": {
    given: {
      files: { [fstab]: "LABEL=my\\040data /srv/data ext4 noatime\n", [mounts]: mounted },
      nodes: { "/dev/disk/by-label/my\\x20data": { kind: "symlink", target: "../../sdb1" } },
    },
    wish: { ...disk, device: "LABEL=my data" },
    does: [],
  },
  "mounts anew what is another device": {
    given: {
      files: { [fstab]: line, [mounts]: mounted.replace("sdb1", "sdc1") },
      nodes: { "/srv/data": { kind: "directory" } },
      commands: {
        "umount -- /srv/data": hides("/srv/data"),
        "mount -t ext4 -o noatime -- /dev/sdb1 /srv/data": shows(mounted),
      },
    },
    wish: disk,
    does: ["run umount -- /srv/data", "run mount -t ext4 -o noatime -- /dev/sdb1 /srv/data"],
    says: { mounted: ["/dev/sdc1 (ext4)", "/dev/sdb1 (ext4)"] },
  },
  "remounts where only options differ": {
    given: {
      files: { [fstab]: line, [mounts]: mounted.replace("noatime", "relatime") },
      commands: {
        "mount -o remount,noatime -- /srv/data": edits(mounts, () => mounted),
      },
    },
    wish: disk,
    does: ["run mount -o remount,noatime -- /srv/data"],
    says: { options: ["atime", "noatime"] },
  },
  "defaults are read and write, and no more": {
    given: {
      files: {
        [fstab]: line.replace("noatime", "defaults"),
        [mounts]: mounted.replace("rw", "ro,nosuid"),
      },
      commands: {
        "mount -o remount,rw,suid,dev,exec -- /srv/data": edits(mounts, () => mounted),
      },
    },
    wish: { ...disk, options: "defaults" },
    does: ["run mount -o remount,rw,suid,dev,exec -- /srv/data"],
    says: { options: ["ro,nosuid", "rw,suid"] },
  },
  "sizes and modes of tmpfs, in the kernel's words": {
    given: {
      files: {
        [fstab]: "tmpfs /srv/mem tmpfs size=8M,mode=0700 0 0\n",
        [mounts]: "tmpfs /srv/mem tmpfs rw,relatime,size=8192k,mode=700,inode64 0 0\n",
      },
    },
    wish: { path: "/srv/mem", device: "tmpfs", fstype: "tmpfs", options: "size=8M,mode=0700" },
    does: [],
  },
  "a bind is known by what is seen there": {
    given: {
      files: {
        [fstab]: "/srv/a /srv/b none bind 0 0\n",
        [mounts]: "/dev/vda1 /srv/b ext4 rw 0 0\n",
      },
      nodes: {
        "/srv/a": { kind: "directory", inode: "1:7" },
        "/srv/b": { kind: "directory", inode: "1:7" },
      },
    },
    wish: { path: "/srv/b", device: "/srv/a", fstype: "none", options: "bind" },
    does: [],
  },
  "what a tmpfs has without saying so is no difference, nor whole pages, nor an account by its name":
    {
      given: {
        files: {
          [fstab]: "tmpfs /tmp tmpfs size=1000000,mode=1777,uid=0,gid=games 0 0\n",
          [mounts]: "tmpfs /tmp tmpfs rw,relatime,size=980k,gid=60,inode64 0 0\n",
        },
      },
      wish: {
        path: "/tmp",
        device: "tmpfs",
        fstype: "tmpfs",
        options: "size=1000000,mode=1777,uid=0,gid=games",
      },
      does: [],
    },
  "but another mode is": {
    given: {
      files: {
        [fstab]: "tmpfs /tmp tmpfs mode=1777 0 0\n",
        [mounts]: "tmpfs /tmp tmpfs rw,mode=755 0 0\n",
      },
      commands: {
        "mount -o remount,mode=1777 -- /tmp": edits(mounts, () => "tmpfs /tmp tmpfs rw 0 0\n"),
      },
    },
    wish: { path: "/tmp", device: "tmpfs", fstype: "tmpfs", options: "mode=1777" },
    does: ["run mount -o remount,mode=1777 -- /tmp"],
    says: { options: ["mode=755", "mode=1777"] },
  },
  "a path behind a link is where the kernel says": {
    given: {
      files: {
        [fstab]: "tmpfs /var/run/mem tmpfs defaults 0 0\n",
        [mounts]: "tmpfs /run/mem tmpfs rw 0 0\n",
      },
      nodes: { "/var/run": { kind: "symlink", target: "../run" } },
    },
    wish: { path: "/var/run/mem", device: "tmpfs", fstype: "tmpfs" },
    does: [],
  },
  "an image is known by its loop device": {
    given: {
      files: {
        [fstab]: "/srv/cd.iso /mnt/cd iso9660 loop,ro 0 0\n",
        [mounts]: "/dev/loop3 /mnt/cd iso9660 ro 0 0\n",
        "/sys/block/loop3/loop/backing_file": "/srv/cd.iso\n",
      },
    },
    wish: { path: "/mnt/cd", device: "/srv/cd.iso", fstype: "iso9660", options: "loop,ro" },
    does: [],
  },
  "a program's file system has a longer name in the kernel": {
    given: {
      files: {
        [fstab]: "gluster:/data /srv/data glusterfs defaults 0 0\n",
        [mounts]: "gluster:/data /srv/data fuse.glusterfs rw 0 0\n",
      },
    },
    wish: { path: "/srv/data", device: "gluster:/data", fstype: "glusterfs" },
    does: [],
  },
  "another part of a btrfs is another thing": {
    given: {
      files: {
        [fstab]: "/dev/sdb1 /home btrfs subvol=@home 0 0\n",
        [mounts]: "/dev/sdb1 /home btrfs rw,subvol=/@ 0 0\n",
      },
      nodes: { "/home": { kind: "directory" } },
      commands: {
        "umount -- /home": hides("/home"),
        "mount -t btrfs -o subvol=@home -- /dev/sdb1 /home": shows(
          "/dev/sdb1 /home btrfs rw,subvol=/@home 0 0\n",
        ),
      },
    },
    wish: { path: "/home", device: "/dev/sdb1", fstype: "btrfs", options: "subvol=@home" },
    does: ["run umount -- /home", "run mount -t btrfs -o subvol=@home -- /dev/sdb1 /home"],
  },
  "of a bind with all below only its own flags change": {
    given: {
      files: {
        [fstab]: "/srv/a /srv/b none rbind,ro 0 0\n",
        [mounts]: "/dev/vda1 /srv/b ext4 rw 0 0\n",
      },
      nodes: {
        "/srv/a": { kind: "directory", inode: "1:7" },
        "/srv/b": { kind: "directory", inode: "1:7" },
      },
      commands: {
        "mount -o remount,bind,ro -- /srv/b": edits(mounts, () => "/dev/vda1 /srv/b ext4 ro 0 0\n"),
      },
    },
    wish: { path: "/srv/b", device: "/srv/a", fstype: "none", options: "rbind,ro" },
    does: ["run mount -o remount,bind,ro -- /srv/b"],
  },
  "what is mounted when somebody looks is left to it": {
    given: {
      files: {
        [fstab]: "nas:/data /srv/nas nfs noauto,x-systemd.automount 0 0\n",
        [mounts]: "systemd-1 /srv/nas autofs rw,relatime,fd=60 0 0\n",
      },
    },
    wish: {
      path: "/srv/nas",
      device: "nas:/data",
      fstype: "nfs",
      options: "noauto,x-systemd.automount",
    },
    does: [],
  },
  "with nofail, what is not there is not mounted": {
    given: { files: { [fstab]: "LABEL=usb /mnt/usb ext4 nofail 0 0\n" } },
    wish: { path: "/mnt/usb", device: "LABEL=usb", fstype: "ext4", options: "nofail" },
    does: [],
  },
  "present is in fstab only": {
    given: { files: { [fstab]: root }, commands: { [reload]: "" } },
    wish: { ...disk, state: "present" },
    does: stored,
  },
  "unmounted leaves fstab": {
    given: {
      files: { [fstab]: line, [mounts]: mounted },
      commands: { "umount -- /srv/data": hides("/srv/data") },
    },
    wish: { path: "/srv/data", state: "unmounted" },
    does: ["run umount -- /srv/data"],
    leaves: { [fstab]: line },
  },
  "absent unmounts first and leaves other lines": {
    given: {
      files: { [fstab]: `${root}${line}# end`, [mounts]: mounted },
      commands: { "umount -- /srv/data": hides("/srv/data"), [reload]: "" },
    },
    wish: { path: "/srv/data", state: "absent" },
    does: [...stored, "run umount -- /srv/data"],
    leaves: { [fstab]: `${root}# end` },
  },
  "who uses it is to be asked": {
    given: {
      files: { [mounts]: mounted },
      commands: {
        "umount -- /srv/data": { code: 32, stdout: "", stderr: "umount: target is busy." },
      },
    },
    wish: { path: "/srv/data", state: "unmounted" },
    does: ["run umount -- /srv/data"],
    ends: "failed",
    because: "fuser -vm /srv/data",
  },
});

test("a wish that is none is refused", () => {
  const refused = (wish: object) => mount.params.safeParse(wish).success;
  expect(refused({ path: "/a" })).toBe(false);
  expect(refused({ path: "/a", device: "x", options: "a b" })).toBe(false);
  expect(refused({ path: "/a", state: "absent" })).toBe(true);
});
