/**
 * Each of the first resource types on a real Debian host, through `vigo agent apply`: the first run changes, the second changes
 * nothing, what somebody broke by hand is found and mended, absent takes away; and a dry run before each says what then happens.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { aptRepository, aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { basics, basicsGiven } from "./lives/basics.ts";
import { builtVigo } from "./vigo.ts";

/** As dpkg itself locks, for three seconds. */
const holdLock = `
  open F, "+>", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $lock) or die; open G, ">", "/run/held"; close G; sleep 3`;

/** Who unpacks an archive for dpkg; dpkg has noted by then that it has begun. */
const killsItsDpkg = `#!/bin/sh
[ "$1" = --fsys-tarfile ] && kill -KILL $PPID && exit 1
exec /usr/bin/dpkg-deb.real "$@"
`;

const why = noLab();

describe.skipIf(why !== undefined)("on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0", "1.1"]));
    for (const [path, text] of Object.entries(basicsGiven)) await host.put(path, text);
    await host.sh("rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*");
    await host.put("/etc/apt/sources.list.d/lab.list", aptSource(url));
  }, 300_000);
  afterAll(() => lab?.end());

  const apply: ReturnType<typeof applying> = (...words) => applying(host)(...words);

  // Of the killed ones a single run each here; of all types many, in the long form.
  for (const [name, life] of Object.entries(basics))
    test(name, () => liveThrough(host, name, life, 1), lifeTimeoutMs);

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
      "{ name: bad, type: file, target_path: /srv/bad, content: x, validate: 'echo no good >&2; test -d %' }",
      "{ name: alone, type: file, target_path: /srv/no/such/folder/x, content: x }",
      "{ name: owner, type: file, target_path: /srv/owned, content: x, owner: nobody-at-all }",
    ]);
    expect(report.outcome).toBe("failed");
    expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
      expect.stringMatching(
        /^failed: apt finds no package to install: no-such-package \(is the name right/,
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

  test("what a dpkg that was killed has begun is ended, and no name removes what it is not", async () => {
    await host.sh(`apt-get -q update; apt-get -q -y --allow-downgrades install hello-vigo=1.0
      mv /usr/bin/dpkg-deb /usr/bin/dpkg-deb.real`);
    await host.put("/usr/bin/dpkg-deb", killsItsDpkg, 0o755);
    await host.run(["apt-get", "-q", "-y", "install", "hello-vigo=1.1"]);
    await host.sh("mv /usr/bin/dpkg-deb.real /usr/bin/dpkg-deb");
    expect(await host.sh(`dpkg-query -W -f '\${db:Status-Abbrev}' hello-vigo`)).toBe("iHR");
    expect(await host.sh("grep -A1 '^Package: hello-vigo$' /var/lib/dpkg/status")).toContain(
      "install ok installed",
    );

    const wish = ["{ name: hello, type: package, package: hello-vigo }"];
    const dry = await apply("begun", wish, "--dry-run");
    expect(dry.resources[0]?.changes).toMatchObject([{ from: "half-installed" }]);
    expect((await apply("begun", wish)).resources).toMatchObject([{ outcome: "changed" }]);
    expect(await host.sh("dpkg --audit; ls /var/lib/dpkg/updates | grep '^[0-9]' || true")).toBe(
      "",
    );
    expect((await apply("begun", wish)).outcome).toBe("ok");

    const typo = await apply("typo", ["{ name: typo, type: package, package: hello-vigo- }"]);
    expect(typo.resources[0]?.reason).toMatch(/^apt finds no package to install: hello-vigo-/);
    expect((await apply("begun", wish)).outcome).toBe("ok");
  }, 120_000);
});
