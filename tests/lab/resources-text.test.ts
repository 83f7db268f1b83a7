/** Resource types that edit texts, on a real Debian host; where a program reads the text, that program says what is in force. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, printLines } from "../../src/core/text/lines.ts";
import { withSetting } from "../../src/core/text/openssh-config.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { builtVigo } from "./vigo.ts";

const key = "AAAAC3NzaC1lZDI1NTE5AAAAIGPZ3Kg1dAaVVPVOn3OVlKUxOCe5oBVL3bCTTrLWGVxK";

/** Texts as other hands left them: what is not ours in them is compared at the end. */
const given: Readonly<Record<string, string>> = {
  "/srv/line.conf": "# App\r\n#color=red\r\nsize=1",
  "/srv/block.sh": "umask 022\n\n# last\n",
  "/srv/replace.conf": "mirror=old # the old one\nother=old\n",
  "/srv/app.ini": "; App\n[main]\nmode = slow ; why\n\n[log]\nlevel=1\n",
  "/srv/table": "# ours\nops:x:4:eve,bob\nweb:x:5:\n",
  "/etc/ssh/sshd_config.d/50-cloud.conf": "PermitRootLogin yes\n",
};

const lives: Readonly<Record<string, Life>> = {
  file_line: {
    wish: [
      "{ name: color, type: file_line, target_path: /srv/line.conf, line: color=blue, match_pattern: '^color=', position: 'before:^size' }",
      "{ name: fresh, type: file_line, target_path: /srv/fresh.conf, line: hello, create: true, validate: 'grep -q hello %' }",
    ],
    ask: "cat -A /srv/line.conf; echo; cat /srv/fresh.conf; stat -c %a /srv/fresh.conf",
    stands: "# App^M$\n#color=red^M$\ncolor=blue^M$\nsize=1\nhello\n644\n",
    harm: "sed -i s/blue/green/ /srv/line.conf; : >/srv/fresh.conf",
    found: ["color", "fresh"],
    away: [
      "{ name: color, type: file_line, target_path: /srv/line.conf, match_pattern: '^color=', state: absent }",
      "{ name: fresh, type: file_line, target_path: /srv/fresh.conf, line: hello, state: absent }",
    ],
    gone: "grep ^color /srv/line.conf; cat /srv/fresh.conf",
  },
  blockinfile: {
    wish: [
      '{ name: block, type: blockinfile, target_path: /srv/block.sh, label: proxy, block_content: "export A=1\\nexport B=2\\n", position: "after:^umask", mode: "0640", validate: "sh -n %" }',
    ],
    ask: "sed -n 2,5p /srv/block.sh; stat -c %a /srv/block.sh",
    stands: "# BEGIN proxy\nexport A=1\nexport B=2\n# END proxy\n640\n",
    harm: "sed -i s/A=1/A=2/ /srv/block.sh; chmod 666 /srv/block.sh",
    found: ["block"],
    away: [
      "{ name: block, type: blockinfile, target_path: /srv/block.sh, label: proxy, state: absent }",
    ],
    gone: "grep -e proxy -e export /srv/block.sh",
  },
  replace: {
    wish: [
      "{ name: mirror, type: replace, target_path: /srv/replace.conf, match_pattern: '^(mirror)=old\\b', replacement: '$1=new' }",
    ],
    ask: "cat /srv/replace.conf",
    stands: "mirror=new # the old one\nother=old\n",
    harm: "sed -i s/=new/=old/ /srv/replace.conf",
    found: ["mirror"],
    away: [
      "{ name: mirror, type: replace, target_path: /srv/replace.conf, match_pattern: '=new', replacement: '=old' }",
    ],
    gone: "grep new /srv/replace.conf",
  },
  ini: {
    wish: [
      "{ name: mode, type: ini, target_path: /srv/app.ini, section: main, key: mode, value: fast }",
      "{ name: more, type: ini, target_path: /srv/app.ini, section: more, key: a, value: 1, separator: ' = ' }",
    ],
    ask: "cat /srv/app.ini",
    stands: "; App\n[main]\nmode = fast ; why\n\n[log]\nlevel=1\n\n[more]\na = 1\n",
    harm: "sed -i -e s/fast/slow/ -e '/^a/d' /srv/app.ini",
    found: ["mode", "more"],
    away: [
      "{ name: mode, type: ini, target_path: /srv/app.ini, section: main, key: mode, state: absent }",
      "{ name: more, type: ini, target_path: /srv/app.ini, section: more, key: a, state: absent }",
    ],
    gone: "grep -e mode -e ^a /srv/app.ini",
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
    harm: "sed -i -e '/^PermitRoot/d' -e 's/^Port.*/Port 23/' -e 's/^X11.*/X11Forwarding yes/' -e s,internal-sftp,/bin/false, /etc/ssh/sshd_config; echo MaxAuthTries 9 >/etc/ssh/sshd_config.d/60-ours.conf",
    found: ["root", "port", "x11", "sftp", "tries"],
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
    wish: [
      "{ name: shell, type: field_edit, path: /srv/table, line_match: '^web:', select_field: 3, field_value: 6 }",
      "{ name: member, type: field_edit, path: /srv/table, line_match: '^ops:', select_field: 4, field_value: dana, field_operation: append }",
    ],
    ask: "cat /srv/table",
    stands: "# ours\nops:x:4:eve,bob,dana\nweb:x:6:\n",
    harm: "sed -i -e s/,dana// -e s/:6:/:7:/ /srv/table",
    found: ["shell", "member"],
    away: [
      "{ name: shell, type: field_edit, path: /srv/table, line_match: '^web:', select_field: 3, field_value: 5 }",
      "{ name: member, type: field_edit, path: /srv/table, line_match: '^ops:', select_field: 4, field_value: dana, field_operation: delete }",
    ],
    gone: "grep -e dana -e :6: /srv/table",
  },
  host: {
    wish: [
      "{ name: db, type: host, hostname: db.example.com, ip: 10.0.0.5, aliases: [db] }",
      "{ name: six, type: host, hostname: db.example.com, ip: 'fd00::5' }",
    ],
    ask: "getent ahostsv4 db | sed -n 1p; getent ahostsv6 db.example.com | sed -n 1p; getent ahostsv4 localhost | sed -n 1p",
    stands:
      "10.0.0.5        STREAM db.example.com\nfd00::5         STREAM db.example.com\n127.0.0.1       STREAM localhost\n",
    harm: "sed -i -e s/10.0.0.5/10.0.0.6/ -e /fd00/d /etc/hosts",
    found: ["db", "six"],
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
    harm: `sed -i s/no-pty/no-pty,command=\\"false\\"/ /root/.ssh/authorized_keys; echo 'localhost ssh-ed25519 ${key}' >/etc/ssh/ssh_known_hosts; ssh-keygen -qH -f /etc/ssh/ssh_known_hosts; rm /etc/ssh/ssh_known_hosts; touch /etc/ssh/ssh_known_hosts`,
    found: ["in", "known"],
    away: [
      "{ name: in, type: authorized_key, user: root, key: 'PUBLIC', state: absent }",
      "{ name: known, type: sshkey, hostname: '[localhost]:2023', aliases: ['[127.0.0.1]:2023'], state: absent }",
    ],
    gone: "cat /root/.ssh/authorized_keys /etc/ssh/ssh_known_hosts",
  },
  sudoers: {
    wish: [
      "{ name: id, type: sudoers, sudoers: id, users: [games], groups: [news], run_as: root, commands: [/usr/bin/id -u], nopasswd: true }",
      '{ name: raw, type: sudoers, sudoers: raw, raw: "Defaults:games !lecture" }',
    ],
    ask: "sudo -u games sudo -n /usr/bin/id -u; sudo -l -U news | grep -o 'NOPASSWD.*'; stat -c '%a %U %G' /etc/sudoers.d/id /etc/sudoers.d/raw",
    stands: "0\nNOPASSWD: /usr/bin/id -u\n440 root root\n440 root root\n",
    harm: "chmod 644 /etc/sudoers.d/id; chown games /etc/sudoers.d/id; echo '# x' >>/etc/sudoers.d/raw",
    found: ["id", "raw"],
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
    ],
    ask: "runuser games -s /bin/bash -c 'ulimit -n; ulimit -Hc'",
    stands: "777\n0\n",
    harm: "sed -i s/777/778/ /etc/security/limits.d/99-vigo.conf; sed -i /core/d /etc/security/limits.d/99-vigo.conf",
    found: ["files", "cores"],
    away: [
      "{ name: files, type: limits, domain: games, item: nofile, state: absent }",
      "{ name: cores, type: limits, domain: games, limit_type: hard, item: core, state: absent }",
    ],
    gone: "cat /etc/security/limits.d/99-vigo.conf",
  },
  login_policy: {
    wish: [
      "{ name: policy, type: login_policy, login_defs: { PASS_MAX_DAYS: 90, PASS_WARN_AGE: 14 }, pwquality: { minlen: 12 } }",
    ],
    ask: "useradd -M probe; getent shadow probe | cut -d: -f5,6; userdel probe; cat /etc/security/pwquality.conf",
    stands: "90:14\nminlen = 12\n",
    harm: "sed -i -e 's/^PASS_MAX.*/PASS_MAX_DAYS 1/' -e /^PASS_WARN/d /etc/login.defs; rm /etc/security/pwquality.conf",
    found: ["policy"],
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
    harm: "echo '# x' >>/etc/logrotate.d/app; chmod 600 /etc/logrotate.d/app",
    found: ["app"],
    away: ["{ name: app, type: logrotate, logrotate: app, state: absent }"],
    gone: "ls /etc/logrotate.d/app 2>/dev/null",
  },
  banner: {
    wish: [
      '{ name: banner, type: banner, issue: "Ours.", issue_net: "Ours.", motd: "Be kind.\\n" }',
    ],
    ask: "cat /etc/issue /etc/issue.net /etc/motd; stat -c %a /etc/issue /etc/issue.net /etc/motd",
    stands: "Ours.\nOurs.\nBe kind.\n644\n644\n644\n",
    harm: "echo rude >/etc/motd; chmod 600 /etc/issue; rm /etc/issue.net",
    found: ["banner"],
    away: ["{ name: banner, type: banner, issue: '', issue_net: '', motd: '', state: absent }"],
    gone: "ls /etc/issue /etc/issue.net /etc/motd 2>/dev/null",
  },
};

/** Configurations of sshd as nobody should write them. */
const oddConfigs = fc.array(
  fc.constantFrom(
    "PermitRootLogin yes",
    "  permitrootlogin\tprohibit-password  ",
    'PermitRootLogin="yes" # for now',
    'PermitRootLogin "no"',
    "#PermitRootLogin forced-commands-only",
    "Match User bob",
    "Match all",
    "Include /srv/ssh.d/*.conf",
    "X11Forwarding yes",
    "",
  ),
  { maxLength: 8 },
);
const included = {
  "/srv/ssh.d/10-a.conf": "# ours\nX11Forwarding no\nMatch User eve\nPermitRootLogin yes\n",
  "/srv/ssh.d/20-b.conf": "PermitRootLogin forced-commands-only\n",
};

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  let keys: Readonly<Record<string, string>>;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    for (const [path, text] of Object.entries(given)) await host.put(path, text);
    await host.sh(`
      echo 'Match User git' >>/etc/ssh/sshd_config; echo '  X11Forwarding yes' >>/etc/ssh/sshd_config
      ssh-keygen -q -t ed25519 -N '' -f /srv/key; rm -f /etc/ssh/ssh_known_hosts; ssh-keygen -A`);
    const words = async (path: string) => (await host.sh(`cat ${path}`)).trim().split(" ");
    const [kind, mine] = await words("/srv/key.pub");
    const [, theirs = ""] = await words("/etc/ssh/ssh_host_ed25519_key.pub");
    keys = { PUBLIC: `${kind} ${mine}`, HOSTKEY: theirs };
  }, 300_000);
  afterAll(() => lab?.end());

  const filled = (lines: readonly string[]) =>
    lines.map((line) => line.replace(/PUBLIC|HOSTKEY/g, (word) => keys[word] ?? word));

  for (const [name, life] of Object.entries(lives))
    test(
      name,
      () => liveThrough(host, name, { ...life, wish: filled(life.wish), away: filled(life.away) }),
      180_000,
    );

  test("whatever stood in its configuration, sshd obeys what was set", async () => {
    const others = Object.entries(included);
    for (const [path, text] of others) await host.put(path, text);
    const texts = fc
      .sample(oddConfigs, { numRuns: 120, seed: 4 })
      .map((it) => `${it.join("\n")}\n`);
    const edited = texts.map((text, i) => {
      const target = `/srv/odd/${100 + i}`;
      const all = [...others, [target, text] as const];
      const files = new Map(all.map(([path, it]) => [path, parseLines(it)]));
      return printLines(withSetting({ files, root: target, target }, "PermitRootLogin", "no"));
    });
    const script = edited.map((text, i) => `cat >/srv/odd/${100 + i} <<'END'\n${text}END\n`);
    await host.sh(`mkdir -p /srv/odd /run/sshd\n${script.join("")}`);
    const asked = `for f in /srv/odd/*; do sshd -T -f $f 2>&1 | grep -e ^permitroot -e line; done`;
    const said = (await host.sh(asked)).trim().split("\n");
    const wrong = said.flatMap((line, i) =>
      line === "permitrootlogin no" ? [] : [[line, texts[i], edited[i]]],
    );
    expect(wrong).toEqual([]);
    expect(said).toHaveLength(texts.length);
  }, 120_000);

  test("what is not ours is as it was", async () => {
    const left = await Promise.all(Object.keys(given).map((path) => host.get(path)));
    const was = { ...given, "/srv/app.ini": "; App\n[main]\n\n[log]\nlevel=1\n\n[more]\n" };
    expect(Object.fromEntries(Object.keys(given).map((path, i) => [path, left[i]]))).toEqual(was);
  });

  test("what cannot be done says why, and leaves the file", async () => {
    const before = await host.get("/etc/ssh/sshd_config");
    await host.sh("printf 'a\\377b' >/srv/latin; printf '# BEGIN vigo\\n' >/srv/half");
    const report = await applying(host)("wrong", [
      "{ name: sshd, type: key_value, target_path: /etc/ssh/sshd_config, key: PermitRootLogin, value: perhaps }",
      '{ name: sudo, type: sudoers, sudoers: bad, raw: "this is no rule\\n" }',
      "{ name: rotate, type: logrotate, logrotate: bad, paths: [/var/log/x.log], options: [rotat 4] }",
      "{ name: latin, type: file_line, target_path: /srv/latin, line: x }",
      "{ name: half, type: blockinfile, target_path: /srv/half, block_content: x }",
      "{ name: missing, type: ini, target_path: /srv/none.ini, key: a, value: b }",
    ]);
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(/^failed: .*left as it is: .*unsupported option "perhaps"/s),
      expect.stringMatching(/^failed: .*left as it is: .*syntax error/s),
      expect.stringMatching(/^failed: .*left as it is: .*unknown option 'rotat'/s),
      expect.stringMatching(/^failed: \/srv\/latin is not UTF-8 text/),
      expect.stringMatching(/^failed: \/srv\/half: its markers are not one pair: lines 1/),
      expect.stringMatching(/^failed: \/srv\/none.ini is not there/),
    ]);
    expect(await host.get("/etc/ssh/sshd_config")).toBe(before ?? "");
    expect(await host.exists("/etc/sudoers.d/bad")).toBe(false);
  }, 60_000);
});
