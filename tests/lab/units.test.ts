import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LabHost } from "./host.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import { builtVigo, installServer, unit } from "./vigo.ts";

describe.skipIf(noLab() !== undefined)("the units", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    await installServer(host);
    await host.put("/etc/systemd/system/vigo-agent.service", await unit("agent"));
  }, 300_000);
  afterAll(() => lab?.end());

  test("have nothing that systemd would pass over or warn about", async () => {
    const units = ["server", "agent"].map((name) => `/etc/systemd/system/vigo-${name}.service`);
    const argv = ["systemd-analyze", "verify", "--man=no", ...units];
    expect(await host.run(argv)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("the server can do little outside of its home", async () => {
    const told = await host.ok(["systemd-analyze", "security", "--no-pager", "vigo-server"]);
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(told) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });

  test("the server starts as its own user, says when it is ready, and stops in order", async () => {
    const journal = () => host.sh("journalctl -u vigo-server -o cat");
    await eventually("ready", 20_000, async () =>
      (await journal()).includes("server ready") ? true : undefined,
    );
    expect(await host.sh("ps -o user= -C vigo | sort -u")).toBe("vigo\n");
    const secret = String.raw`\( -name '*key*' -o -name '*.db*' -o -name '*token*' -o -name '*password*' \)`;
    expect(await host.sh(`find /srv/vigo -type f ${secret} -perm /077`)).toBe("");
    expect((await host.run(["ls", "/srv/vigo"], { user: "daemon" })).code).not.toBe(0);
    expect(await host.sh("find / -xdev -user vigo ! -path '/srv/vigo*' ! -path '/proc/*'")).toBe(
      "",
    );
    // As after `sudo -u vigo`, which leaves HOME as it is on some systems.
    const env = { HOME: "/root" };
    await host.ok(["vigo", "cli", "envoys", "list"], { user: "vigo", env });
    await host.ok(["systemctl", "stop", "vigo-server"]);
    expect(await host.sh("systemctl show -P Result -P ExecMainStatus vigo-server")).toBe(
      "success\n0\n",
    );
  }, 60_000);

  test("nothing in the environment makes it do something else", async () => {
    const drop = "[Service]\nEnvironment=BUN_BE_BUN=1 BUN_OPTIONS=--print=1\n";
    await host.put("/etc/systemd/system/vigo-server.service.d/bad.conf", drop);
    await host.sh("systemctl daemon-reload; systemctl start vigo-server");
    await eventually("ready again", 20_000, async () =>
      ((await host.sh("journalctl -u vigo-server -o cat")).match(/server ready/g) ?? []).length > 1
        ? true
        : undefined,
    );
  }, 60_000);
});
