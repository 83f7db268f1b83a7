/**
 * Each of the first resource types on a real Debian host, through `vigo agent apply`: the first run changes, the second changes
 * nothing, what somebody broke by hand is found and mended, absent takes away; and a dry run before each says what then happens.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import { applying, type Life, liveThrough } from "./life.ts";
import { builtVigo } from "./vigo.ts";

const hash = "$6$saltsalt$qwertyuiopasdfghjklzxcvbnm";
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIabc dana@home";

const lives: Readonly<Record<string, Life>> = {
  file: {
    wish: [
      '{ name: motd, type: file, target_path: /etc/motd, content: "Be kind.\\n", mode: "0640", group: adm, validate: "grep -q kind %" }',
      "{ name: copy, type: file, target_path: /srv/copy, source_path: /srv/original }",
    ],
    ask: "stat -c '%a %U %G' /etc/motd; cat /etc/motd /srv/copy",
    stands: "640 root adm\nBe kind.\nas it was\n",
    harm: "echo rude >>/etc/motd; chmod 666 /etc/motd; chown nobody /srv/copy; rm /srv/copy",
    found: ["motd", "copy"],
    away: [
      "{ name: motd, type: file, target_path: /etc/motd, state: absent }",
      "{ name: copy, type: file, target_path: /srv/copy, state: absent }",
    ],
    gone: "ls /etc/motd /srv/copy 2>/dev/null",
  },
  directory: {
    wish: [
      "{ name: www, type: directory, target_path: /srv/www, owner: www-data, group: adm, mode: '2750', purge: true, ignore: ['*.local'] }",
      "{ name: page, type: file, target_path: /srv/www/page, content: hi }",
      "{ name: tree, type: directory, target_path: /srv/tree, owner: daemon, mode: 'u=rwX,go=', recurse: true }",
    ],
    ask: "stat -c '%a %U %G' /srv/www; ls /srv/www; find /srv/tree -perm /077 -o -not -user daemon",
    stands: "2750 www-data adm\npage\n",
    harm: "touch /srv/www/stray /srv/www/x.local; chmod 777 /srv/www; mkdir -p /srv/tree/a; touch /srv/tree/a/b; rm /srv/www/x.local",
    found: ["www", "tree"],
    away: [
      "{ name: page, type: file, target_path: /srv/www/page, state: absent }",
      "{ name: www, type: directory, target_path: /srv/www, state: absent, depends_on: page }",
      "{ name: tree, type: directory, target_path: /srv/tree, state: absent, recurse: true }",
    ],
    gone: "ls -d /srv/www /srv/tree 2>/dev/null",
  },
  symlink: {
    wish: [
      "{ name: soft, type: symlink, target_path: /srv/soft, to: /etc/hostname, owner: daemon }",
      "{ name: hard, type: symlink, target_path: /srv/hard, to: /etc/machine-id, link_type: hard }",
    ],
    ask: "readlink /srv/soft; stat -c %U /srv/soft; test /srv/hard -ef /etc/machine-id && echo same",
    stands: "/etc/hostname\ndaemon\nsame\n",
    harm: "rm /srv/soft /srv/hard; ln -s /etc /srv/soft",
    found: ["soft", "hard"],
    away: [
      "{ name: soft, type: symlink, target_path: /srv/soft, state: absent }",
      "{ name: hard, type: symlink, target_path: /srv/hard, link_type: hard, state: absent }",
    ],
    gone: "ls /srv/soft /srv/hard 2>/dev/null",
  },
  exec: {
    wish: [
      "{ name: made, type: exec, command: 'echo made >/srv/made', creates: /srv/made }",
      "{ name: mine, type: exec, command: [touch, mine], unless: 'test -e mine', user: daemon, cwd: /tmp, environment: { A: b } }",
    ],
    ask: "cat /srv/made; stat -c %U /tmp/mine",
    stands: "made\ndaemon\n",
    harm: "rm /srv/made /tmp/mine",
    found: ["made", "mine"],
    away: [
      "{ name: made, type: exec, command: 'echo made >/srv/made', creates: /srv/made, revert: true, on_revert: [rm, /srv/made] }",
      "{ name: mine, type: exec, command: [touch, mine], unless: 'test -e mine', cwd: /tmp, revert: true, on_revert: [rm, mine] }",
    ],
    gone: "ls /srv/made /tmp/mine 2>/dev/null",
  },
  package: {
    wish: [
      "{ name: hello, type: package, package: hello-vigo, version: '1.0', lock_version: true }",
    ],
    ask: "dpkg -s hello-vigo | grep -E '^(Version|Status)' | sort",
    stands: "Status: hold ok installed\nVersion: 1.0\n",
    harm: "apt-mark -q unhold hello-vigo; dpkg -r hello-vigo",
    found: ["hello"],
    away: ["{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  "package, the latest": {
    wish: ["{ name: hello, type: package, package: [hello-vigo], state: latest }"],
    ask: "dpkg -s hello-vigo | grep ^Version",
    stands: "Version: 1.1\n",
    harm: "apt-get -q -y --allow-downgrades install hello-vigo=1.0",
    found: ["hello"],
    away: ["{ name: hello, type: package, package: hello-vigo, state: absent, purge: true }"],
    gone: "dpkg -s hello-vigo 2>/dev/null | grep ^Version",
  },
  service: {
    wish: [
      "{ name: hello, type: package, package: hello-vigo }",
      "{ name: running, type: service, service: hello-vigo, enabled: true, depends_on: hello }",
    ],
    ask: "systemctl is-active hello-vigo; systemctl is-enabled hello-vigo",
    stands: "active\nenabled\n",
    harm: "systemctl disable -q --now hello-vigo",
    found: ["running"],
    away: [
      "{ name: running, type: service, service: hello-vigo, state: stopped, enabled: false, masked: true }",
    ],
    gone: "systemctl is-active hello-vigo | grep -v inactive; systemctl is-enabled hello-vigo | grep -v masked",
  },
  user: {
    wish: [
      "{ name: ops, type: group, group: ops }",
      `{ name: dana, type: user, username: dana, uid: 4001, groups: [adm, ops], shell: /bin/sh, comment: Dana Doe, password: '${hash}', password_max_age: 90, expires: '2030-01-31', authorized_keys: ['${key}'] }`,
      "{ name: app, type: user, username: app, system: true, home: /srv/app, shell: /usr/sbin/nologin, locked: true }",
    ],
    ask: "getent passwd dana; id -nG dana; getent shadow dana | cut -d: -f2,5,8; stat -c '%a %U' /home/dana /home/dana/.ssh/authorized_keys; test $(id -u app) -lt 1000 && test ! -e /srv/app && echo system",
    stands: `dana:x:4001:4001:Dana Doe:/home/dana:/bin/sh\ndana adm ops\n${hash}:90:21945\n755 dana\n600 dana\nsystem\n`,
    harm: "usermod -s /bin/false -p x dana; gpasswd -d dana ops; chage -M 1 -E -1 dana; rm -r /home/dana; usermod -p y app",
    found: ["dana", "app"],
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
    harm: "gpasswd -a games web; gpasswd -d games team; groupmod -g 4600 web",
    found: ["web", "team"],
    away: [
      "{ name: web, type: group, group: web, state: absent }",
      "{ name: team, type: group, group: team, state: absent }",
    ],
    gone: "getent group web team",
  },
};

/** As dpkg itself locks, for three seconds. */
const holdLock = `
  open F, "+>", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $lock) or die; open G, ">", "/run/held"; close G; sleep 3`;

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0", "1.1"]));
    await host.put("/srv/original", "as it was\n");
    await host.sh("rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*");
    await host.put("/etc/apt/sources.list.d/lab.list", aptSource(url));
  }, 300_000);
  afterAll(() => lab?.end());

  const apply: ReturnType<typeof applying> = (...words) => applying(host)(...words);

  for (const [name, life] of Object.entries(lives))
    test(name, () => liveThrough(host, name, life), 180_000);

  test("a service is told once when its configuration changes", async () => {
    await host.sh("systemctl unmask -q hello-vigo");
    const wish = (greeting: string) => [
      "{ name: hello, type: package, package: hello-vigo }",
      `{ name: conf, type: file, target_path: /etc/hello-vigo.conf, content: "${greeting}\\n", depends_on: hello, notify: reload }`,
      "{ name: running, type: service, service: hello-vigo, depends_on: conf }",
      "{ name: reload, type: service, service: hello-vigo, state: reloaded, depends_on: running }",
    ];
    const kept = "/var/lib/hello-vigo";
    const reloads = async () => Number((await host.get(`${kept}/reloads`)) ?? 0);
    const reads = (greeting: string) =>
      eventually(`the service reads ${greeting}`, 10_000, async () =>
        (await host.get(`${kept}/config`)) === `${greeting}\n` ? true : undefined,
      );
    await apply("hello", wish("one"));
    await reads("one");
    const before = await reloads();
    const report = await apply("hello", wish("two"));
    expect(report.counts).toMatchObject({ changed: 2, failed: 0 });
    await reads("two");
    await eventually("one reload", 5_000, async () =>
      (await reloads()) > before ? true : undefined,
    );
    expect((await apply("hello", wish("two"))).outcome).toBe("ok");
    expect(await reloads()).toBe(before + 1);
  }, 120_000);

  test("a service whose unit file changed restarts as the new one", async () => {
    const wish = (word: string) => [
      `{ name: unit, type: file, target_path: /etc/systemd/system/mine.service, content: "[Service]\\nExecStart=/bin/sleep ${word}\\n", notify: mine }`,
      "{ name: mine, type: service, service: mine, depends_on: unit }",
    ];
    const runs = async () =>
      (await host.sh("ps -o args= -p $(systemctl show -P MainPID mine)")).trim();
    expect((await apply("mine", wish("1001"))).outcome).toBe("changed");
    expect(await runs()).toBe("/bin/sleep 1001");
    expect((await apply("mine", wish("1002"))).outcome).toBe("changed");
    expect(await runs()).toBe("/bin/sleep 1002");
  }, 60_000);

  test("what cannot be done says why, and what to do", async () => {
    const report = await apply("wrong", [
      "{ name: nope, type: package, package: no-such-package }",
      "{ name: back, type: package, package: hello-vigo, version: '0.9' }",
      "{ name: guard, type: exec, command: 'true', unless: 'test -e /srv/never' }",
      "{ name: bad, type: file, target_path: /srv/bad, content: x, validate: 'echo no good >&2; false' }",
      "{ name: alone, type: file, target_path: /srv/no/such/folder/x, content: x }",
      "{ name: owner, type: file, target_path: /srv/owned, content: x, owner: nobody-at-all }",
    ]);
    expect(report.outcome).toBe("failed");
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(
        /^failed: .*Unable to locate package no-such-package \(is the name right/,
      ),
      expect.stringMatching(/^failed: package hello-vigo is at 1\.\d, which is newer than 0\.9/),
      expect.stringMatching(/^failed: the guard still asks for it/),
      expect.stringMatching(/^failed: \/srv\/bad was left as it is: .*no good/),
      expect.stringMatching(/^failed: .*its folder is not there/),
      expect.stringMatching(/^failed: no user nobody-at-all/),
    ]);
    expect(await host.exists("/srv/bad")).toBe(false);
  }, 120_000);

  test("a repository that does not answer blocks, and dpkg's lock is waited for", async () => {
    await host.sh("apt-get -q -y purge hello-vigo; apt-get clean");
    const wish = ["{ name: hello, type: package, package: hello-vigo }"];
    host.cut();
    const cut = await apply("hello-cut", wish);
    host.mend();
    expect(cut.resources[0]).toMatchObject({
      outcome: "blocked",
      reason: expect.stringContaining("does not answer"),
    });
    const holder = host.ok(["perl", "-MFcntl", "-e", holdLock]);
    await eventually("the lock", 5_000, async () =>
      (await host.exists("/run/held")) ? true : undefined,
    );
    const waited = await apply("hello-wait", wish);
    await holder;
    expect(waited.resources[0]?.duration_ms).toBeGreaterThan(1_000);
    expect(waited.resources[0]?.outcome).toBe("changed");
  }, 120_000);
});
