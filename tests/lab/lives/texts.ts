/** Lives of the types that edit texts. `PUBLIC` and `HOSTKEY` stand for keys that the host has made. Must not know hosts. */
import type { Life } from "../life.ts";

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIGPZ3Kg1dAaVVPVOn3OVlKUxOCe5oBVL3bCTTrLWGVxK";

/** Texts as other hands left them: what is not ours in them is compared at the end. */
export const textsGiven: Readonly<Record<string, string>> = {
  "/srv/line.conf": "# App\r\n#color=red\r\nsize=1",
  "/srv/region.conf": "[one]\nlevel=1\n[two]\nlevel=2\n[three]\nlevel=3\n",
  "/srv/block.sh": "umask 022\n\n# last\n",
  "/srv/replace.conf": "mirror=old # the old one\nother=old\n",
  "/srv/app.ini": "; App\n[main]\nmode = slow ; why\n\n[log]\nlevel=1\n",
  "/srv/app.conf": "; App\nsize = 1\n",
  "/srv/table": "# ours\nops:x:4:eve,bob\nweb:x:5:\nhd:x:6:eve\nrm:x:7:eve,bob\n",
  "/etc/ssh/sshd_config.d/50-cloud.conf": "PermitRootLogin yes\n",
};

export const texts: Readonly<Record<string, Life>> = {
  file_line: {
    wish: [
      "{ name: color, type: file_line, target_path: /srv/line.conf, line: color=blue, match_pattern: '^color=', position: 'before:^size' }",
      "{ name: fresh, type: file_line, target_path: /srv/fresh.conf, line: hello, create: true, validate: 'grep -q hello %' }",
      "{ name: part, type: file_line, target_path: /srv/region.conf, line: level=9, match_pattern: '^level=', region_start: '^.two', region_end: '^.three' }",
    ],
    ask: "cat -A /srv/line.conf; echo; cat /srv/fresh.conf; stat -c %a /srv/fresh.conf; cat /srv/region.conf",
    stands:
      "# App^M$\n#color=red^M$\ncolor=blue^M$\nsize=1\nhello\n644\n[one]\nlevel=1\n[two]\nlevel=9\n[three]\nlevel=3\n",
    harm: {
      "color.line": "sed -i s/blue/green/ /srv/line.conf",
      "color.match_pattern": "sed -i '1i color=red\\r' /srv/line.conf",
      "color.position color.state": "sed -i /^color=/d /srv/line.conf",
      "fresh.line": ": >/srv/fresh.conf",
      "fresh.create": "rm /srv/fresh.conf",
      "part.region_start part.region_end": "sed -i s/level=9/level=2/ /srv/region.conf",
    },
    away: [
      "{ name: color, type: file_line, target_path: /srv/line.conf, match_pattern: '^color=', state: absent }",
      "{ name: fresh, type: file_line, target_path: /srv/fresh.conf, line: hello, state: absent }",
      "{ name: part, type: file_line, target_path: /srv/region.conf, line: level=2, match_pattern: '^level=9' }",
    ],
    gone: "grep ^color /srv/line.conf; cat /srv/fresh.conf",
  },
  blockinfile: {
    wish: [
      '{ name: block, type: blockinfile, target_path: /srv/block.sh, label: proxy, block_content: "export A=1\\nexport B=2\\n", position: "after:^umask", mode: "0640", validate: "sh -n %" }',
      '{ name: fresh, type: blockinfile, target_path: /srv/fresh.sh, marker_begin: "## ours", marker_end: "## end", block_content: "true\\n", create: true }',
    ],
    ask: "sed -n 2,5p /srv/block.sh; stat -c %a /srv/block.sh; cat /srv/fresh.sh",
    stands: "# BEGIN proxy\nexport A=1\nexport B=2\n# END proxy\n640\n## ours\ntrue\n## end\n",
    harm: {
      "block.block_content": "sed -i s/A=1/A=2/ /srv/block.sh",
      "block.mode": "chmod 666 /srv/block.sh",
      "block.label block.position block.state": "sed -i '/BEGIN/,/END/d' /srv/block.sh",
      "fresh.create fresh.marker_begin fresh.marker_end": "rm /srv/fresh.sh",
    },
    away: [
      "{ name: block, type: blockinfile, target_path: /srv/block.sh, label: proxy, state: absent }",
      '{ name: fresh, type: blockinfile, target_path: /srv/fresh.sh, marker_begin: "## ours", marker_end: "## end", state: absent }',
    ],
    gone: "grep -e proxy -e export -e ours -e true /srv/block.sh /srv/fresh.sh",
  },
  replace: {
    before:
      "printf 'a old old\\nb old\\nc old\\n' >/srv/many.conf; echo 'a old old' >/srv/once.conf",
    wish: [
      "{ name: mirror, type: replace, target_path: /srv/replace.conf, match_pattern: '^(mirror)=old\\b', replacement: '$1=new' }",
      "{ name: once, type: replace, target_path: /srv/once.conf, match_pattern: '^a old', replacement: a new, occurrences: first }",
      "{ name: part, type: replace, target_path: /srv/many.conf, match_pattern: 'old', replacement: new, region_start: '^a', region_end: '^c' }",
    ],
    ask: "cat /srv/replace.conf /srv/many.conf /srv/once.conf",
    stands: "mirror=new # the old one\nother=old\na old old\nb new\nc old\na new old\n",
    harm: {
      "mirror.match_pattern mirror.replacement": "sed -i s/=new/=old/ /srv/replace.conf",
      "once.occurrences": "sed -i s/new/old/ /srv/once.conf",
      "part.region_start part.region_end": "sed -i s/new/old/ /srv/many.conf",
    },
    away: [
      "{ name: mirror, type: replace, target_path: /srv/replace.conf, match_pattern: '=new', replacement: '=old' }",
      "{ name: part, type: replace, target_path: /srv/many.conf, match_pattern: new, replacement: old }",
      "{ name: once, type: replace, target_path: /srv/once.conf, match_pattern: new, replacement: old }",
    ],
    gone: "grep new /srv/replace.conf /srv/many.conf",
  },
  ini: {
    wish: [
      "{ name: mode, type: ini, target_path: /srv/app.ini, section: main, key: mode, value: fast }",
      "{ name: more, type: ini, target_path: /srv/app.ini, section: more, key: a, value: 1, separator: ' = ' }",
      "{ name: fresh, type: ini, target_path: /srv/fresh.ini, key: a, value: 1, create: true }",
    ],
    ask: "cat /srv/app.ini /srv/fresh.ini",
    stands: "; App\n[main]\nmode = fast ; why\n\n[log]\nlevel=1\n\n[more]\na = 1\na=1\n",
    harm: {
      "mode.value": "sed -i s/fast/slow/ /srv/app.ini",
      "more.state more.separator": "sed -i /^a/d /srv/app.ini",
      "more.section": "sed -i -e '/^a/d' -e '/more/d' -e '$d' /srv/app.ini",
      "fresh.create": "rm /srv/fresh.ini",
    },
    away: [
      "{ name: mode, type: ini, target_path: /srv/app.ini, section: main, key: mode, state: absent }",
      "{ name: more, type: ini, target_path: /srv/app.ini, section: more, key: a, state: absent }",
      "{ name: fresh, type: ini, target_path: /srv/fresh.ini, key: a, state: absent }",
    ],
    gone: "grep -e mode -e ^a /srv/app.ini /srv/fresh.ini",
  },
  key_value: {
    wish: [
      "{ name: size, type: key_value, target_path: /srv/app.conf, key: size, value: 2, separator: ' = ', comment_char: ';' }",
      "{ name: fresh, type: key_value, target_path: /srv/fresh.kv, key: a, value: 1, create: true, validate: 'grep -q 1 %' }",
    ],
    ask: "cat /srv/app.conf /srv/fresh.kv",
    stands: "; App\nsize = 2\na 1\n",
    harm: {
      "size.value": "sed -i s/2/3/ /srv/app.conf",
      "size.state size.separator": "sed -i /size/d /srv/app.conf",
      "size.comment_char":
        "printf '; App\\n;size = 2\\nsize = 4\\n' >/srv/app.conf; sed -i '/^;s/d' /srv/app.conf",
      "fresh.create": "rm /srv/fresh.kv",
    },
    away: [
      "{ name: size, type: key_value, target_path: /srv/app.conf, key: size, value: 1, separator: ' = ', comment_char: ';' }",
      "{ name: fresh, type: key_value, target_path: /srv/fresh.kv, key: a, state: absent }",
    ],
    gone: "cat /srv/fresh.kv; grep 2 /srv/app.conf",
  },
  "key_value, as sshd takes it": {
    wish: [
      "{ name: root, type: key_value, target_path: /etc/ssh/sshd_config, key: PermitRootLogin, value: without-password }",
      "{ name: port, type: key_value, target_path: /etc/ssh/sshd_config, key: Port, value: 2022 }",
      "{ name: x11, type: key_value, target_path: /etc/ssh/sshd_config, key: x11forwarding, value: 'no' }",
      "{ name: sftp, type: key_value, target_path: /etc/ssh/sshd_config, key: Subsystem, value: sftp internal-sftp }",
      "{ name: tries, type: key_value, target_path: /etc/ssh/sshd_config.d/60-ours.conf, key: MaxAuthTries, value: 3, create: true }",
    ],
    ask: "mkdir -p /run/sshd; sshd -T | grep -E '^(permitrootlogin|port|x11forwarding|subsystem|maxauthtries) ' | sort; sshd -T -C user=git,host=h,addr=1.2.3.4 | grep ^x11forwarding; head -1 /etc/ssh/sshd_config.d/50-cloud.conf",
    stands:
      "maxauthtries 3\npermitrootlogin without-password\nport 2022\nsubsystem sftp internal-sftp\nx11forwarding no\nx11forwarding yes\nPermitRootLogin yes\n",
    harm: {
      "root.state": "sed -i /^PermitRoot/d /etc/ssh/sshd_config",
      "port.value": "sed -i 's/^Port.*/Port 23/' /etc/ssh/sshd_config",
      "x11.value": "sed -i 's/^X11.*/X11Forwarding yes/' /etc/ssh/sshd_config",
      "sftp.value": "sed -i s,internal-sftp,/bin/false, /etc/ssh/sshd_config",
      "tries.value": "echo MaxAuthTries 9 >/etc/ssh/sshd_config.d/60-ours.conf",
      "tries.create": "rm /etc/ssh/sshd_config.d/60-ours.conf",
    },
    away: [
      "{ name: root, type: key_value, target_path: /etc/ssh/sshd_config, key: PermitRootLogin, state: absent }",
      "{ name: port, type: key_value, target_path: /etc/ssh/sshd_config, key: Port, state: absent }",
      "{ name: x11, type: key_value, target_path: /etc/ssh/sshd_config, key: X11Forwarding, state: absent }",
      "{ name: sftp, type: key_value, target_path: /etc/ssh/sshd_config, key: Subsystem, value: sftp, state: absent }",
      "{ name: tries, type: key_value, target_path: /etc/ssh/sshd_config.d/60-ours.conf, key: MaxAuthTries, state: absent }",
    ],
    gone: "sshd -T | grep -E '^(port 2022|subsystem|maxauthtries 3)'",
  },
  field_edit: {
    before: "echo 'a  b c' >/srv/words",
    wish: [
      "{ name: shell, type: field_edit, path: /srv/table, line_match: '^web:', select_field: 3, field_value: 6 }",
      "{ name: member, type: field_edit, path: /srv/table, line_match: '^ops:', select_field: 4, field_value: dana, field_operation: append }",
      "{ name: head, type: field_edit, path: /srv/table, line_match: '^hd:', select_field: 4, field_value: zoe, field_operation: prepend }",
      "{ name: out, type: field_edit, path: /srv/table, line_match: '^rm:', select_field: 4, field_value: bob, field_operation: delete }",
      "{ name: long, type: field_edit, path: /srv/words, line_match: '^a', field_separator: ' ', select_field: 4, field_value: d, extend_fields: true }",
    ],
    ask: "cat /srv/table /srv/words",
    stands: "# ours\nops:x:4:eve,bob,dana\nweb:x:6:\nhd:x:6:zoe,eve\nrm:x:7:eve\na  b c d\n",
    harm: {
      "shell.field_value": "sed -i s/^web:x:6/web:x:7/ /srv/table",
      "member.field_operation": "sed -i s/,dana// /srv/table",
      "head.field_operation": "sed -i s/zoe,// /srv/table",
      "out.field_operation": "sed -i s/7:eve/7:eve,bob/ /srv/table",
      "long.field_separator": "sed -i 's/ d$/ e/' /srv/words",
      "long.extend_fields": "sed -i 's/ .$//' /srv/words",
    },
    away: [
      "{ name: shell, type: field_edit, path: /srv/table, line_match: '^web:', select_field: 3, field_value: 5 }",
      "{ name: member, type: field_edit, path: /srv/table, line_match: '^ops:', select_field: 4, field_value: dana, field_operation: delete }",
      "{ name: head, type: field_edit, path: /srv/table, line_match: '^hd:', select_field: 4, field_value: zoe, field_operation: delete }",
      "{ name: out, type: field_edit, path: /srv/table, line_match: '^rm:', select_field: 4, field_value: bob, field_operation: append }",
    ],
    gone: "grep -e dana -e zoe -e web:x:6: /srv/table",
  },
  host: {
    wish: [
      "{ name: db, type: host, hostname: db.example.com, ip: 10.0.0.5, aliases: [db] }",
      "{ name: six, type: host, hostname: db.example.com, ip: 'fd00::5' }",
    ],
    ask: "getent ahostsv4 db | sed -n 1p; getent ahostsv6 db.example.com | sed -n 1p; getent ahostsv4 localhost | sed -n 1p",
    stands:
      "10.0.0.5        STREAM db.example.com\nfd00::5         STREAM db.example.com\n127.0.0.1       STREAM localhost\n",
    harm: {
      "db.aliases": "sed -i 's/db.example.com.*/db.example.com/' /etc/hosts",
      "db.ip": "sed -i s/10.0.0.5/10.0.0.6/ /etc/hosts",
      "six.state": "sed -i /fd00/d /etc/hosts",
    },
    away: ["{ name: db, type: host, hostname: db.example.com, state: absent }"],
    gone: "grep db /etc/hosts",
  },
  "authorized_key and sshkey, as ssh takes them": {
    wish: [
      "{ name: in, type: authorized_key, user: root, key: 'PUBLIC ours', key_options: 'no-pty' }",
      "{ name: known, type: sshkey, hostname: '[localhost]:2023', aliases: ['[127.0.0.1]:2023'], sshkey_type: ssh-ed25519, sshkey: HOSTKEY, hash_host: true }",
    ],
    ask: "mkdir -p /run/sshd; /usr/sbin/sshd -p 2023 -o PidFile=/run/lab-sshd.pid; n=0; until ss -Hltn sport = :2023 | grep -q . || [ $n -gt 100 ]; do n=$((n+1)); sleep 0.1; done; for name in localhost 127.0.0.1; do ssh -n -p 2023 -i /srv/key -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null root@$name echo in; done; kill $(cat /run/lab-sshd.pid); stat -c %a /root/.ssh /root/.ssh/authorized_keys; cut -c1-3 /etc/ssh/ssh_known_hosts",
    stands: "in\nin\n700\n600\n|1|\n|1|\n",
    harm: {
      "in.key_options": `sed -i s/no-pty/no-pty,command=\\"false\\"/ /root/.ssh/authorized_keys`,
      "in.key": "sed -i s/ssh-ed25519/ssh-rsa/ /root/.ssh/authorized_keys",
      "in.state": ": >/root/.ssh/authorized_keys",
      "known.aliases": "sed -i 1d /etc/ssh/ssh_known_hosts",
      "known.hash_host":
        "echo \"[localhost]:2023 $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)\" >/etc/ssh/ssh_known_hosts",
      "known.sshkey": `echo '[localhost]:2023 ssh-ed25519 ${key}' >/etc/ssh/ssh_known_hosts`,
      "known.state": ": >/etc/ssh/ssh_known_hosts",
    },
    away: [
      "{ name: in, type: authorized_key, user: root, key: 'PUBLIC', state: absent }",
      "{ name: known, type: sshkey, hostname: '[localhost]:2023', aliases: ['[127.0.0.1]:2023'], state: absent }",
    ],
    gone: "cat /root/.ssh/authorized_keys /etc/ssh/ssh_known_hosts",
  },
  "authorized_key and sshkey, in other files": {
    wish: [
      "{ name: only, type: authorized_key, user: root, key: 'PUBLIC ours', comment: mine, file: /srv/keys, exclusive: true }",
      "{ name: known, type: sshkey, hostname: a.example, sshkey_type: ssh-ed25519, sshkey: HOSTKEY, file: /srv/known }",
    ],
    ask: "cut -d' ' -f1,3 /srv/keys; cut -d' ' -f1,2 /srv/known",
    stands: "ssh-ed25519 mine\na.example ssh-ed25519\n",
    harm: {
      "only.comment": "sed -i s/mine/theirs/ /srv/keys",
      "only.exclusive": `echo 'ssh-ed25519 ${key} evil' >>/srv/keys`,
      "only.file": "rm /srv/keys",
      "known.file": "rm /srv/known",
    },
    away: [
      "{ name: only, type: authorized_key, user: root, key: 'PUBLIC', file: /srv/keys, state: absent }",
      "{ name: known, type: sshkey, hostname: a.example, file: /srv/known, state: absent }",
    ],
    gone: "cat /srv/keys; grep a.example /srv/known",
  },
  sudoers: {
    wish: [
      "{ name: id, type: sudoers, sudoers: id, users: [games], groups: [news], hosts: [ALL], run_as: root, commands: [/usr/bin/id -u], nopasswd: true }",
      '{ name: raw, type: sudoers, sudoers: raw, raw: "Defaults:games !lecture" }',
    ],
    ask: "sudo -u games sudo -n /usr/bin/id -u; sudo -l -U news | grep -o 'NOPASSWD.*'; stat -c '%a %U %G' /etc/sudoers.d/id /etc/sudoers.d/raw",
    stands: "0\nNOPASSWD: /usr/bin/id -u\n440 root root\n440 root root\n",
    harm: {
      "id.users": "sed -i s/games/bin/ /etc/sudoers.d/id",
      "id.groups": "sed -i s/%news/%bin/ /etc/sudoers.d/id",
      "id.hosts": "sed -i s/ALL/elsewhere/ /etc/sudoers.d/id",
      "id.run_as": "sed -i s/root/daemon/ /etc/sudoers.d/id",
      "id.commands": "sed -i s,/id,/who, /etc/sudoers.d/id",
      "id.nopasswd": "sed -i s/NOPASSWD:// /etc/sudoers.d/id",
      "id.state":
        "rm /etc/sudoers.d/id; touch /etc/sudoers.d/id; chmod 644 /etc/sudoers.d/id; chown games /etc/sudoers.d/id",
      "raw.raw": "echo '# x' >>/etc/sudoers.d/raw",
    },
    away: [
      "{ name: id, type: sudoers, sudoers: id, state: absent }",
      "{ name: raw, type: sudoers, sudoers: raw, state: absent }",
    ],
    gone: "ls /etc/sudoers.d | grep -v README; sudo -u games sudo -n /usr/bin/id -u 2>/dev/null",
  },
  limits: {
    wish: [
      "{ name: files, type: limits, domain: games, item: nofile, value: 777 }",
      "{ name: cores, type: limits, domain: games, limit_type: hard, item: core, value: 0 }",
      "{ name: tasks, type: limits, domain: games, item: nproc, value: 99, file: /etc/security/limits.d/50-own.conf }",
    ],
    ask: "runuser games -s /bin/bash -c 'ulimit -n; ulimit -Hc; ulimit -u'",
    stands: "777\n0\n99\n",
    harm: {
      "files.value": "sed -i s/777/778/ /etc/security/limits.d/99-vigo.conf",
      "cores.state": "sed -i /core/d /etc/security/limits.d/99-vigo.conf",
      "tasks.file": "rm /etc/security/limits.d/50-own.conf",
    },
    away: [
      "{ name: files, type: limits, domain: games, item: nofile, state: absent }",
      "{ name: cores, type: limits, domain: games, limit_type: hard, item: core, state: absent }",
      "{ name: tasks, type: limits, domain: games, item: nproc, file: /etc/security/limits.d/50-own.conf, state: absent }",
    ],
    gone: "cat /etc/security/limits.d/99-vigo.conf /etc/security/limits.d/50-own.conf",
  },
  login_policy: {
    wish: [
      "{ name: policy, type: login_policy, login_defs: { PASS_MAX_DAYS: 90, PASS_WARN_AGE: 14 }, pwquality: { minlen: 12 } }",
    ],
    ask: "useradd -M probe; getent shadow probe | cut -d: -f5,6; userdel probe; cat /etc/security/pwquality.conf",
    stands: "90:14\nminlen = 12\n",
    harm: {
      "policy.login_defs":
        "sed -i -e 's/^PASS_MAX.*/PASS_MAX_DAYS 1/' -e /^PASS_WARN/d /etc/login.defs",
      "policy.pwquality": "rm /etc/security/pwquality.conf",
      "policy.state": "sed -i /^PASS_MAX/d /etc/login.defs",
    },
    away: [
      "{ name: policy, type: login_policy, login_defs: { PASS_MAX_DAYS: 90, PASS_WARN_AGE: 14 }, pwquality: { minlen: 12 }, state: absent }",
    ],
    gone: "grep -E '^PASS_(MAX|WARN)' /etc/login.defs; cat /etc/security/pwquality.conf",
  },
  logrotate: {
    wish: [
      "{ name: app, type: logrotate, logrotate: app, paths: ['/srv/app/*.log'], options: [rotate 2, nocreate, postrotate, '  touch /srv/rotated', endscript] }",
    ],
    ask: "mkdir -p /srv/app; echo x >/srv/app/a.log; logrotate -f -s /run/lab-rotate /etc/logrotate.d/app; ls /srv/app /srv/rotated; rm -r /srv/app /srv/rotated; stat -c %a /etc/logrotate.d/app",
    stands: "/srv/rotated\n\n/srv/app:\na.log.1\n644\n",
    harm: {
      "app.options": "sed -i 's/rotate 2/rotate 0/' /etc/logrotate.d/app",
      "app.paths": "sed -i s,/srv/app,/srv/other, /etc/logrotate.d/app",
      "app.state": "chmod 600 /etc/logrotate.d/app; echo '# x' >>/etc/logrotate.d/app",
    },
    away: ["{ name: app, type: logrotate, logrotate: app, state: absent }"],
    gone: "ls /etc/logrotate.d/app 2>/dev/null",
  },
  banner: {
    wish: [
      '{ name: banner, type: banner, issue: "Ours.", issue_net: "Ours.", motd: "Be kind.\\n" }',
    ],
    ask: "cat /etc/issue /etc/issue.net /etc/motd; stat -c %a /etc/issue /etc/issue.net /etc/motd",
    stands: "Ours.\nOurs.\nBe kind.\n644\n644\n644\n",
    harm: {
      "banner.motd": "echo rude >/etc/motd",
      "banner.issue": "chmod 600 /etc/issue; echo >>/etc/issue",
      "banner.issue_net banner.state": "rm /etc/issue.net",
    },
    away: ["{ name: banner, type: banner, issue: '', issue_net: '', motd: '', state: absent }"],
    gone: "ls /etc/issue /etc/issue.net /etc/motd 2>/dev/null",
  },
};
