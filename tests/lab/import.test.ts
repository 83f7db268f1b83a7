/** `vigo agent import` on a host that people have worked on: what it writes changes nothing there, and makes another host alike. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import type { Imported } from "../../src/modes/agent/import.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

setDefaultTimeout(120_000);

/** What people did. */
const lived = [
  "groupadd -g 4001 crew",
  "useradd -m -u 4000 -s /bin/bash -c 'Dana, of crew' -G crew dana",
  "printf '10.9.8.7 db db.example.org # the base\\n' >>/etc/hosts",
  "printf 'net.ipv4.ip_forward = 1\\n' >/etc/sysctl.d/60-router.conf",
  "printf '17 3 * * * root /usr/local/bin/backup\\n' >/etc/cron.d/backup",
  "printf '\\n# changed by hand\\nAllowUsers dana\\n' >>/etc/ssh/sshd_config.d/kept.conf",
  "printf '# {{ not a template }}\\n' >/etc/app.conf; chmod 640 /etc/app.conf",
  "printf 'TMPTIME=7\\n' >>/etc/default/cron",
  "printf 'tmpfs /srv/scratch tmpfs size=1m,nofail 0 0\\n' >>/etc/fstab",
  "ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime; echo Asia/Tokyo >/etc/timezone",
  "systemctl enable --quiet --now cron.service",
];

describe.skipIf(noLab() !== undefined)("import", () => {
  let lab: Lab;
  let [origin, twin]: LabHost[] = [];
  const on = (host: LabHost | undefined) => {
    if (host === undefined) throw new Error("no host");
    return host;
  };
  const vigo = async <R>(host: LabHost | undefined, ...words: readonly string[]): Promise<R> => {
    const argv = ["/opt/vigo/vigo", "agent", ...words, "--json"];
    const { stdout, stderr } = await on(host).run(argv, { timeoutMs: 60_000 });
    if (!stdout.startsWith("{")) throw new Error(stderr + stdout);
    return JSON.parse(stdout) as R;
  };
  const amiss = ({ resources }: RunReport) => resources.filter(({ outcome }) => outcome !== "ok");

  beforeAll(async () => {
    lab = await bootHosts(2, { vigo: builtVigo() });
    [origin, twin] = lab.hosts;
    for (const line of lived) await on(origin).sh(line);
  });
  afterAll(() => lab?.end());

  test("what it writes changes nothing here", async () => {
    const words = [
      "import",
      "--output",
      "/root/origin",
      "--name",
      "origin",
      "--file",
      "/etc/app.conf",
    ];
    const imported = await vigo<Imported>(origin, ...words);
    expect(imported.left_out).toEqual([]);
    expect(imported.resources).toMatchObject({
      users: 1,
      cron: 1,
      sysctl: 1,
      timezone: 1,
      mounts: 1,
    });
    for (const part of ["packages", "groups", "hosts", "services", "files"])
      expect(imported.resources[part]).toBeGreaterThanOrEqual(1);
    const crate = (await on(origin).get("/root/origin/configcrates/origin.vgo")) ?? "";
    for (const word of [
      "dana",
      "crew",
      "10.9.8.7",
      "60-router.conf",
      "Asia/Tokyo",
      "/etc/default/cron",
    ])
      expect(crate).toContain(word);
    const dry = await vigo<RunReport>(origin, "apply", "/root/origin", "--dry-run");
    expect(amiss(dry)).toEqual([]);
  });

  test("and makes another host alike", async () => {
    await on(twin).put(
      "/root/origin.tar",
      await on(origin).ok(["tar", "-C", "/root", "-cf", "-", "origin"]),
    );
    await on(twin).sh("tar -C /root -xf /root/origin.tar");
    const done = await vigo<RunReport>(
      twin,
      "apply",
      "/root/origin",
      "--hostname",
      on(origin).name,
    );
    expect(done.resources.filter(({ outcome }) => !["ok", "changed"].includes(outcome))).toEqual(
      [],
    );
    for (const ask of [
      "getent passwd dana; id -Gn dana; getent group crew",
      "getent hosts db.example.org",
      "cat /etc/sysctl.d/60-router.conf /etc/cron.d/backup /etc/app.conf /etc/default/cron",
      "stat -c '%a %U %G' /etc/app.conf /etc/cron.d/backup; readlink /etc/localtime",
    ])
      expect(await on(twin).sh(ask)).toBe(await on(origin).sh(ask));
    const again = await vigo<RunReport>(
      twin,
      "apply",
      "/root/origin",
      "--hostname",
      on(origin).name,
    );
    expect(amiss(again)).toEqual([]);
  });

  test("a folder with something in it is left alone", async () => {
    const argv = ["/opt/vigo/vigo", "agent", "import", "--output", "/root/origin"];
    const { code, stderr } = await on(origin).run(argv);
    expect([code, stderr]).toEqual([1, expect.stringContaining("is not empty")]);
  });
});
