import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { aptRepository, aptSource } from "./apt-repository.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import type { LabHost } from "./host.ts";

const why = noLab();
if (why !== undefined) process.stderr.write(`left out: ${why}\n`);

describe.skipIf(why !== undefined)("the lab itself", () => {
  let lab: Lab;
  let one: LabHost;
  let two: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(2);
    [one, two] = lab.hosts as [LabHost, LabHost];
  }, 300_000);
  afterAll(() => lab?.end());

  const reaches = async (from: LabHost, to: LabHost) =>
    (await from.run(["timeout", "0.5", "bash", "-c", `exec 3<>/dev/tcp/${to.address}/9`])).code !==
    124;

  test("hosts are machines of their own", async () => {
    const told = await Promise.all(
      lab.hosts.map((host) =>
        host.sh(
          "hostname; cat /etc/machine-id /proc/sys/kernel/random/boot_id; readlink /proc/1/ns/pid; cat /proc/1/comm",
        ),
      ),
    );
    const [a = [], b = []] = told.map((text) => text.trim().split("\n"));
    expect([a[0], b[0]]).toEqual(["host1", "host2"]);
    for (const field of [1, 2, 3]) expect(a[field]).not.toBe(b[field]);
    expect([a[4], b[4]]).toEqual(["systemd", "systemd"]);
  });

  test("commands have exit codes, input, both outputs, and a user", async () => {
    const told = await one.run(["sh", "-c", "cat; id -un >&2; exit 3"], {
      stdin: "in",
      user: "daemon",
    });
    expect(told).toEqual({ code: 3, stdout: "in", stderr: "daemon\n" });
    expect(one.ok(["false"])).rejects.toThrow("host1: false: exit 1");
  });

  test("nothing in a command's words is replaced", async () => {
    const words = ["$HOME", "$", "a$$b", "%n", "\\x41", 'a "b"', "$" + "{HOME}"];
    expect(await one.ok(["printf", "%s\n", ...words])).toBe(`${words.join("\n")}\n`);
  });

  test("files go in and come out", async () => {
    await one.put("/srv/a/b", "words\n", 0o640);
    expect(await one.get("/srv/a/b")).toBe("words\n");
    expect(await one.get("/srv/a/c")).toBeUndefined();
    expect(await one.sh("stat -c %a /srv/a/b")).toBe("640\n");
    expect(await two.exists("/srv/a/b")).toBe(false);
    expect(existsSync("/srv/a/b")).toBe(false);
  });

  test("a unit's processes are its own, though another host has a unit of that name", async () => {
    for (const host of lab.hosts)
      await host.ok(["systemd-run", "-q", "--unit=same", "sleep", "600"]);
    await one.ok(["systemctl", "stop", "same"]);
    expect(await two.sh("systemctl is-active same")).toBe("active\n");
    await two.ok(["systemctl", "stop", "same"]);
  });

  test("a cable can be cut and mended", async () => {
    expect(await reaches(one, two)).toBe(true);
    two.cut();
    expect(await reaches(one, two)).toBe(false);
    two.mend();
    await eventually("the cable", 10_000, async () =>
      (await reaches(one, two)) ? true : undefined,
    );
  });

  test("what was written survives a power loss and a restart, what ran does not", async () => {
    const bootId = () => one.sh("cat /proc/sys/kernel/random/boot_id");
    const first = await bootId();
    await one.put("/var/lib/kept", "kept");
    await one.put("/run/volatile", "gone");
    await one.kill();
    expect(one.run(["true"])).rejects.toThrow("host1 is not running");
    await one.boot();
    const second = await bootId();
    await one.reboot();
    expect(new Set([first, second, await bootId()]).size).toBe(3);
    expect([await one.exists("/var/lib/kept"), await one.exists("/run/volatile")]).toEqual([
      true,
      false,
    ]);
  }, 60_000);

  test("installs packages from a repository of its own", async () => {
    const url = await lab.serve(aptRepository(lab.folder("apt"), ["1.0"]));
    await one.put("/etc/apt/sources.list.d/lab.list", aptSource(url));
    await one.sh("apt-get -qq update && apt-get -qq install hello-vigo");
    await one.ok(["systemctl", "start", "hello-vigo"]);
    const count = (what: string) => one.get(`/var/lib/hello-vigo/${what}`);
    await eventually("a start", 5_000, () => count("starts"));
    await one.put("/etc/hello-vigo.conf", "mine\n");
    await one.ok(["systemctl", "reload", "hello-vigo"]);
    await eventually("a reload", 5_000, () => count("reloads"));
    expect([await count("starts"), await count("reloads"), await count("config")]).toEqual([
      "1\n",
      "1\n",
      "mine\n",
    ]);
  }, 60_000);
});

test.skipIf(why !== undefined)(
  "leaves nothing behind",
  async () => {
    const traces = () => [
      ...Bun.spawnSync(["ip", "netns"])
        .stdout.toString()
        .split("\n")
        .filter((line) => line.startsWith("vigo-lab")),
      ...(existsSync("/run/vigo-lab") ? readdirSync("/run/vigo-lab") : []),
      ...mounts(),
    ];
    const before = traces();
    const lab = await bootHosts(1);
    expect(traces().length).toBeGreaterThan(before.length);
    lab.end();
    expect(traces()).toEqual(before);
  },
  60_000,
);

const mounts = () =>
  Bun.spawnSync(["cat", "/proc/self/mountinfo"])
    .stdout.toString()
    .split("\n")
    .filter((line) => line.includes("vigo-lab"));
