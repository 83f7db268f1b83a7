/** Lives of files, commands, packages, services and accounts: what is wished, spoilt by hand, and taken away. Must not know hosts. */
import type { Life } from "../life.ts";

const hash = "$6$saltsalt$qwertyuiopasdfghjklzxcvbnm";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc dana@home";

/** There before any of them. */
export const basicsGiven: Readonly<Record<string, string>> = { "/srv/original": "as it was\n" };

export const basics: Readonly<Record<string, Life>> = {
  file: {
    wish: [
      '{ name: motd, type: file, target_path: /etc/motd, content: "Be kind.\\n", mode: "0640", group: adm, validate: "grep -q kind %", backup: .orig }',
      "{ name: copy, type: file, target_path: /srv/copy, source_path: /srv/original, owner: daemon }",
      "{ name: bytes, type: file, target_path: /srv/bytes, content_base64: AAEC/w== }",
      '{ name: edited, type: file, target_path: /srv/edited, content: "b\\na\\n", baseindent: 2, stream_edit: [sort], line_endings: crlf }',
    ],
    ask: "stat -c '%a %U %G' /etc/motd /srv/copy; cat /etc/motd /srv/copy; od -An -tx1 /srv/bytes; cat -A /srv/edited",
    stands: "640 root adm\n644 daemon root\nBe kind.\nas it was\n 00 01 02 ff\n  a^M$\n  b^M$\n",
    harm: {
      "motd.content": "echo rude >>/etc/motd",
      "motd.mode": "chmod 666 /etc/motd",
      "motd.group": "chgrp games /etc/motd",
      "motd.state": "rm /etc/motd",
      "copy.source_path": "echo x >/srv/copy",
      "copy.owner": "chown nobody /srv/copy",
      "bytes.content_base64": "printf '\\0\\1\\2\\376' >/srv/bytes",
      "edited.baseindent": "sed -i 's/^ *//' /srv/edited",
      "edited.stream_edit": "printf '  b\\r\\n  a\\r\\n' >/srv/edited",
      "edited.line_endings": "sed -i 's/\\r//' /srv/edited",
    },
    away: [
      "{ name: motd, type: file, target_path: /etc/motd, state: absent }",
      "{ name: copy, type: file, target_path: /srv/copy, state: absent }",
      "{ name: bytes, type: file, target_path: /srv/bytes, state: absent }",
      "{ name: edited, type: file, target_path: /srv/edited, state: absent }",
    ],
    gone: "ls /etc/motd /srv/copy /srv/bytes /srv/edited 2>/dev/null",
  },
  directory: {
    wish: [
      "{ name: www, type: directory, target_path: /srv/www, owner: www-data, group: adm, mode: '2750', purge: true, ignore: ['*.local'] }",
      "{ name: page, type: file, target_path: /srv/www/page, content: hi }",
      "{ name: tree, type: directory, target_path: /srv/tree, owner: daemon, mode: 'u=rwX,go=', recurse: true }",
    ],
    ask: "stat -c '%a %U %G' /srv/www; ls /srv/www; find /srv/tree -perm /077 -o -not -user daemon",
    stands: "2750 www-data adm\npage\n",
    harm: {
      "www.mode": "chmod 777 /srv/www",
      "www.owner": "chown games /srv/www; chmod 2750 /srv/www",
      "www.group": "chgrp games /srv/www; chmod 2750 /srv/www",
      "www.purge": "touch /srv/www/stray",
      "tree.recurse": "mkdir -p /srv/tree/a; touch /srv/tree/a/b",
      "tree.owner": "chown root /srv/tree",
      "tree.mode": "chmod 755 /srv/tree",
      "tree.state": "rm -r /srv/tree",
    },
    away: [
      "{ name: page, type: file, target_path: /srv/www/page, state: absent }",
      "{ name: www, type: directory, target_path: /srv/www, state: absent, depends_on: page }",
      "{ name: tree, type: directory, target_path: /srv/tree, state: absent, recurse: true }",
    ],
    gone: "ls -d /srv/www /srv/tree 2>/dev/null",
  },
  "directory, what purge leaves alone": {
    before: "mkdir -p /srv/local; touch /srv/local/x.local /srv/local/stray",
    wish: [
      "{ name: www, type: directory, target_path: /srv/local, purge: true, ignore: ['*.local'] }",
    ],
    ask: "ls /srv/local",
    stands: "x.local\n",
    harm: { "www.purge": "touch /srv/local/stray" },
    away: ["{ name: www, type: directory, target_path: /srv/local, state: absent, recurse: true }"],
    gone: "ls -d /srv/local 2>/dev/null",
  },
  symlink: {
    wish: [
      "{ name: soft, type: symlink, target_path: /srv/soft, to: /etc/hostname, owner: daemon, group: adm, force: true }",
      "{ name: hard, type: symlink, target_path: /srv/hard, to: /etc/machine-id, link_type: hard, force: true }",
    ],
    ask: "readlink /srv/soft; stat -c '%U %G' /srv/soft; test /srv/hard -ef /etc/machine-id -a ! -L /srv/hard && echo same",
    stands: "/etc/hostname\ndaemon adm\nsame\n",
    harm: {
      "soft.to": "ln -sfn /etc /srv/soft",
      "soft.owner": "chown -h games /srv/soft",
      "soft.group": "chgrp -h games /srv/soft",
      "soft.force": "rm /srv/soft; echo mine >/srv/soft",
      "soft.state": "rm /srv/soft",
      "hard.to": "ln -f /etc/hosts /srv/hard",
      "hard.link_type": "ln -sf /etc/machine-id /srv/hard",
      "hard.force": "rm /srv/hard; echo mine >/srv/hard",
      "hard.state": "rm /srv/hard",
    },
    away: [
      "{ name: soft, type: symlink, target_path: /srv/soft, state: absent }",
      "{ name: hard, type: symlink, target_path: /srv/hard, link_type: hard, state: absent }",
    ],
    gone: "ls /srv/soft /srv/hard 2>/dev/null",
  },
  exec: {
    wish: [
      "{ name: made, type: exec, command: 'echo made >/srv/made', creates: /srv/made }",
      "{ name: mine, type: exec, command: 'cat >mine; echo $A >>mine; nice >>mine; exit 3', unless: 'test -e mine', user: daemon, cwd: /tmp, environment: { A: b }, stdin: read, returns: [3], nice: 5 }",
      "{ name: only, type: exec, command: [touch, /srv/only], onlyif: 'test ! -e /srv/only' }",
    ],
    // Compared with what everything on the host has: the tests may be run with less right to the processor themselves.
    ask: "cat /srv/made; stat -c %U /tmp/mine; sed '$d' /tmp/mine; echo $(($(tail -n 1 /tmp/mine) - $(nice))); ls /srv/only",
    stands: "made\ndaemon\nreadb\n5\n/srv/only\n",
    harm: {
      "made.creates made.command": "rm /srv/made",
      "mine.unless mine.user mine.cwd mine.environment mine.stdin mine.returns mine.nice":
        "rm /tmp/mine",
      "only.onlyif": "rm /srv/only",
    },
    away: [
      "{ name: made, type: exec, command: 'echo made >/srv/made', creates: /srv/made, revert: true, on_revert: [rm, /srv/made] }",
      "{ name: mine, type: exec, command: [touch, mine], unless: 'test -e mine', cwd: /tmp, revert: true, on_revert: [rm, mine] }",
      "{ name: only, type: exec, command: [touch, /srv/only], creates: /srv/only, revert: true, on_revert: [rm, /srv/only] }",
    ],
    gone: "ls /srv/made /tmp/mine /srv/only 2>/dev/null",
  },
  package: {
    wish: [
      "{ name: hello, type: package, package: hello-vigo, version: '1.0', allow_downgrade: true, lock_version: true }",
    ],
    ask: "dpkg -s hello-vigo | grep -E '^(Version|Status)' | sort",
    stands: "Status: hold ok installed\nVersion: 1.0\n",
    harm: {
      "hello.lock_version": "apt-mark -q unhold hello-vigo",
      "hello.version hello.allow_downgrade":
        "apt-get -q -y --allow-change-held-packages install hello-vigo=1.1",
      "hello.state": "dpkg -r --force-hold hello-vigo",
    },
    away: ["{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  "package, the latest": {
    wish: ["{ name: hello, type: package, package: [hello-vigo], state: latest }"],
    ask: "dpkg -s hello-vigo | grep ^Version",
    stands: "Version: 1.1\n",
    harm: { "hello.state": "apt-get -q -y --allow-downgrades install hello-vigo=1.0" },
    away: ["{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  "package, away with its settings": {
    before: "apt-get -q -y install hello-vigo",
    wish: ["{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }"],
    ask: "dpkg -s hello-vigo 2>/dev/null | grep ^Status || echo none",
    stands: "none\n",
    harm: {
      "hello.purge": "apt-get -q -y install hello-vigo; dpkg -r hello-vigo",
      "hello.state": "apt-get -q -y install hello-vigo",
    },
    away: ["{ name: hello, type: package, package: hello-vigo, state: absent }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  service: {
    wish: [
      "{ name: hello, type: package, package: hello-vigo }",
      "{ name: running, type: service, service: hello-vigo, enabled: true, depends_on: hello }",
    ],
    ask: "systemctl is-active hello-vigo; systemctl is-enabled hello-vigo",
    stands: "active\nenabled\n",
    harm: {
      "running.enabled": "systemctl disable -q hello-vigo",
      "running.state": "systemctl stop hello-vigo",
    },
    away: [
      "{ name: running, type: service, service: hello-vigo, state: stopped, enabled: false, masked: true }",
    ],
    gone: "systemctl is-active hello-vigo | grep -v inactive; systemctl is-enabled hello-vigo | grep -v masked",
  },
  "service, masked": {
    before: "systemctl unmask -q hello-vigo; systemctl start hello-vigo",
    wish: ["{ name: shut, type: service, service: hello-vigo, state: stopped, masked: true }"],
    ask: "systemctl is-active hello-vigo || true; systemctl is-enabled hello-vigo || true",
    stands: "inactive\nmasked\n",
    harm: {
      "shut.masked": "systemctl unmask -q hello-vigo",
      "shut.state": "systemctl unmask -q hello-vigo; systemctl start hello-vigo",
    },
    away: ["{ name: shut, type: service, service: hello-vigo, state: stopped, masked: false }"],
    gone: "systemctl is-enabled hello-vigo | grep masked",
  },
  user: {
    wish: [
      "{ name: ops, type: group, group: ops }",
      `{ name: dana, type: user, username: dana, uid: 4001, groups: [adm, ops], shell: /bin/sh, comment: Dana Doe, password: '${hash}', password_max_age: 90, expires: '2030-01-31', authorized_keys: ['${key}'] }`,
      "{ name: app, type: user, username: app, system: true, home: /srv/app, shell: /usr/sbin/nologin, locked: true }",
    ],
    ask: "getent passwd dana; id -nG dana; getent shadow dana | cut -d: -f2,5,8; stat -c '%a %U' /home/dana /home/dana/.ssh/authorized_keys; test $(id -u app) -lt 1000 && test ! -e /srv/app && echo system; getent shadow app | cut -d: -f2 | cut -c1",
    stands: `dana:x:4001:4001:Dana Doe:/home/dana:/bin/sh\ndana adm ops\n${hash}:90:21945\n755 dana\n600 dana\nsystem\n!\n`,
    harm: {
      "dana.shell": "usermod -s /bin/false dana",
      "dana.password": "usermod -p x dana",
      "dana.groups": "gpasswd -d dana ops",
      "dana.password_max_age": "chage -M 1 dana",
      "dana.expires": "chage -E -1 dana",
      "dana.comment": "usermod -c Other dana",
      "dana.authorized_keys": "echo >/home/dana/.ssh/authorized_keys",
      "dana.state": "userdel -r dana",
      "app.locked": "usermod -p y app",
    },
    away: [
      "{ name: dana, type: user, username: dana, state: absent, manage_home: true }",
      "{ name: app, type: user, username: app, state: absent }",
      "{ name: ops, type: group, group: ops, state: absent, depends_on: [dana, app] }",
    ],
    gone: "getent passwd dana app; getent group ops dana; ls -d /home/dana 2>/dev/null",
  },
  group: {
    wish: [
      "{ name: web, type: group, group: web, gid: 4500, members: [daemon], exclusive: true }",
      "{ name: team, type: group, group: team, members: [daemon, games] }",
    ],
    ask: "getent group web team",
    stands: "web:x:4500:daemon\nteam:x:4501:daemon,games\n",
    harm: {
      "web.exclusive": "gpasswd -a games web",
      "web.gid": "groupmod -g 4600 web",
      "web.members": "gpasswd -d daemon web",
      "web.state": "groupdel web",
      "team.members": "gpasswd -d games team",
    },
    away: [
      "{ name: web, type: group, group: web, state: absent }",
      "{ name: team, type: group, group: team, state: absent }",
    ],
    gone: "getent group web team",
  },
};
