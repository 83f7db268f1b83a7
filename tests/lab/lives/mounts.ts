/** Lives of mounts without disks. Must not know hosts. */
import type { Life } from "../life.ts";

export const mounts: Readonly<Record<string, Life>> = {
  mount: {
    wish: [
      "{ name: mem, type: mount, path: /srv/mem, device: tmpfs, fstype: tmpfs, options: 'size=8m,mode=0700,nodev' }",
      "{ name: bind, type: mount, path: /srv/www, device: /srv/pages, fstype: none, options: 'bind,ro' }",
      "{ name: away, type: mount, path: /srv/away, device: LABEL=away, fstype: ext4, options: nofail, dump: 0, pass: 2 }",
      "{ name: later, type: mount, path: '/srv/my later', device: tmpfs, fstype: tmpfs, options: noauto, state: present }",
    ],
    ask: "findmnt -rno FSTYPE,OPTIONS /srv/mem | grep -c 'tmpfs.*nodev.*size=8192k'; stat -c %a /srv/mem; cat /srv/www/page; touch /srv/www/x 2>/dev/null || echo read-only; grep srv /etc/fstab | sort; ls -d '/srv/my later' 2>/dev/null || echo no; systemctl show -P What srv-mem.mount",
    stands:
      "1\n700\nhi\nread-only\n#tmpfs /srv/mem ext4\n/srv/pages /srv/www none bind,ro 0 0\nLABEL=away /srv/away ext4 nofail 0 2\ntmpfs /srv/mem tmpfs size=8m,mode=0700,nodev 0 0\ntmpfs /srv/my\\040later tmpfs noauto 0 0\nno\ntmpfs\n",
    harm: {
      "bind.state": "umount /srv/www",
      "mem.options": "mount -o remount,size=4m,dev /srv/mem",
      "away.pass": "sed -i 's/nofail 0 2/nofail 0 1/' /etc/fstab",
      "away.dump": "sed -i 's/nofail 0 /nofail 1 /' /etc/fstab",
      "away.device": "sed -i s/LABEL=away/LABEL=other/ /etc/fstab",
      "later.fstype": "sed -i 's/tmpfs noauto/ext4 noauto/' /etc/fstab",
      "later.options": "sed -i /later/s/noauto/auto/ /etc/fstab",
    },
    away: [
      "{ name: mem, type: mount, path: /srv/mem, state: absent }",
      "{ name: bind, type: mount, path: /srv/www, state: absent }",
      "{ name: away, type: mount, path: /srv/away, state: absent }",
      "{ name: later, type: mount, path: '/srv/my later', state: absent }",
    ],
    gone: "findmnt -rn | grep srv; grep -e LABEL -e my -e pages /etc/fstab",
  },
  "mount, that the kernel has by other words": {
    before: "mkdir -p /srv/real /srv/tree; ln -sfn real /srv/link",
    wish: [
      "{ name: mem, type: mount, path: /srv/link/mem, device: tmpfs, fstype: tmpfs, options: 'size=1000000,mode=1777,uid=0' }",
      "{ name: tree, type: mount, path: /srv/copy, device: /srv/tree, fstype: none, options: 'rbind,ro' }",
    ],
    ask: "stat -c %a /srv/real/mem; for at in /srv/copy /; do findmnt -rno OPTIONS $at | cut -c1-2; done; findmnt -rno TARGET | grep -c /srv/",
    stands: "1777\nro\nrw\n2\n",
    harm: {
      "mem.options": "mount -o remount,mode=700 /srv/real/mem",
      "mem.state": "umount /srv/real/mem",
      "tree.options": "mount -o remount,bind,rw /srv/copy",
    },
    away: [
      "{ name: mem, type: mount, path: /srv/link/mem, state: absent }",
      "{ name: tree, type: mount, path: /srv/copy, state: absent }",
    ],
    gone: "findmnt -rno TARGET | grep /srv/; grep -e srv/link -e srv/copy /etc/fstab",
  },
};
