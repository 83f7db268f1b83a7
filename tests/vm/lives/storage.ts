/** Lives of the types that make, fill and mount disks: vdc, vdd and vde, which are empty. Must not know machines. */
import type { Life } from "../../lab/life.ts";

export const storage: Readonly<Record<string, Life>> = {
  lvm: {
    wish: [
      "{ name: disk, type: lvm, kind: pv, volume: /dev/vde }",
      "{ name: data, type: lvm, kind: vg, volume: data, devices: [/dev/vdc, /dev/vdd] }",
      "{ name: logs, type: lvm, kind: lv, vg: data, volume: logs, size: 256M, resize: true }",
      "{ name: format, type: filesystem, device: /dev/data/logs, fstype: ext4 }",
      "{ name: share, type: lvm, kind: lv, vg: data, volume: share, size: 25%VG }",
    ],
    ask: "pvs --noheadings -o pv_name,vg_name; lvs --noheadings --units m -o lv_name,lv_size; dumpe2fs -h /dev/data/logs 2>/dev/null | grep '^Block count'",
    stands:
      "  /dev/vdc   data\n  /dev/vdd   data\n  /dev/vde       \n  logs  256.00m\n  share 252.00m\nBlock count:              262144\n",
    harm: {
      "logs.resize logs.size":
        "e2fsck -fy /dev/data/logs >/dev/null 2>&1 || true; resize2fs /dev/data/logs 100M 2>/dev/null >/dev/null; lvreduce -qqy -L 128M data/logs",
      "logs.resize":
        "e2fsck -fy /dev/data/logs >/dev/null 2>&1 || true; resize2fs /dev/data/logs 100M 2>/dev/null >/dev/null; mount /dev/data/logs /mnt; umount /mnt",
      "share.state": "lvremove -qqy data/share",
      "data.devices share.state":
        "lvs data/share >/dev/null 2>&1 && lvremove -qqy data/share; vgreduce -qq data /dev/vdd",
      "disk.state": "pvremove -qq /dev/vde",
    },
    away: [
      "{ name: share, type: lvm, kind: lv, vg: data, volume: share, state: absent }",
      "{ name: logs, type: lvm, kind: lv, vg: data, volume: logs, state: absent }",
      "{ name: data, type: lvm, kind: vg, volume: data, devices: [/dev/vdc, /dev/vdd], state: absent }",
      "{ name: disk, type: lvm, kind: pv, volume: /dev/vde, state: absent }",
      "{ name: one, type: lvm, kind: pv, volume: /dev/vdc, state: absent }",
      "{ name: two, type: lvm, kind: pv, volume: /dev/vdd, state: absent }",
    ],
    gone: "pvs --noheadings; lvs --noheadings",
  },
  filesystem: {
    wish: [
      "{ name: data, type: filesystem, device: /dev/vdc, fstype: ext4, label: data, resize: true, options: [-m, 1] }",
      "{ name: pages, type: filesystem, device: /dev/vdd, fstype: xfs, label: pages, resize: true }",
      "{ name: boot, type: filesystem, device: /dev/vde, fstype: vfat, label: BOOT }",
    ],
    ask: "for disk in vdc vdd vde; do blkid -p -o value -s TYPE -s LABEL /dev/$disk; done | sort; dumpe2fs -h /dev/vdc 2>/dev/null | grep '^Block count'; xfs_info /dev/vdd | grep -o 'blocks=131072,'",
    stands:
      "BOOT\ndata\next4\npages\nvfat\nxfs\nBlock count:              131072\nblocks=131072,\n",
    harm: {
      "data.resize":
        "e2fsck -fy /dev/vdc >/dev/null 2>&1; resize2fs /dev/vdc 100M >/dev/null 2>&1; mount /dev/vdc /mnt; umount /mnt",
      "pages.resize": "mkfs.xfs -qf -L pages -d size=400m /dev/vdd",
      "data.label": "e2label /dev/vdc other",
      "pages.label": "xfs_admin -L other /dev/vdd >/dev/null",
      "boot.fstype boot.state": "wipefs -qa /dev/vde",
    },
    away: [
      "{ name: data, type: filesystem, device: /dev/vdc, fstype: ext4, state: absent, force: true }",
      "{ name: pages, type: filesystem, device: /dev/vdd, fstype: xfs, state: absent, force: true }",
      "{ name: boot, type: filesystem, device: /dev/vde, fstype: vfat, state: absent, force: true }",
    ],
    gone: "blkid -p /dev/vdc /dev/vdd /dev/vde",
  },
  mount: {
    // One after the other: a diff of fstab shows the lines around it, and what waits for nobody is written at any time.
    wish: [
      "{ name: format, type: filesystem, device: /dev/vdc, fstype: ext4, label: data }",
      "{ name: data, type: mount, path: /srv/data, device: LABEL=data, fstype: ext4, options: 'noatime,nodev', pass: 2, depends_on: format }",
      "{ name: www, type: directory, target_path: /srv/data/www, depends_on: data }",
      "{ name: bind, type: mount, path: /srv/www, device: /srv/data/www, fstype: none, options: 'bind,ro', depends_on: www }",
      "{ name: mem, type: mount, path: /srv/mem, device: tmpfs, fstype: tmpfs, options: 'size=8m,mode=0700', depends_on: bind }",
      "{ name: away, type: mount, path: /srv/away, device: LABEL=away, fstype: ext4, options: nofail, depends_on: mem }",
      "{ name: later, type: mount, path: /srv/later, device: /dev/vdd, fstype: xfs, options: noauto, state: present, depends_on: away }",
    ],
    ask: "findmnt -rno TARGET,FSTYPE,FSROOT /srv/data; findmnt -rno TARGET,FSROOT /srv/www; findmnt -rno OPTIONS /srv/data | grep -c 'nodev,noatime'; findmnt -rno OPTIONS /srv/www | cut -c1-2; stat -c %a /srv/mem; echo $(df -k --output=size /srv/mem | tail -1); grep srv /etc/fstab | sort; ls -d /srv/later 2>/dev/null || echo no; systemctl show -P What srv-mem.mount",
    stands:
      "/srv/data ext4 /\n/srv/www /www\n1\nro\n700\n8192\n#/dev/sda9 /srv/mem ext4\n/dev/vdd /srv/later xfs noauto 0 0\n/srv/data/www /srv/www none bind,ro 0 0\nLABEL=away /srv/away ext4 nofail 0 0\nLABEL=data /srv/data ext4 noatime,nodev 0 2\ntmpfs /srv/mem tmpfs size=8m,mode=0700 0 0\nno\ntmpfs\n",
    harm: {
      "bind.state": "umount /srv/www",
      "mem.fstype mem.device": "umount /srv/mem",
      "data.options": "mount -o remount,dev,atime /srv/data",
      "data.pass": "sed -i 's,\\(LABEL=data.*\\) 2,\\1 1,' /etc/fstab",
      "away.state": "sed -i '/srv.away/d' /etc/fstab",
      "later.options": "sed -i /later/s/noauto/auto/ /etc/fstab",
      "later.device": "sed -i s,/dev/vdd,/dev/vde, /etc/fstab",
    },
    away: [
      "{ name: bind, type: mount, path: /srv/www, state: absent }",
      "{ name: data, type: mount, path: /srv/data, state: absent, depends_on: bind }",
      "{ name: mem, type: mount, path: /srv/mem, state: absent, depends_on: data }",
      "{ name: away, type: mount, path: /srv/away, state: absent, depends_on: mem }",
      "{ name: later, type: mount, path: /srv/later, state: absent, depends_on: away }",
      "{ name: format, type: filesystem, device: /dev/vdc, fstype: ext4, state: absent, force: true, depends_on: data }",
    ],
    gone: "findmnt -rn | grep srv; grep -e LABEL=data -e tmpfs -e vdd -e away /etc/fstab",
  },
  "mount, that the kernel has by other words": {
    before:
      "mkdir -p /srv/real /srv/tree; ln -sfn real /srv/link; truncate -s 8M /srv/image; mkfs.ext4 -qF /srv/image",
    wish: [
      "{ name: mem, type: mount, path: /srv/link/mem, device: tmpfs, fstype: tmpfs, options: 'size=1000000,mode=1777,uid=0' }",
      "{ name: image, type: mount, path: /srv/cd, device: /srv/image, fstype: ext4, options: 'loop,ro' }",
      "{ name: tree, type: mount, path: /srv/copy, device: /srv/tree, fstype: none, options: 'rbind,ro' }",
    ],
    ask: "stat -c %a /srv/real/mem; for at in /srv/cd /srv/copy /; do findmnt -rno OPTIONS $at | cut -c1-2; done; losetup -nO BACK-FILE; findmnt -rn | grep -c srv/",
    stands: "1777\nro\nro\nrw\n/srv/image\n3\n",
    harm: {
      "mem.options": "mount -o remount,size=2M /srv/real/mem",
      "mem.state": "umount /srv/real/mem",
      "image.state": "umount /srv/cd",
      "image.device":
        "umount /srv/cd 2>/dev/null || true; cp /srv/image /root/other; mount -o loop,ro /root/other /srv/cd",
      "tree.options": "mount -o remount,bind,rw /srv/copy",
    },
    away: [
      "{ name: mem, type: mount, path: /srv/link/mem, state: absent }",
      "{ name: image, type: mount, path: /srv/cd, state: absent }",
      "{ name: tree, type: mount, path: /srv/copy, state: absent }",
    ],
    gone: "findmnt -rn | grep srv/; losetup -n; grep -e srv/link -e srv/c /etc/fstab",
  },
  swap: {
    wish: ["{ name: file, type: swap, path: /swapfile, size_mb: 32, priority: 7 }"],
    ask: "swapon --show=NAME,SIZE,PRIO --noheadings --raw; stat -c %a /swapfile; grep swap /etc/fstab",
    stands: "/swapfile 32M 7\n600\n/swapfile none swap sw,pri=7 0 0\n",
    harm: {
      "file.size_mb": "swapoff /swapfile || true; truncate -s 40M /swapfile; chmod 644 /swapfile",
      "file.priority": "sed -i s/pri=7/pri=8/ /etc/fstab",
    },
    away: ["{ name: file, type: swap, path: /swapfile, state: absent }"],
    gone: "swapon --show --noheadings; ls /swapfile 2>/dev/null; grep swap /etc/fstab",
  },
  "swap, a device": {
    wish: ["{ name: disk, type: swap, device: /dev/vdd }"],
    ask: "swapon --show=NAME,SIZE --noheadings --raw; grep swap /etc/fstab",
    stands: "/dev/vdd 512M\n/dev/vdd none swap sw 0 0\n",
    harm: {
      "disk.state": "swapoff /dev/vdd || true; sed -i '/vdd/d' /etc/fstab; wipefs -qa /dev/vdd",
    },
    away: ["{ name: disk, type: swap, device: /dev/vdd, state: absent }"],
    gone: "swapon --show --noheadings; grep swap /etc/fstab",
  },
};
