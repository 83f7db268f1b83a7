/** Lives of the types whose truth is in a kernel. Must not know machines. */
import type { Life } from "../../lab/life.ts";

export const kernel: Readonly<Record<string, Life>> = {
  "sysctl, outside of the network": {
    wish: [
      "{ name: swap, type: sysctl, key: vm.swappiness, value: 33, apply_now: true }",
      "{ name: dump, type: sysctl, key: kernel.core_pattern, value: /tmp/core.%p, persist: true }",
      "{ name: now, type: sysctl, key: kernel.panic, value: 30, persist: false }",
      // Debian's own 99-protect-links.conf says 1.
      "{ name: fifos, type: sysctl, key: fs.protected_fifos, value: 2 }",
    ],
    ask: "/lib/systemd/systemd-sysctl; sysctl -n vm.swappiness kernel.core_pattern kernel.panic fs.protected_fifos; cat /etc/sysctl.d/99-zz-vm* /etc/sysctl.d/99-zz-kernel*",
    stands: "33\n/tmp/core.%p\n30\n2\nvm.swappiness = 33\nkernel.core_pattern = /tmp/core.%p\n",
    harm: {
      "swap.value swap.apply_now": "sysctl -q -w vm.swappiness=60",
      "now.value": "sysctl -q -w kernel.panic=0",
      "fifos.value": "sysctl -q -w fs.protected_fifos=1",
      "dump.persist dump.state": "rm /etc/sysctl.d/99-zz-kernel.core_pattern.conf",
    },
    away: [
      "{ name: swap, type: sysctl, key: vm.swappiness, state: absent }",
      "{ name: dump, type: sysctl, key: kernel.core_pattern, state: absent }",
      "{ name: fifos, type: sysctl, key: fs.protected_fifos, state: absent }",
    ],
    gone: "ls /etc/sysctl.d | grep ^99-zz",
  },
  kernel_module: {
    wish: [
      "{ name: loop, type: kernel_module, module: loop, parameters: { max_loop: 3 }, persist: true }",
      "{ name: never, type: kernel_module, module: nbd, state: blacklisted }",
    ],
    ask: "cat /sys/module/loop/parameters/max_loop; modprobe nbd 2>/dev/null || echo refused; cat /etc/modules-load.d/vigo-loop.conf; stat -c %a /etc/modprobe.d/vigo-*.conf",
    stands: "3\nrefused\nloop\n644\n644\n",
    harm: {
      "loop.parameters":
        "modprobe -r loop; modprobe loop max_loop=5; chmod 600 /etc/modprobe.d/vigo-loop.conf",
      "loop.persist": "rm /etc/modules-load.d/vigo-loop.conf",
      "loop.state": "modprobe -r loop",
      "never.state": "rm /etc/modprobe.d/vigo-nbd.conf; modprobe nbd",
    },
    away: [
      "{ name: loop, type: kernel_module, module: loop, state: unloaded }",
      "{ name: never, type: kernel_module, module: nbd, state: unloaded }",
    ],
    gone: "ls /etc/modprobe.d /etc/modules-load.d | grep vigo; grep ^loop /proc/modules",
  },
  audit_rule: {
    wish: [
      "{ name: who, type: audit_rule, audit_rule: 50-who, rules: ['-w /etc/passwd -p wa -k ours', '-w /etc/sudoers.d/ -k ours'] }",
      "{ name: what, type: audit_rule, audit_rule: 60-what, rules: ['-a always,exit -F arch=b64 -S execve -S execveat -F euid=0 -F auid>=1000 -F auid!=unset -k theirs', '-a always,exit -F arch=b64 -S mount -F uid=daemon -F gid!=www-data -F a1=3 -k theirs'] }",
    ],
    ask: "auditctl -l | grep -c -e ours -e theirs; stat -c %a /etc/audit/rules.d/60-what.rules",
    stands: "4\n640\n",
    harm: {
      "what.rules": "echo '# x' >>/etc/audit/rules.d/60-what.rules",
      "who.state": "rm /etc/audit/rules.d/50-who.rules",
    },
    away: [
      "{ name: who, type: audit_rule, audit_rule: 50-who, state: absent }",
      "{ name: what, type: audit_rule, audit_rule: 60-what, state: absent }",
    ],
    gone: "auditctl -l | grep -e ours -e theirs; ls /etc/audit/rules.d | grep -e who -e what",
  },
  "audit_rule, that the kernel has forgotten": {
    wish: [
      "{ name: who, type: audit_rule, audit_rule: 50-who, rules: ['-w /etc/passwd -p wa -k ours'] }",
    ],
    ask: "auditctl -l | grep -c ours",
    stands: "1\n",
    harm: { "who.rules": "auditctl -D -k ours >/dev/null" },
    away: ["{ name: who, type: audit_rule, audit_rule: 50-who, state: absent }"],
    gone: "auditctl -l | grep ours; ls /etc/audit/rules.d | grep who",
  },
  apparmor: {
    wish: [
      '{ name: own, type: apparmor, profile: opt.app, mode: enforce, content: "profile ours /opt/app/bin/app {\\n  /opt/app/** r,\\n}\\nprofile ours2 /opt/app/bin/other {\\n}\\n" }',
      "{ name: logged, type: apparmor, profile: lsb_release, mode: complain }",
      "{ name: out, type: apparmor, profile: nvidia_modprobe, mode: disable }",
    ],
    ask: "grep -e ^ours -e ^lsb -e ^nvidia /sys/kernel/security/apparmor/profiles | sort; ls /etc/apparmor.d/disable /etc/apparmor.d/force-complain",
    stands:
      "lsb_release (complain)\nours (enforce)\nours2 (enforce)\n/etc/apparmor.d/disable:\nnvidia_modprobe\n\n/etc/apparmor.d/force-complain:\nlsb_release\n",
    harm: {
      // One of two is out of the kernel.
      "own.mode": "echo 'profile ours2 {}' | apparmor_parser -R",
      "own.content": "echo 'this is none' >>/etc/apparmor.d/opt.app",
      "own.state": "rm /etc/apparmor.d/opt.app",
      "logged.mode":
        "cd /etc/apparmor.d; rm force-complain/lsb_release; apparmor_parser -r lsb_release",
      "out.mode": "cd /etc/apparmor.d; rm disable/*; apparmor_parser -r nvidia_modprobe",
    },
    away: [
      "{ name: own, type: apparmor, profile: opt.app, state: absent }",
      "{ name: logged, type: apparmor, profile: lsb_release }",
      "{ name: out, type: apparmor, profile: nvidia_modprobe }",
    ],
    gone: "cd /etc/apparmor.d; ls -d disable/* force-complain/* opt.app 2>/dev/null; grep -e ours -e 'lsb_release (c' /sys/kernel/security/apparmor/profiles",
  },
  kernel_parameter: {
    wish: [
      "{ name: ours, type: kernel_parameter, parameter: vigo.test, value: 'a,b' }",
      "{ name: loud, type: kernel_parameter, parameter: quiet, state: absent }",
    ],
    ask: "cat /etc/default/grub; grep -m1 -o 'ro .*' /boot/grub/grub.cfg",
    stands:
      '# Read by update-grub.\nGRUB_DEFAULT=0\nGRUB_TIMEOUT=0\nGRUB_DISTRIBUTOR="Debian"\nGRUB_CMDLINE_LINUX_DEFAULT=""\nGRUB_CMDLINE_LINUX="console=ttyS0 vigo.test=a,b"\nro console=ttyS0 vigo.test=a,b \n',
    harm: {
      "ours.value": "sed -i s/a,b/c/ /etc/default/grub; update-grub 2>/dev/null",
      "loud.state":
        "sed -i 's/LINUX_DEFAULT=.*/LINUX_DEFAULT=\"quiet\"/' /etc/default/grub; update-grub 2>/dev/null",
    },
    away: ["{ name: ours, type: kernel_parameter, parameter: vigo.test, state: absent }"],
    gone: "grep vigo /etc/default/grub /boot/grub/grub.cfg",
  },
};
