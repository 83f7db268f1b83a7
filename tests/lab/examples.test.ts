/**
 * The example stacks on real hosts, as somebody would use them: copied out of the executable, applied, applied again with nothing
 * left to do, and then what they promise is looked at from outside.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { RunReport } from "../../src/core/converge/report.ts";
import type { LabHost } from "./host.ts";
import { eventually, Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

const stacks = "/root/stacks";

/** What was not ok, and why. */
const rest = ({ resources }: RunReport) =>
  resources
    .filter(({ outcome }) => outcome !== "ok")
    .map(({ key, outcome, reason }) => `${key}: ${outcome}${reason ? ` (${reason})` : ""}`);

describe.skipIf(noLab() !== undefined)("the example stacks", () => {
  let lab: Lab;
  const host = (name: string): LabHost => {
    const found = lab.hosts.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  };

  beforeAll(async () => {
    lab = new Lab();
    await lab.boot(["web-1", "lab-01", "test-1", "app-east-1", "app-west-1"], {
      vigo: builtVigo(),
      packages: ["cron", "curl", "git", "less", "libpam-pwquality", "nano", "nginx-light"],
      off: ["nginx.service"],
    });
  }, 180_000);
  afterAll(() => lab?.end());

  const copy = (on: LabHost, name: string) =>
    on.ok(["/opt/vigo/vigo", "cli", "config", "examples", "copy", name, "--to", stacks]);

  async function apply(on: LabHost, ...flags: readonly string[]): Promise<RunReport> {
    const argv = ["/opt/vigo/vigo", "agent", "apply", stacks, "--json", ...flags];
    const { stdout, stderr } = await on.run(argv, { timeoutMs: 120_000 });
    if (!stdout.startsWith("{")) throw new Error(`${stderr}${stdout}`);
    return JSON.parse(stdout) as RunReport;
  }

  /** The first run does what the dry run said, and the next one nothing. */
  async function settle(on: LabHost): Promise<readonly string[]> {
    const dry = rest(await apply(on, "--dry-run"));
    const changed = rest(await apply(on));
    expect(changed.filter((line) => !/: (changed|skipped)/.test(line))).toEqual([]);
    const keys = (lines: readonly string[], outcome: string) =>
      lines.filter((line) => line.includes(`: ${outcome}`)).map((line) => line.split(": ")[0]);
    expect(keys(dry, "pending")).toEqual(keys(changed, "changed"));
    expect(keys(changed, "changed").length).toBeGreaterThan(0);
    const again = await apply(on);
    expect(rest(again).filter((line) => !line.includes(": skipped"))).toEqual([]);
    return keys(changed, "changed").map(String);
  }

  test("base-hardening: sshd lets nobody in as root, and says so to who tries", async () => {
    const web = host("web-1");
    await copy(web, "base-hardening");
    await settle(web);
    const effective = await web.ok(["/usr/sbin/sshd", "-T"]);
    for (const line of ["permitrootlogin no", "passwordauthentication no", "maxauthtries 3"])
      expect(effective.split("\n")).toContain(line);
    expect(await web.ok(["sysctl", "-n", "net.ipv4.conf.all.rp_filter"])).toBe("1\n");
    const ssh = ["ssh", "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes"];
    const tried = await host("test-1").run([...ssh, `root@${web.address}`, "true"]);
    expect(tried.code).toBe(255);
    expect(tried.stderr).toContain("Authorised use only");
    expect(tried.stderr).toContain("Permission denied (publickey)");
    // Another hand opens it again: the next run shuts it.
    await web.sh("sed -i 's/^PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config");
    expect(rest(await apply(web))).toContain("sshd/setting[PermitRootLogin]: changed");
    expect(await web.ok(["/usr/sbin/sshd", "-T"])).toContain("permitrootlogin no\n");
  }, 180_000);

  test("lab-workstations: what a student leaves is gone after a restart", async () => {
    const seat = host("lab-01");
    await copy(seat, "lab-workstations");
    await settle(seat);
    expect(await seat.get("/etc/issue")).toContain("lab-01 - row 1, window");
    expect(await seat.ok(["su", "student", "-c", "ulimit -Hu"])).toBe("400\n");
    await seat.sh("su student -c 'echo mine >~/mine; echo ours >/srv/exchange/ours'");
    await seat.reboot();
    await eventually("a clean home", 30_000, async () =>
      (await seat.exists("/home/student/README.txt")) && !(await seat.exists("/home/student/mine"))
        ? true
        : undefined,
    );
    expect(await seat.get("/home/student/README.txt")).toContain("This is lab-01, row 1, window.");
    expect(await seat.get("/srv/exchange/ours")).toBe("ours\n");
    expect(rest(await apply(seat))).toEqual([]);
  }, 180_000);

  test("canary-rollout: the switch is one number, there and back", async () => {
    const canary = host("test-1");
    await copy(canary, "canary-rollout");
    await settle(canary);
    const version = () => canary.ok(["greeter", "--version"]);
    expect(await version()).toBe("greeter 2.1.0\n");
    const percent = (now: number) =>
      canary.sh(`sed -i 's/next_percent: [0-9]*/next_percent: ${now}/' ${stacks}/environments.vgo`);
    await percent(0);
    expect(await settle(canary)).toEqual(["release/current-stable", "release/proven"]);
    expect(await version()).toBe("greeter 2.0.0\n");
    await percent(100);
    await apply(canary);
    expect(await version()).toBe("greeter 2.1.0\n");
  }, 180_000);

  test("disaster-recovery: one word, and the other site answers", async () => {
    const [east, west] = [host("app-east-1"), host("app-west-1")];
    const answers = async (site: LabHost) =>
      (await host("test-1").run(["curl", "-sf", "-m", "5", `http://${site.address}/`])).code === 0;
    await west.ok(["systemctl", "enable", "--now", "nginx"]);
    for (const site of [east, west]) {
      await copy(site, "disaster-recovery");
      await settle(site);
    }
    expect([await answers(east), await answers(west)]).toEqual([true, false]);
    expect(await west.get("/etc/motd")).toContain("STANDBY. Work is done at east");
    for (const site of [east, west]) {
      await site.sh(`sed -i 's/active_site: east/active_site: west/' ${stacks}/common.vgo`);
      await settle(site);
    }
    expect([await answers(east), await answers(west)]).toEqual([false, true]);
    expect(await east.exists("/etc/cron.d/nightly-report")).toBe(false);
    expect(await west.get("/etc/cron.d/nightly-report")).toContain("15 2 * * *");
    expect(await east.ok(["getent", "hosts", "service.internal"])).toContain("198.51.100.10");
  }, 180_000);
});
