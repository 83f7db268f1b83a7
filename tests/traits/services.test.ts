import { describe, expect, test } from "bun:test";
import { services } from "../../src/core/traits/services.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const argv =
  "systemctl list-units --type=service --state=running,failed --plain --no-legend --no-pager --full";
const link = (target: string) => ({ kind: "symlink", target }) as const;
const etc = "/etc/systemd/system";

describe("services", () => {
  test("of systemd", async () => {
    const listed = [
      "cron.service           loaded active running Regular background program processing daemon",
      "getty@tty1.service     loaded active running Getty on tty1",
      "nginx.service          loaded failed failed  A high performance web server",
      "gone.service           not-found failed failed gone.service",
      "",
    ].join("\n");
    const nodes = {
      [`${etc}/multi-user.target.wants/cron.service`]: link("/lib/systemd/system/cron.service"),
      [`${etc}/multi-user.target.wants/remote-fs.target`]: link(
        "/lib/systemd/system/remote-fs.target",
      ),
      [`${etc}/getty.target.wants/getty@tty1.service`]: link("/lib/systemd/system/getty@.service"),
      [`${etc}/app.target.requires/db.service`]: link("/lib/systemd/system/db.service"),
      [`${etc}/sshd.service`]: link("/lib/systemd/system/ssh.service"),
      [`${etc}/masked.service`]: link("/dev/null"),
      [`${etc}/linked.service`]: link("/opt/app/linked.service"),
    };
    const { host } = fakeHost({ nodes, commands: { [argv]: listed } });
    expect(await collect(services, host)).toEqual({
      running: ["cron.service", "getty@tty1.service"],
      failed: ["gone.service", "nginx.service"],
      enabled: ["cron.service", "db.service", "getty@tty1.service", "ssh.service"],
    });
  });

  test("systemd that does not answer is a failure, not an empty machine", async () => {
    const commands = { [argv]: { code: 1, stdout: "", stderr: "Failed to connect to bus\n" } };
    const failing = collect(services, fakeHost({ commands }).host);
    expect(await failing.catch(String)).toContain("Failed to connect to bus");
  });

  test("of OpenRC", async () => {
    const nodes = {
      "/run/openrc/started/sshd": link("/etc/init.d/sshd"),
      "/run/openrc/started/crond": link("/etc/init.d/crond"),
      "/run/openrc/failed/nginx": link("/etc/init.d/nginx"),
      "/etc/runlevels/default/sshd": link("/etc/init.d/sshd"),
      "/etc/runlevels/boot/hostname": link("/etc/init.d/hostname"),
    };
    const { host } = fakeHost({ os: { init: "openrc" }, nodes });
    expect(await collect(services, host)).toEqual({
      running: ["crond", "sshd"],
      failed: ["nginx"],
      enabled: ["hostname", "sshd"],
    });
  });

  test("of SysV init", async () => {
    const files = {
      "/etc/init.d/cron": "",
      "/etc/init.d/ssh": "",
      "/etc/rc2.d/S01cron": "",
      "/etc/rc3.d/K01ssh": "",
      "/etc/rcS.d/S08udev": "",
      "/run/cron.pid": "412\n",
      "/run/ssh.pid": "413\n",
      "/proc/412/comm": "cron\n",
    };
    const { host } = fakeHost({ os: { init: "sysv" }, files });
    expect(await collect(services, host)).toEqual({
      running: ["cron"],
      failed: [],
      enabled: ["cron", "udev"],
    });
    expect(await collect(services, fakeHost({ os: { init: "sysv" } }).host)).toBeUndefined();
    expect(await collect(services, fakeHost({ os: { init: "launchd" } }).host)).toBeUndefined();
  });
});
