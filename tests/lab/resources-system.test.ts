/** Resource types of services, schedules, accounts and the system's own settings, on real Debian hosts, OpenRC and SysV init on one of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { accounts, elsewhere, otherInits, system, systemGiven } from "./lives/system.ts";
import { Machine, type RunOptions, type Told } from "./machine.ts";
import { proven } from "./proof.ts";
import { builtVigo } from "./vigo.ts";

const packages = [
  ...["acl", "at", "chrony", "locales", "openrc", "systemd-resolved", "whois"],
  ...["dconf-cli", "dconf-gsettings-backend", "gsettings-desktop-schemas", "libglib2.0-bin"],
];
/** Of the second host, because they exclude some of the first one's. */
const otherPackages = ["resolvconf", "systemd-timesyncd"];

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
    for (const [path, text] of Object.entries(systemGiven)) await host.put(path, text);
    await host.sh(`
      systemctl daemon-reload; systemctl disable -q --now cron chrony; systemctl start atd systemd-resolved
      chmod 755 /etc/init.d/napper; rm -f /etc/runlevels/*/cron; update-rc.d -f cron remove 2>/dev/null
      for name in flappy dancer napper intruder crowd pair; do cp /bin/sleep /srv/$name; done
      mkfifo /srv/silent; printf 'trap "" TERM\\nexec 3<>/srv/silent\\nwhile :; do read line <&3; done\\n' >/srv/stubborn.sh
      systemd-run -q /srv/intruder 9200; systemd-run -q -p TimeoutStopSec=2s sh /srv/stubborn.sh
      systemd-run -q /srv/crowd 9201; systemd-run -q /srv/crowd 9202
      mkdir -p /srv/acl/tree/sub; cd /srv/acl; touch file tree/sub/text tree/run; chmod 755 tree/run; setfacl -m u:news:r file
      : >secret; chmod 600 secret; ln -s /srv/acl/secret tree/link
      echo '# ours' >/etc/resolv.conf; chmod 644 /etc/resolv.conf; grep '^#' /etc/chrony/chrony.conf >/srv/notes
      printf 'auth sufficient pam_rootok.so\\n# ours\\nsession required pam_unix.so\\n' >/etc/pam.d/runuser`);
    await other.sh("ln -sfn ../run/resolvconf/resolv.conf /etc/resolv.conf; resolvconf -u");
  }, 600_000);
  afterAll(() => lab?.end());

  for (const [name, life] of Object.entries(system))
    test(name, () => liveThrough(host, name, life), lifeTimeoutMs);
  test(
    "user, every parameter",
    () => liveThrough(host, "user, every parameter", accounts),
    lifeTimeoutMs,
  );
  for (const [name, life] of Object.entries(elsewhere))
    test(name, () => liveThrough(other, name, life), lifeTimeoutMs);
  for (const [name, { kind, before, life }] of Object.entries(otherInits))
    test(
      name,
      async () => {
        await host.sh(before);
        await liveThrough(new OtherInit(host, kind), name, life);
      },
      lifeTimeoutMs,
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
