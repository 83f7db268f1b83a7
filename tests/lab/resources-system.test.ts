/** Resource types of services, schedules, accounts and the system's own settings, on real Debian hosts, OpenRC and SysV init on one of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { Machine, type RunOptions, type Told } from "./machine.ts";
import { proven } from "./proof.ts";
import { builtVigo } from "./vigo.ts";

const packages = [
  ...["acl", "at", "chrony", "locales", "openrc", "systemd-resolved", "whois"],
  ...["dconf-cli", "dconf-gsettings-backend", "gsettings-desktop-schemas", "libglib2.0-bin"],
];
/** Of the second host, because they exclude some of the first one's. */
const otherPackages = ["resolvconf", "systemd-timesyncd"];

/** What other hands left: units, programs, settings. */
const given: Readonly<Record<string, string>> = {
  "/etc/systemd/system/flappy.service":
    "[Unit]\nStartLimitBurst=2\n[Service]\nExecStart=/srv/flappy 1000\n[Install]\nWantedBy=multi-user.target\n",
  "/etc/systemd/system/inst@.service":
    "[Service]\nExecStart=/bin/sleep %i\n[Install]\nWantedBy=multi-user.target\nDefaultInstance=9000\n",
  "/etc/systemd/system/fixed.service": "[Service]\nExecStart=/bin/sleep 9001\n",
  "/etc/systemd/system/dancer.service": "[Service]\nExecStart=/srv/dancer 9002\n",
  "/etc/init.d/napper":
    '#!/sbin/openrc-run\ncommand=/srv/napper\ncommand_args=9003\ncommand_background=true\npidfile=/run/napper.pid\nextra_started_commands="reload"\nreload() { touch /srv/reloaded; }\n',
  "/srv/pam.env": "OURS=yes\n",
  "/etc/dconf/profile/user": "user-db:user\nsystem-db:local\n",
};

const lives: Readonly<Record<string, Life>> = {
  systemd_unit: {
    wish: [
      "{ name: app, type: systemd_unit, unit: app.service, sections: { Unit: { Description: App }, Service: { ExecStart: /bin/sleep 9100, Environment: [A=1, B=2] }, Install: { WantedBy: multi-user.target } }, enabled: true, started: true }",
      '{ name: drop, type: systemd_unit, unit: atd.service, drop_in: nice, content: "[Service]\\nNice=5\\n" }',
      '{ name: template, type: systemd_unit, unit: say@.service, content: "[Service]\\nExecStart=/bin/sleep %i\\n" }',
    ],
    ask: "systemctl is-active app; systemctl is-enabled app; systemctl show -p Environment -p NeedDaemonReload app; systemctl show -p Nice --value atd; systemctl start say@9101; systemctl show -p ActiveState say@9101; systemctl stop say@9101; cd /etc/systemd/system; stat -c '%a %U %n' app.service atd.service.d/nice.conf say@.service",
    stands:
      "active\nenabled\nEnvironment=A=1 B=2\nNeedDaemonReload=no\n5\nActiveState=active\n644 root app.service\n644 root atd.service.d/nice.conf\n644 root say@.service\n",
    harm: "systemctl disable -q --now app; cd /etc/systemd/system; sed -i s/B=2/B=3/ app.service; chown games atd.service.d/nice.conf; echo Nice=6 >>atd.service.d/nice.conf; systemctl daemon-reload; rm say@.service",
    found: ["app", "drop", "template"],
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
    harm: "sleep 0.01; touch /etc/systemd/system/late.service; systemctl show -p NeedDaemonReload late | grep -q yes",
    found: ["late"],
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
    harm: "systemctl disable -q --now nightly.timer; sed -i s/900d/800d/ /etc/systemd/system/words.timer; rm /etc/systemd/system/words.service; systemctl stop other.timer; systemctl daemon-reload",
    found: ["nightly", "argv", "other"],
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
    harm: "for n in $(atq | cut -f1); do case $(at -c $n) in *'echo two'*) atrm $n;; esac; done; for job in /var/spool/cron/atjobs/a*; do sed -i 's/^true$/false/' $job; done; rm /srv/at",
    found: ["patch", "late"],
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
    harm: "cd /srv/acl; setfacl -x g:adm file; chmod g= file; setfacl -m g:adm:- tree/sub/text; setfacl -k tree/sub",
    found: ["file", "tree", "fresh"],
    away: [
      "{ name: file, type: acl, path: /srv/acl/file, entries: ['user:games', 'g:adm'], state: absent }",
      "{ name: tree, type: acl, path: /srv/acl/tree, entries: ['group:adm'], recurse: true, state: absent }",
      "{ name: fresh, type: acl, path: /srv/acl/tree, entries: ['group:adm'], default: true, recurse: true, state: absent }",
    ],
    gone: "cd /srv/acl; getfacl -RPc . | grep -e games -e adm; getfacl -c file | grep -q news || echo lost",
  },
  locale: {
    wish: [
      "{ name: german, type: locale, locale: de_AT.UTF-8, lang: true }",
      "{ name: french, type: locale, locale: fr_FR.UTF-8 }",
    ],
    ask: "LC_ALL=de_AT.UTF-8 locale -k charmap decimal_point; locale -a | grep -c -e ^de_AT.utf8 -e ^fr_FR.utf8; cat /etc/default/locale; grep -v '^#' /etc/locale.gen | grep .",
    stands:
      'charmap="UTF-8"\ndecimal_point=","\n2\n#  File generated by update-locale\nLANG=de_AT.UTF-8\nde_AT.UTF-8 UTF-8\nfr_FR.UTF-8 UTF-8\n',
    harm: "localedef --delete-from-archive de_AT.utf8; sed -i s/de_AT/en_US/ /etc/default/locale; sed -i 's/^fr/# fr/' /etc/locale.gen",
    found: ["german", "french"],
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
    harm: "cd /etc/dconf/db; rm local.d/locks/*; sed -i s/auto/none/ local.d/*proxy*; dconf update",
    found: ["idle", "proxy"],
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
    harm: "rm /etc/dconf/db/local; : >/etc/dconf/profile/user",
    found: ["idle"],
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
    harm: "sed -i -e /pam_env/d -e 's/optional\\(\\s*\\)pam_limits/required\\1pam_limits/' /etc/pam.d/runuser",
    found: ["env", "limits"],
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
    ],
    ask: "pgrep -c dancer; pgrep -c crowd; pgrep intruder || true; pgrep -f 'stubborn[.]sh' || true",
    stands: "1\n1\n",
    harm: "pkill -KILL dancer; systemd-run -q /srv/intruder 9200; systemd-run -q sh /srv/stubborn.sh; systemd-run -q /srv/crowd 9201; systemd-run -q /srv/crowd 9202",
    found: ["dancer", "intruder", "stubborn", "crowd"],
    away: [
      "{ name: dancer, type: process, process: dancer, state: stopped, signal: KILL }",
      "{ name: crowd, type: process, process: crowd, state: stopped }",
    ],
    gone: "pgrep dancer; pgrep crowd",
  },
  "ntp, as chrony reads it": {
    wish: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], pools: [pool.lab] }"],
    ask: "chronyd -p | grep -e ^server -e ^pool | sort -r; chronyd -p | grep -c ^makestep; grep '^#' /etc/chrony/chrony.conf | cmp - /srv/notes",
    stands: "server ntp.lab iburst\nserver 10.77.0.1 iburst\npool pool.lab iburst\n1\n",
    harm: "sed -i -e /10.77/d -e 's/^pool/server/' /etc/chrony/chrony.conf; echo 'pool evil.example' >>/etc/chrony/chrony.conf",
    found: ["time"],
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
    harm: "sed -i -e s/10.77.0.1/1.1.1.1/ -e /search/d /etc/resolv.conf",
    found: ["dns"],
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
    harm: "rm /etc/systemd/resolved.conf.d/90-vigo.conf; systemctl restart systemd-resolved",
    found: ["dns"],
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1, 10.77.0.2], search: [corp.lab], backend: resolved, state: absent }",
    ],
    gone: "resolvectl dns | grep 10.77; ls /etc/systemd/resolved.conf.d 2>/dev/null",
  },
  "dns_resolver, a resolved that has not read it": {
    wish: ["{ name: dns, type: dns_resolver, nameservers: [10.77.0.3], backend: resolved }"],
    ask: "resolvectl dns | head -1",
    stands: "Global: 10.77.0.3\n",
    // The runs before have restarted it as often as systemd lets anybody in ten seconds.
    harm: "systemctl reset-failed systemd-resolved; touch /etc/systemd/resolved.conf.d/90-vigo.conf",
    found: ["dns"],
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
    harm: "mv /srv/flappy /srv/away; for n in 1 2 3 4; do systemctl restart flappy || true; done; systemctl is-failed -q flappy; mv /srv/away /srv/flappy; systemctl disable -q --now inst@9004; systemctl stop fixed",
    found: ["flappy", "instance", "static"],
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
const accounts: Life = {
  wish: [
    "{ name: team, type: group, group: team, gid: 4700 }",
    `{ name: eve, type: user, username: eve, uid: 4002, gid: 4700, groups: [adm, news], append_groups: false, shell: /bin/bash, home: /srv/eve, manage_home: true, comment: Eve E., password: 'Pl4in: word', password_max_age: 90, password_min_age: 1, password_warn_age: 14, locked: false, expires: '2032-02-29', authorized_keys: ['${key} eve'], exclusive_keys: true, sudo_nopasswd: true }`,
    "{ name: bob, type: user, username: bob, group: games, password: 'the same' }",
  ],
  ask: `getent passwd eve; id -Gn eve; getent shadow eve | cut -d: -f4-6,8; for who in 'eve:Pl4in: word' 'bob:the same'; do perl -e '($n, $p) = split /:/, $ARGV[0], 2; $h = (getpwnam $n)[1]; print "$n ", crypt($p, $h) eq $h ? "opens\n" : "is shut\n"' "$who"; done; cut -d' ' -f3 /srv/eve/.ssh/authorized_keys; runuser -u eve -- sudo -n id -u; stat -c '%U %G %a' /srv/eve; id -gn bob`,
  stands:
    "eve:x:4002:4700:Eve E.:/srv/eve:/bin/bash\nteam adm news\n1:90:14:22704\neve opens\nbob opens\neve\n0\neve team 755\ngames\n",
  harm: `usermod -u 4009 -g users -G games -s /bin/false -c X -e 2031-01-01 -d /nonexistent eve; chage -M 1 -m 0 -W 3 eve; usermod -p "$(mkpasswd -m yescrypt other)" eve; usermod -L eve; echo '${key.replace("xK", "xL")} evil' >>/srv/eve/.ssh/authorized_keys; rm /etc/sudoers.d/vigo-eve; usermod -p "$(mkpasswd -m yescrypt 'the same')" bob`,
  found: ["eve"],
  away: [
    "{ name: eve, type: user, username: eve, state: absent, manage_home: true }",
    "{ name: bob, type: user, username: bob, state: absent }",
    "{ name: team, type: group, group: team, state: absent, depends_on: [eve] }",
  ],
  gone: "getent passwd eve bob; getent group team; ls -d /srv/eve /etc/sudoers.d/vigo-eve 2>/dev/null",
};

const elsewhere: Readonly<Record<string, Life>> = {
  "ntp, as timesyncd reads it": {
    wish: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab] }"],
    ask: "systemd-analyze cat-config systemd/timesyncd.conf | grep ^NTP; stat -c '%a %U' /etc/systemd/timesyncd.conf.d/90-vigo.conf",
    stands: "NTP=\nNTP=10.77.0.1 ntp.lab\n644 root\n",
    harm: "echo NTP=evil >>/etc/systemd/timesyncd.conf.d/90-vigo.conf",
    found: ["time"],
    away: ["{ name: time, type: ntp, servers: [10.77.0.1, ntp.lab], state: absent }"],
    gone: "systemd-analyze cat-config systemd/timesyncd.conf | grep ^NTP",
  },
  "dns_resolver, resolvconf": {
    wish: ["{ name: dns, type: dns_resolver, nameservers: [10.77.0.1], search: [corp.lab] }"],
    ask: "grep -e ^n -e ^s /etc/resolv.conf; readlink /etc/resolv.conf",
    stands: "nameserver 10.77.0.1\nsearch corp.lab\n../run/resolvconf/resolv.conf\n",
    harm: "sed -i s/10.77.0.1/1.1.1.1/ /etc/resolvconf/resolv.conf.d/base; resolvconf -u",
    found: ["dns"],
    away: [
      "{ name: dns, type: dns_resolver, nameservers: [10.77.0.1], search: [corp.lab], state: absent }",
    ],
    gone: "grep -e ^n -e ^s /etc/resolv.conf",
  },
};

/** Another init's tools on a host whose systemd is out of sight; what they start outlives the command. */
class OtherInit extends Machine {
  readonly name: string;
  readonly kind: string;
  readonly #host: LabHost;

  constructor(host: LabHost, kind: string) {
    super();
    this.name = host.name;
    this.kind = kind;
    this.#host = host;
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Told> {
    const script =
      'mount -t tmpfs none /run/systemd; umount -l /sys/fs/cgroup 2>/dev/null; exec "$@"';
    const hide = ["unshare", "--mount", "sh", "-c", script, "sh"];
    return this.#host.run(["systemd-run", "--scope", "-q", "--", ...hide, ...argv], options);
  }
}

const otherInits: Readonly<
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
      harm: "rc-service -q napper stop; rc-update -q delete napper default; /etc/init.d/cron stop >/dev/null",
      found: ["napper", "cron"],
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
      harm: "kill -KILL $(cat /run/crond.pid); update-rc.d cron disable 2>/dev/null >/dev/null",
      found: ["cron"],
      away: ["{ name: cron, type: service, service: cron, state: stopped, enabled: false }"],
      gone: "/etc/init.d/cron status | grep 'is running'; ls /etc/rc2.d | grep ^S...cron",
    },
  },
};

const why = noLab();

describe.skipIf(why !== undefined)("on real hosts", () => {
  let lab: Lab;
  let host: LabHost;
  let other: LabHost;
  beforeAll(async () => {
    const vigo = builtVigo();
    lab = await bootHosts(1, { vigo, packages });
    [other] = (await lab.boot(["other"], { vigo, packages: otherPackages })) as [LabHost];
    [host] = lab.hosts as readonly LabHost[] as [LabHost];
    for (const [path, text] of Object.entries(given)) await host.put(path, text);
    await host.sh(`
      systemctl daemon-reload; systemctl disable -q --now cron chrony; systemctl start atd systemd-resolved
      chmod 755 /etc/init.d/napper; rm -f /etc/runlevels/*/cron; update-rc.d -f cron remove 2>/dev/null
      for name in flappy dancer napper intruder crowd; do cp /bin/sleep /srv/$name; done
      printf 'trap "" TERM\\nwhile :; do sleep 0.1; done\\n' >/srv/stubborn.sh
      systemd-run -q /srv/intruder 9200; systemd-run -q sh /srv/stubborn.sh
      systemd-run -q /srv/crowd 9201; systemd-run -q /srv/crowd 9202
      mkdir -p /srv/acl/tree/sub; cd /srv/acl; touch file tree/sub/text tree/run; chmod 755 tree/run; setfacl -m u:news:r file
      : >secret; chmod 600 secret; ln -s /srv/acl/secret tree/link
      echo '# ours' >/etc/resolv.conf; chmod 644 /etc/resolv.conf; grep '^#' /etc/chrony/chrony.conf >/srv/notes
      printf 'auth sufficient pam_rootok.so\\n# ours\\nsession required pam_unix.so\\n' >/etc/pam.d/runuser`);
    await other.sh("ln -sfn ../run/resolvconf/resolv.conf /etc/resolv.conf; resolvconf -u");
  }, 600_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(lives))
    test(name, () => liveThrough(host, name, life), 180_000);
  test(
    "user, every parameter",
    () => liveThrough(host, "user, every parameter", accounts),
    180_000,
  );
  for (const [name, life] of Object.entries(elsewhere))
    test(name, () => liveThrough(other, name, life), 180_000);
  for (const [name, { kind, before, life }] of Object.entries(otherInits))
    test(
      name,
      async () => {
        await host.sh(before);
        await liveThrough(new OtherInit(host, kind), name, life);
      },
      180_000,
    );

  test("a reboot is asked for once a boot, and never for what an older one has done", async () => {
    const apply = applying(host);
    const wish = ["{ name: later, type: reboot, when_pending: true, delay_minutes: 600 }"];
    const outcome = async (...flags: readonly string[]) =>
      (await apply("reboot", wish, ...flags)).outcome;
    const scheduled = () => host.exists("/run/systemd/shutdown/scheduled");
    expect(await outcome()).toBe("ok");
    await host.sh("touch /run/reboot-required");
    const dry = await apply("reboot", wish, "--dry-run");
    expect([dry.counts["pending"], await scheduled()]).toEqual([1, false]);
    expect([await outcome(), await scheduled()]).toEqual(["changed", true]);
    expect(await outcome()).toBe("ok");
    await host.sh("shutdown -c");
    expect([await outcome(), await scheduled()]).toEqual(["ok", false]);
    await host.reboot();
    expect([await outcome(), await scheduled()]).toEqual(["ok", false]);
    const told = [
      '{ name: kernel, type: file, target_path: /srv/kernel, content: "6.1\\n", notify: now }',
      "{ name: now, type: reboot, delay_minutes: 600, message: A new kernel }",
    ];
    expect((await apply("kernel", told)).counts).toMatchObject({ changed: 2, failed: 0 });
    expect(await host.get("/run/systemd/shutdown/scheduled")).toContain(
      "WALL_MESSAGE=A new kernel",
    );
    await host.sh("shutdown -c");
    proven(host, "reboot");
  }, 120_000);

  test("what cannot be done says why, and leaves things as they are", async () => {
    await host.sh(
      "systemctl mask -q fixed.service 2>/dev/null || ln -sf /dev/null /etc/systemd/system/masked.service; systemctl daemon-reload",
    );
    const before = await host.get("/etc/pam.d/common-auth");
    const report = await applying(host)("wrong", [
      '{ name: typo, type: systemd_unit, unit: typo.service, content: "[Service]\\nExecStart=/bin/true\\nRestrat=always\\n" }',
      "{ name: time, type: systemd_timer, timer: odd, on_calendar: now and then, command: 'true' }",
      "{ name: masked, type: service, service: masked }",
      "{ name: unknown, type: service, service: no-such-thing }",
      "{ name: jump, type: pam, service: common-auth, entries: ['auth required pam_faildelay.so'], position: 'before:pam_deny.so' }",
      "{ name: module, type: pam, service: runuser, entries: ['auth required pam_nothing.so'] }",
      "{ name: value, type: gsettings, schema: org.gnome.desktop.session, key: idle-delay, value: soon }",
      "{ name: language, type: locale, locale: xx_XX.UTF-8 }",
      "{ name: nobody, type: acl, path: /srv/acl/file, entries: ['user:no-such-user:r'] }",
      "{ name: link, type: acl, path: /srv/acl/tree/link, entries: ['user:games:r'] }",
    ]);
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(
        /^failed: .*typo.service was left as it is: systemd does not take it: typo.service:3: Unknown key/s,
      ),
      expect.stringMatching(/^failed: .*odd.timer was left as it is: .*Failed to parse calendar/s),
      expect.stringMatching(/^failed: masked is masked: nobody can start it/),
      expect.stringMatching(/^failed: systemd knows no service no-such-thing/),
      expect.stringMatching(/^failed: .*common-auth: line \d+ \(pam_unix.so\) jumps over 1 lines/),
      expect.stringMatching(/^failed: pam_nothing.so is not on this machine/),
      expect.stringMatching(/^failed: .*left as it is.*invalid value/s),
      expect.stringMatching(/^failed: cannot make xx_XX.UTF-8: its sources are not/),
      expect.stringMatching(/^failed: no user no-such-user/),
      expect.stringMatching(/^failed: \/srv\/acl\/tree\/link is a symlink: refused to follow/),
    ]);
    expect(await host.get("/etc/pam.d/common-auth")).toBe(before ?? "");
    for (const name of ["typo.service", "odd.timer", "odd.service"])
      expect(await host.exists(`/etc/systemd/system/${name}`)).toBe(false);
  }, 120_000);
});
