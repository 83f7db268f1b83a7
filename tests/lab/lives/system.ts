/** Lives of services, schedules, accounts and the system's own settings. Must not know hosts. */
import type { Life } from "../life.ts";

/** What other hands left: units, programs, settings. */
export const systemGiven: Readonly<Record<string, string>> = {
  "/etc/systemd/system/flappy.service":
    "[Unit]\nStartLimitBurst=2\n[Service]\nExecStart=/srv/flappy 1000\n[Install]\nWantedBy=multi-user.target\n",
  "/etc/systemd/system/inst@.service":
    "[Service]\nExecStart=/bin/sleep %i\n[Install]\nWantedBy=multi-user.target\nDefaultInstance=9000\n",
  "/etc/systemd/system/fixed.service": "[Service]\nExecStart=/bin/sleep 9001\n",
  "/etc/systemd/system/dancer.service": "[Service]\nExecStart=/srv/dancer 9002\n",
  "/etc/systemd/system/pair.service":
    "[Service]\nExecStart=/bin/sh -c '/srv/pair 9003 & exec /srv/pair 9004'\n",
  "/etc/init.d/napper":
    '#!/sbin/openrc-run\ncommand=/srv/napper\ncommand_args=9003\ncommand_background=true\npidfile=/run/napper.pid\nextra_started_commands="reload"\nreload() { touch /srv/reloaded; }\n',
  "/srv/pam.env": "OURS=yes\n",
  "/etc/dconf/profile/user": "user-db:user\nsystem-db:local\n",
};

export const system: Readonly<Record<string, Life>> = {
  systemd_unit: {
    wish: [
      "{ name: app, type: systemd_unit, unit: app.service, sections: { Unit: { Description: App }, Service: { ExecStart: /bin/sleep 9100, Environment: [A=1, B=2] }, Install: { WantedBy: multi-user.target } }, enabled: true, started: true }",
      '{ name: drop, type: systemd_unit, unit: atd.service, drop_in: nice, content: "[Service]\\nNice=5\\n" }',
      '{ name: template, type: systemd_unit, unit: say@.service, content: "[Service]\\nExecStart=/bin/sleep %i\\n" }',
    ],
    ask: "systemctl is-active app; systemctl is-enabled app; systemctl show -p Environment -p NeedDaemonReload app; systemctl show -p Nice --value atd; systemctl start say@9101; systemctl show -p ActiveState say@9101; systemctl stop say@9101; cd /etc/systemd/system; stat -c '%a %U %n' app.service atd.service.d/nice.conf say@.service",
    stands:
      "active\nenabled\nEnvironment=A=1 B=2\nNeedDaemonReload=no\n5\nActiveState=active\n644 root app.service\n644 root atd.service.d/nice.conf\n644 root say@.service\n",
    harm: {
      "app.enabled": "systemctl disable -q app",
      "app.started": "systemctl stop app",
      "app.sections": "sed -i s/B=2/B=3/ /etc/systemd/system/app.service; systemctl daemon-reload",
      "app.state": "chown games /etc/systemd/system/app.service",
      "drop.content":
        "echo Nice=6 >>/etc/systemd/system/atd.service.d/nice.conf; systemctl daemon-reload",
      "drop.drop_in": "rm /etc/systemd/system/atd.service.d/nice.conf; systemctl daemon-reload",
      "template.state": "rm /etc/systemd/system/say@.service",
    },
    away: [
      "{ name: app, type: systemd_unit, unit: app.service, state: absent }",
      "{ name: drop, type: systemd_unit, unit: atd.service, drop_in: nice, state: absent }",
      "{ name: template, type: systemd_unit, unit: say@.service, state: absent }",
    ],
    gone: "cd /etc/systemd/system; ls -d app.service atd.service.d say@.service multi-user.target.wants/app.service 2>/dev/null; systemctl is-active app | grep -v inactive; systemctl show -p Nice --value atd | grep -v '^0'; systemctl is-active atd | grep -v ^active",
  },
  "systemd_unit, what only systemd had not read": {
    wish: [
      '{ name: late, type: systemd_unit, unit: late.service, content: "[Service]\\nExecStart=/bin/sleep 9110\\n", started: true }',
    ],
    ask: "systemctl is-active late; systemctl show -p NeedDaemonReload late",
    stands: "active\nNeedDaemonReload=no\n",
    harm: {
      "late.content":
        "sleep 0.01; touch /etc/systemd/system/late.service; systemctl show -p NeedDaemonReload late | grep -q yes",
    },
    away: ["{ name: late, type: systemd_unit, unit: late.service, state: absent }"],
    gone: "systemctl is-active late | grep -v inactive; ls /etc/systemd/system/late.service 2>/dev/null",
  },
  systemd_timer: {
    wish: [
      '{ name: nightly, type: systemd_timer, timer: nightly, on_calendar: "*-*-* 03:30", command: \'echo "$((6 * 7)) 50% \\\\ ok" >/srv/timer\', persistent: true, randomized_delay: 5min }',
      "{ name: argv, type: systemd_timer, timer: words, on_boot_sec: 900d, on_unit_active_sec: 900d, command: [/usr/bin/printf, '%s|', 'a b', '$HOME', '%n', '\"'] }",
      "{ name: other, type: systemd_timer, timer: other, on_unit_active_sec: 900d, on_boot_sec: 900d, unit: fixed.service }",
    ],
    ask: "systemctl start nightly.service; cat /srv/timer; systemctl start words.service; journalctl -q -o cat -u words.service -n 1 --grep '[|]' >/dev/null || true; for t in nightly words other; do systemctl is-active $t.timer; systemctl is-enabled $t.timer; done; systemctl show -p Persistent -p RandomizedDelayUSec nightly.timer; systemctl show -p Unit other.timer; systemctl show -p TimersCalendar nightly.timer | grep -o -m1 '03:30' | head -1",
    stands:
      "42 50% \\ ok\nactive\nenabled\nactive\nenabled\nactive\nenabled\nRandomizedDelayUSec=5min\nPersistent=yes\nUnit=fixed.service\n03:30\n",
    harm: {
      "nightly.state": "systemctl disable -q --now nightly.timer",
      "nightly.on_calendar": "sed -i s/03:30/04:30/ /etc/systemd/system/nightly.timer",
      "nightly.persistent":
        "sed -i s/Persistent=.*/Persistent=false/ /etc/systemd/system/nightly.timer",
      "nightly.randomized_delay":
        "sed -i s/RandomizedDelaySec=.*/RandomizedDelaySec=6min/ /etc/systemd/system/nightly.timer",
      "nightly.command":
        "sed -i s/50/51/ /etc/systemd/system/nightly.service; systemctl daemon-reload",
      "argv.on_boot_sec": "sed -i s/OnBootSec=.*/OnBootSec=800d/ /etc/systemd/system/words.timer",
      "argv.on_unit_active_sec":
        "sed -i s/OnUnitActiveSec=.*/OnUnitActiveSec=800d/ /etc/systemd/system/words.timer",
      "argv.command": "rm /etc/systemd/system/words.service; systemctl daemon-reload",
      "other.state": "systemctl stop other.timer",
      "other.unit": "sed -i s/fixed/atd/ /etc/systemd/system/other.timer; systemctl daemon-reload",
    },
    away: ["nightly", "words", "other"].map(
      (name) => `{ name: ${name}, type: systemd_timer, timer: ${name}, state: absent }`,
    ),
    gone: "cd /etc/systemd/system; ls | grep -e nightly -e words -e other; systemctl list-timers --no-legend --all | grep -e nightly -e words -e other",
  },
  at_job: {
    wish: [
      '{ name: patch, type: at_job, at_job: patch, at: "2035-01-31 03:30", command: "echo \\"one $((6 * 7))\\" >/srv/at\\necho two >>/srv/at" }',
      '{ name: late, type: at_job, at_job: late, at: "2036-02-29 23:59", command: "true" }',
    ],
    ask: "atq | wc -l; for job in /var/spool/cron/atjobs/a*; do sh $job; done; cat /srv/at; atq | cut -f2 | sort | cut -c5-",
    stands: "2\none 42\ntwo\nFeb 29 23:59:00 2036 a root\nJan 31 03:30:00 2035 a root\n",
    harm: {
      "patch.state":
        "for n in $(atq | cut -f1); do case $(at -c $n) in *'echo two'*) atrm $n;; esac; done; rm -f /srv/at",
      "late.command":
        "for job in /var/spool/cron/atjobs/a*; do sed -i 's/^true$/false/' $job; done",
      "late.at":
        "for n in $(atq | grep 2036 | cut -f1); do at -c $n | at -t 203701010000 2>/dev/null; atrm $n; done",
    },
    away: [
      "{ name: patch, type: at_job, at_job: patch, state: absent }",
      "{ name: late, type: at_job, at_job: late, state: absent }",
    ],
    gone: "atq",
  },
  acl: {
    wish: [
      "{ name: file, type: acl, path: /srv/acl/file, entries: ['user:games:rw', 'g:adm:r'] }",
      "{ name: tree, type: acl, path: /srv/acl/tree, entries: ['group:adm:rwX'], recurse: true }",
      "{ name: fresh, type: acl, path: /srv/acl/tree, entries: ['group:adm:rwX'], default: true, recurse: true }",
    ],
    ask: "cd /srv/acl; getfacl -cs file | grep -e games -e adm -e news; find tree | sort | while read f; do getfacl -c $f | grep '^group:adm' | sed \"s,^,$f ,\"; done; touch tree/sub/new; getfacl -c tree/sub/new | grep ^group:adm; rm tree/sub/new; runuser -u games -- sh -c ': >>/srv/acl/file' && echo writes; getfacl -c secret",
    stands:
      "user:games:rw-\nuser:news:r--\ngroup:adm:r--\ntree group:adm:rwx\ntree/run group:adm:rwx\ntree/sub group:adm:rwx\ntree/sub/text group:adm:rw-\ngroup:adm:rwx\t#effective:rw-\nwrites\nuser::rw-\ngroup::---\nother::---\n\n",
    harm: {
      "file.entries": "setfacl -x g:adm /srv/acl/file",
      "file.state": "chmod g= /srv/acl/file",
      "tree.recurse": "setfacl -m g:adm:- /srv/acl/tree/sub/text",
      "tree.entries": "setfacl -x g:adm /srv/acl/tree",
      "fresh.default": "setfacl -k /srv/acl/tree/sub",
    },
    away: [
      "{ name: file, type: acl, path: /srv/acl/file, entries: ['user:games', 'g:adm'], state: absent }",
      "{ name: tree, type: acl, path: /srv/acl/tree, entries: ['group:adm'], recurse: true, state: absent }",
      "{ name: fresh, type: acl, path: /srv/acl/tree, entries: ['group:adm'], default: true, recurse: true, state: absent }",
    ],
    gone: "cd /srv/acl; getfacl -RPc . | grep -e games -e adm; getfacl -c file | grep -q news || echo lost",
  },
  locale: {
    wish: [
      "{ name: german, type: locale, locale: de_AT.UTF-8, lang: true, generate: true }",
      "{ name: french, type: locale, locale: fr_FR.UTF-8 }",
    ],
    ask: "LC_ALL=de_AT.UTF-8 locale -k charmap decimal_point; locale -a | grep -c -e ^de_AT.utf8 -e ^fr_FR.utf8; cat /etc/default/locale; grep -v '^#' /etc/locale.gen | grep .",
    stands:
      'charmap="UTF-8"\ndecimal_point=","\n2\n#  File generated by update-locale\nLANG=de_AT.UTF-8\nde_AT.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n',
    harm: {
      "german.generate": "localedef --delete-from-archive de_AT.utf8",
      "german.lang": "sed -i s/de_AT/en_US/ /etc/default/locale",
      "french.state": "sed -i 's/^fr/# fr/' /etc/locale.gen",
    },
    away: [
      "{ name: german, type: locale, locale: de_AT.UTF-8, state: absent }",
      "{ name: french, type: locale, locale: fr_FR.UTF-8, state: absent }",
    ],
    gone: "locale -a | grep -e de_AT -e fr_FR; grep LANG /etc/default/locale; grep -v '^#' /etc/locale.gen | grep .",
  },
  gsettings: {
    wish: [
      "{ name: idle, type: gsettings, schema: org.gnome.desktop.session, key: idle-delay, value: uint32 7, lock: true }",
      "{ name: proxy, type: gsettings, schema: org.gnome.system.proxy, key: mode, value: \"'auto'\" }",
    ],
    ask: "export GSETTINGS_BACKEND=dconf; gsettings get org.gnome.desktop.session idle-delay; gsettings writable org.gnome.desktop.session idle-delay; gsettings get org.gnome.system.proxy mode; gsettings writable org.gnome.system.proxy mode; stat -c %a /etc/dconf/profile/user /etc/dconf/db/local.d/50*",
    stands: "uint32 7\nfalse\n'auto'\ntrue\n644\n644\n644\n",
    harm: {
      "idle.lock": "cd /etc/dconf/db; rm local.d/locks/*; dconf update",
      "idle.value": "cd /etc/dconf/db; sed -i 's/uint32 7/uint32 9/' local.d/*idle*; dconf update",
      "proxy.value": "cd /etc/dconf/db; sed -i s/auto/none/ local.d/*proxy*; dconf update",
      "proxy.state": "cd /etc/dconf/db; rm local.d/*proxy*; dconf update",
    },
    away: [
      "{ name: idle, type: gsettings, schema: org.gnome.desktop.session, key: idle-delay, state: absent }",
      "{ name: proxy, type: gsettings, schema: org.gnome.system.proxy, key: mode, state: absent }",
    ],
    gone: "find /etc/dconf/db/local.d -type f; GSETTINGS_BACKEND=dconf gsettings get org.gnome.desktop.session idle-delay | grep 7; GSETTINGS_BACKEND=dconf gsettings writable org.gnome.desktop.session idle-delay | grep false",
  },
  "gsettings, a database that was not compiled and a profile without it": {
    wish: [
      "{ name: idle, type: gsettings, schema: org.gnome.desktop.session, key: idle-delay, value: uint32 8 }",
    ],
    ask: "GSETTINGS_BACKEND=dconf gsettings get org.gnome.desktop.session idle-delay",
    stands: "uint32 8\n",
    harm: {
      "idle.state": "rm /etc/dconf/db/local",
      "idle.value": ": >/etc/dconf/profile/user",
    },
    away: [
      "{ name: idle, type: gsettings, schema: org.gnome.desktop.session, key: idle-delay, state: absent }",
    ],
    gone: "find /etc/dconf/db/local.d -type f",
  },
  pam: {
    wish: [
      "{ name: env, type: pam, service: runuser, entries: ['session required pam_env.so envfile=/srv/pam.env'], position: begin }",
      "{ name: limits, type: pam, service: runuser, entries: ['session optional pam_limits.so'] }",
    ],
    ask: "runuser games -s /bin/sh -c 'echo $OURS'; grep -n pam_limits /etc/pam.d/runuser | cut -d: -f2; grep -c ^# /etc/pam.d/runuser; stat -c '%a %U' /etc/pam.d/runuser",
    stands: "yes\nsession\toptional\tpam_limits.so\n1\n644 root\n",
    harm: {
      "env.position env.state": "sed -i /pam_env/d /etc/pam.d/runuser",
      "limits.entries":
        "sed -i 's/optional\\(\\s*\\)pam_limits/required\\1pam_limits/' /etc/pam.d/runuser",
    },
    away: [
      "{ name: env, type: pam, service: runuser, entries: ['session required pam_env.so'], state: absent }",
      "{ name: limits, type: pam, service: runuser, entries: ['session optional pam_limits.so'], state: absent }",
    ],
    gone: "grep -e pam_env -e pam_limits /etc/pam.d/runuser; runuser games -s /bin/sh -c 'echo $OURS' | grep .",
  },
  process: {
    wish: [
      "{ name: dancer, type: process, process: dancer, restart_unit: dancer.service }",
      "{ name: intruder, type: process, process: intruder, state: stopped }",
      "{ name: stubborn, type: process, process: 'stubborn[.]sh', match_mode: pattern, state: stopped, kill_timeout: 300ms }",
      "{ name: crowd, type: process, process: crowd, max: 1 }",
      "{ name: pair, type: process, process: pair, min: 2, max: 2, restart_unit: pair.service }",
    ],
    ask: "pgrep -c dancer; pgrep -c pair; pgrep -c crowd; pgrep intruder || true; pgrep -f 'stubborn[.]sh' || true",
    stands: "1\n2\n1\n",
    harm: {
      "dancer.state dancer.restart_unit": "pkill -KILL dancer",
      "intruder.state": "systemd-run -q /srv/intruder 9200",
      "stubborn.match_mode": "systemd-run -q -p TimeoutStopSec=2s sh /srv/stubborn.sh",
      "pair.min": "kill $(pgrep -n pair)",
      "crowd.max": "systemd-run -q /srv/crowd 9201; systemd-run -q /srv/crowd 9202",
    },
    away: [
      "{ name: dancer, type: process, process: dancer, state: stopped, signal: KILL }",
      "{ name: crowd, type: process, process: crowd, state: stopped }",
      "{ name: pair, type: process, process: pair, state: stopped }",
    ],
    gone: "pgrep pair; pgrep dancer; pgrep crowd",
  },
  "ntp, as chrony reads it": {
    wish: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], pools: [pool.lab] }"],
    ask: "chronyd -p | grep -e ^server -e ^pool | sort -r; chronyd -p | grep -c ^makestep; grep '^#' /etc/chrony/chrony.conf | cmp - /srv/notes",
    stands: "server ntp.lab iburst\nserver 10.77.0.1 iburst\npool pool.lab iburst\n1\n",
    harm: {
      "time.servers": "sed -i /10.77/d /etc/chrony/chrony.conf",
      "time.pools": "sed -i 's/^pool/server/' /etc/chrony/chrony.conf",
      "time.state": "echo 'pool evil.example' >>/etc/chrony/chrony.conf",
    },
    away: [
      "{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], pools: [pool.lab], state: absent }",
    ],
    gone: "chronyd -p | grep -e ^server -e ^pool",
  },
  "dns_resolver, a file": {
    wish: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1, 'fd00::53'], search: [lab, corp.lab], options: [timeout:2] }",
    ],
    ask: "cat /etc/resolv.conf; stat -c '%a %F' /etc/resolv.conf",
    stands:
      "# ours\nsearch lab corp.lab\nnameserver 10.77.0.1\nnameserver fd00::53\noptions timeout:2\n644 regular file\n",
    harm: {
      "dns.nameservers": "sed -i s/10.77.0.1/1.1.1.1/ /etc/resolv.conf",
      "dns.search": "sed -i /search/d /etc/resolv.conf",
      "dns.options": "sed -i s/timeout:2/timeout:9/ /etc/resolv.conf",
      "dns.state":
        "rm /etc/resolv.conf; echo '# ours' >/etc/resolv.conf; chmod 644 /etc/resolv.conf",
    },
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1, 'fd00::53'], search: [lab, corp.lab], options: [timeout:2], state: absent }",
    ],
    gone: "grep -v '^# ours' /etc/resolv.conf",
  },
  "dns_resolver, resolved": {
    wish: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1, 10.77.0.2], search: [corp.lab], backend: resolved }",
    ],
    ask: "resolvectl dns | head -1; resolvectl domain | head -1",
    stands: "Global: 10.77.0.1 10.77.0.2\nGlobal: corp.lab\n",
    harm: {
      "dns.nameservers": "sed -i s/10.77.0.2/10.77.0.9/ /etc/systemd/resolved.conf.d/90-vigo.conf",
      "dns.search": "sed -i s/corp.lab/evil.lab/ /etc/systemd/resolved.conf.d/90-vigo.conf",
      "dns.backend":
        "rm /etc/systemd/resolved.conf.d/90-vigo.conf; systemctl reset-failed systemd-resolved; systemctl restart systemd-resolved",
    },
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1, 10.77.0.2], search: [corp.lab], backend: resolved, state: absent }",
    ],
    gone: "resolvectl dns | grep 10.77; ls /etc/systemd/resolved.conf.d 2>/dev/null",
  },
  "dns_resolver, a resolved that has not read it": {
    wish: ["{ name: dns, type: dns_resolver, nameservers: [10.77.0.3], backend: resolved }"],
    ask: "resolvectl dns | head -1",
    stands: "Global: 10.77.0.3\n",
    harm: {
      "dns.backend":
        "systemctl reset-failed systemd-resolved; touch /etc/systemd/resolved.conf.d/90-vigo.conf",
    },
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.3], backend: resolved, state: absent }",
    ],
    gone: "resolvectl dns | grep 10.77",
  },
  "service, failed too often, and an instance of a template": {
    wish: [
      "{ name: flappy, type: service, service: flappy, enabled: true }",
      "{ name: instance, type: service, service: inst@9004, enabled: true }",
      "{ name: static, type: service, service: fixed.service }",
    ],
    ask: "systemctl is-active flappy inst@9004 fixed; systemctl is-enabled flappy inst@9004",
    stands: "active\nactive\nactive\nenabled\nenabled\n",
    harm: {
      "flappy.state":
        "mv /srv/flappy /srv/away; for n in 1 2 3 4; do systemctl restart flappy || true; done; systemctl is-failed -q flappy; mv /srv/away /srv/flappy",
      "instance.enabled": "systemctl disable -q --now inst@9004",
      "static.state": "systemctl stop fixed",
    },
    away: [
      "{ name: flappy, type: service, service: flappy, state: stopped, enabled: false }",
      "{ name: instance, type: service, service: inst@9004, state: stopped, enabled: false }",
      "{ name: static, type: service, service: fixed.service, state: stopped }",
    ],
    gone: "systemctl is-active flappy inst@9004 fixed | grep -v inactive; systemctl is-enabled flappy inst@9004 | grep -v disabled",
  },
};

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPZ3Kg1dAaVVPVOn3OVlKUxOCe5oBVL3bCTTrLWGVxK";

/** Every parameter at once, and a password in the clear beside a hash of it that somebody else made. */
export const accounts: Life = {
  wish: [
    "{ name: team, type: group, group: team, gid: 4700 }",
    `{ name: eve, type: user, username: eve, uid: 4002, gid: 4700, groups: [adm, news], append_groups: false, shell: /bin/bash, home: /srv/eve, manage_home: true, comment: Eve E., password: 'Pl4in: word', password_max_age: 90, password_min_age: 1, password_warn_age: 14, locked: false, expires: '2032-02-29', authorized_keys: ['${key} eve'], exclusive_keys: true, sudo_nopasswd: true }`,
    "{ name: bob, type: user, username: bob, group: games, password: 'the same' }",
  ],
  ask: `getent passwd eve; id -Gn eve; getent shadow eve | cut -d: -f4-6,8; for who in 'eve:Pl4in: word' 'bob:the same'; do perl -e '($n, $p) = split /:/, $ARGV[0], 2; $h = (getpwnam $n)[1]; print "$n ", crypt($p, $h) eq $h ? "opens\n" : "is shut\n"' "$who"; done; cut -d' ' -f3 /srv/eve/.ssh/authorized_keys; runuser -u eve -- sudo -n id -u; stat -c '%U %G %a' /srv/eve; id -gn bob`,
  stands:
    "eve:x:4002:4700:Eve E.:/srv/eve:/bin/bash\nteam adm news\n1:90:14:22704\neve opens\nbob opens\neve\n0\neve team 755\ngames\n",
  harm: {
    "eve.uid": "usermod -u 4009 eve; chown -R 4009 /srv/eve",
    "eve.gid": "usermod -g users eve",
    "eve.groups eve.append_groups": "usermod -G games eve",
    "eve.shell": "usermod -s /bin/false eve",
    "eve.comment": "usermod -c X eve",
    "eve.expires": "usermod -e 2031-01-01 eve",
    "eve.password_max_age": "chage -M 1 eve",
    "eve.password_min_age": "chage -m 0 eve",
    "eve.password_warn_age": "chage -W 3 eve",
    "eve.password": 'usermod -p "$(mkpasswd -m yescrypt other)" eve',
    "eve.locked": "usermod -L eve",
    "eve.authorized_keys": ": >/srv/eve/.ssh/authorized_keys",
    "eve.exclusive_keys": `echo '${key.replace("xK", "xL")} evil' >>/srv/eve/.ssh/authorized_keys`,
    "eve.sudo_nopasswd": "rm /etc/sudoers.d/vigo-eve",
    "eve.home": "usermod -d /nonexistent eve",
    "eve.manage_home": "rm -r /srv/eve",
    "bob.group": "usermod -g news bob",
  },
  mild: `usermod -p "$(mkpasswd -m yescrypt 'the same')" bob`,
  away: [
    "{ name: eve, type: user, username: eve, state: absent, manage_home: true }",
    "{ name: bob, type: user, username: bob, state: absent }",
    "{ name: team, type: group, group: team, state: absent, depends_on: [eve] }",
  ],
  gone: "getent passwd eve bob; getent group team; ls -d /srv/eve /etc/sudoers.d/vigo-eve 2>/dev/null",
};

/** Of another host, whose packages exclude some of the first one's. */
export const elsewhere: Readonly<Record<string, Life>> = {
  "ntp, as timesyncd reads it": {
    wish: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], client: timesyncd }"],
    ask: "systemd-analyze cat-config systemd/timesyncd.conf | grep ^NTP; stat -c '%a %U' /etc/systemd/timesyncd.conf.d/90-vigo.conf",
    stands: "NTP=\nNTP=10.77.0.1 ntp.lab\n644 root\n",
    harm: {
      "time.servers": "sed -i s/ntp.lab/evil/ /etc/systemd/timesyncd.conf.d/90-vigo.conf",
      "time.client": "rm /etc/systemd/timesyncd.conf.d/90-vigo.conf",
    },
    away: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], state: absent }"],
    gone: "systemd-analyze cat-config systemd/timesyncd.conf | grep ^NTP",
  },
  "dns_resolver, resolvconf": {
    wish: ["{ name: dns, type: dns_resolver, nameservers: [10.77.0.1], search: [corp.lab] }"],
    ask: "grep -e ^n -e ^s /etc/resolv.conf; readlink /etc/resolv.conf",
    stands: "nameserver 10.77.0.1\nsearch corp.lab\n../run/resolvconf/resolv.conf\n",
    harm: {
      "dns.nameservers":
        "sed -i s/10.77.0.1/1.1.1.1/ /etc/resolvconf/resolv.conf.d/base; resolvconf -u",
      "dns.search": "sed -i /search/d /etc/resolvconf/resolv.conf.d/base; resolvconf -u",
    },
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1], search: [corp.lab], state: absent }",
    ],
    gone: "grep -e ^n -e ^s /etc/resolv.conf",
  },
};

export const otherInits: Readonly<
  Record<string, { readonly kind: string; readonly before: string; readonly life: Life }>
> = {
  "service, OpenRC": {
    kind: "OpenRC from Debian's packages (lab)",
    before:
      "for name in started starting stopping inactive wasinactive failed exclusive daemons options scheduled hotplugged tmp; do mkdir -p /run/openrc/$name; done; touch /run/openrc/softlevel",
    life: {
      wish: [
        "{ name: napper, type: service, service: napper, enabled: true }",
        "{ name: cron, type: service, service: cron, enabled: true }",
      ],
      ask: "rc-service napper status; rc-service cron status; ls /etc/runlevels/default | grep -e napper -e cron",
      stands: " * status: started\ncron is running.\ncron\nnapper\n",
      harm: {
        "napper.state": "rc-service -q napper stop",
        "napper.enabled": "rc-update -q delete napper default",
        "cron.state": "/etc/init.d/cron stop >/dev/null",
      },
      away: [
        "{ name: napper, type: service, service: napper, state: stopped, enabled: false }",
        "{ name: cron, type: service, service: cron, state: stopped, enabled: false }",
      ],
      gone: "pgrep napper; ls /etc/runlevels/*/napper /etc/runlevels/*/cron 2>/dev/null",
    },
  },
  "service, SysV init": {
    kind: "SysV init scripts of Debian's packages (lab)",
    before: "rm -r /run/openrc",
    life: {
      wish: ["{ name: cron, type: service, service: cron, enabled: true }"],
      ask: "/etc/init.d/cron status; ls /etc/rc2.d | grep cron | cut -c1",
      stands: "cron is running.\nS\n",
      harm: {
        "cron.state": "kill -KILL $(cat /run/crond.pid)",
        "cron.enabled": "update-rc.d cron disable 2>/dev/null >/dev/null",
      },
      away: ["{ name: cron, type: service, service: cron, state: stopped, enabled: false }"],
      gone: "/etc/init.d/cron status | grep 'is running'; ls /etc/rc2.d | grep ^S...cron",
    },
  },
};
