/**
 * `package` with hundreds of names on a real Debian host: one query, one transaction of apt, nothing at all when they are there;
 * and a lock that somebody else holds is waited for, with words that say who it is.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tar } from "../support/tar.ts";
import { applying } from "./applying.ts";
import { aptSource } from "./apt-repository.ts";
import type { LabHost } from "./host.ts";
import { bootHosts, eventually, type Lab, noLab } from "./lab.ts";
import { builtVigo } from "./vigo.ts";

/** 300 in the long form. */
const many = process.env["VIGO_TEST_ALL"] === "1" ? 300 : 60;
const names = Array.from({ length: many }, (_, i) => `many-${100 + i}`);

/** As deb(5) has it: an ar(1) archive of a version, the control files and the files. */
function deb(control: string): Buffer {
  const members = {
    "debian-binary": "2.0\n",
    "control.tar": tar([
      { name: "./", type: "5", mode: 0o755 },
      { name: "./control", body: control },
    ]),
    "data.tar": tar([{ name: "./", type: "5", mode: 0o755 }]),
  };
  const parts = Object.entries(members).map(([name, body]) => {
    const head = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`;
    return `${head}${`${body.length}`.padEnd(10)}\`\n${body}${body.length % 2 === 1 ? "\n" : ""}`;
  });
  return Buffer.from(`!<arch>\n${parts.join("")}`);
}

function repository(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const index = names.map((name) => {
    const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: Vigo's tests <nobody@example.com>\nDescription: one of many\n`;
    const bytes = deb(control);
    writeFileSync(join(folder, `${name}.deb`), bytes);
    const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
    return `${control}Filename: ./${name}.deb\nSize: ${bytes.length}\nSHA256: ${sha256}\n\n`;
  });
  writeFileSync(join(folder, "Packages"), index.join(""));
  return folder;
}

/** Whoever calls these is written down. */
const watched = ["apt-get", "apt-cache", "apt-mark", "apt-config", "dpkg-query"];

/** As dpkg itself locks, until it is told to end. */
const holdLock = `
  open F, "+>", "/var/lib/dpkg/lock-frontend"; my $lock = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $lock) or die; open G, ">", "/run/held"; close G;
  for (1..600) { last if -e "/run/let-go"; select(undef, undef, undef, 0.1) }`;

describe.skipIf(noLab() !== undefined)("hundreds of packages on a real host", () => {
  let lab: Lab;
  let host: LabHost;
  beforeAll(async () => {
    lab = await bootHosts(1, { vigo: builtVigo() });
    [host] = lab.hosts as [LabHost];
    const url = await lab.serve(repository(lab.folder("many")));
    await host.sh("rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*");
    await host.put("/etc/apt/sources.list.d/lab.list", aptSource(url));
    for (const tool of watched) {
      const script = `#!/bin/sh\necho "${tool} $*" | cut -c1-300 >>/run/calls\nexec /usr/bin/${tool}.real "$@"\n`;
      await host.sh(`mv /usr/bin/${tool} /usr/bin/${tool}.real`);
      await host.put(`/usr/bin/${tool}`, script, 0o755);
    }
  }, 300_000);
  afterAll(() => lab?.end());

  const calls = async () => {
    const all = (await host.get("/run/calls")) ?? "";
    await host.sh("rm -f /run/calls");
    return all.split("\n").filter((line) => line !== "");
  };
  const transactions = async () =>
    Number(await host.sh("grep -c ^Start-Date /var/log/apt/history.log || true"));
  const installed = async () =>
    Number(await host.sh("dpkg-query.real -l 'many-*' | grep -c ^ii || true"));
  const wish = (more: string) => [
    `{ name: all, type: package, package: [${names.join(", ")}]${more} }`,
  ];

  test("come in one transaction, are looked at once, and go in one", async () => {
    const before = await transactions();
    const report = await applying(host)("many", wish(""));
    expect(report.resources).toMatchObject([{ outcome: "changed" }]);
    expect(await installed()).toBe(names.length);
    expect(await transactions()).toBe(before + 1);
    const made = await calls();
    expect(made.filter((line) => / install /.test(line))).toHaveLength(1);

    await host.sh("dpkg -r many-110 many-150 >/dev/null");
    await calls();
    expect((await applying(host)("many", wish(""))).resources).toMatchObject([
      { outcome: "changed" },
    ]);
    expect(await transactions()).toBe(before + 2);
    const [, one = ""] = /install (.*)/.exec((await calls()).join("\n")) ?? [];
    expect(one.match(/many-\d+/g)).toEqual(["many-110", "many-150"]);

    // dpkg's own database is read, so that nobody is asked when all is well.
    expect((await applying(host)("many", wish(""))).resources).toMatchObject([{ outcome: "ok" }]);
    expect(await calls()).toEqual([]);

    const gone = await applying(host)("many", wish(", state: absent"));
    expect(gone.resources).toMatchObject([{ outcome: "changed" }]);
    expect([await installed(), await transactions()]).toEqual([0, before + 3]);
  }, 300_000);

  test("a lock that another holds is waited for, and who it is is said", async () => {
    const holder = host.ok(["perl", "-MFcntl", "-e", holdLock]);
    await eventually("the lock", 10_000, async () =>
      (await host.exists("/run/held")) ? true : undefined,
    );
    await host.put(
      "/root/one.vgo",
      "configcrate: one\nresources:\n  - { name: one, type: package, package: many-101 }\n",
    );
    const running = host.sh("/opt/vigo/vigo agent apply /root/one.vgo >/root/said 2>&1");
    const said = await eventually(
      "words about the lock",
      60_000,
      async () => /waiting up to .*/.exec((await host.get("/root/said")) ?? "")?.[0],
    );
    expect(said).toMatch(
      /^waiting up to \d+ s for perl \(process \d+\), which holds \/var\/lib\/dpkg\/lock-frontend/,
    );
    expect(await installed()).toBe(0);
    await host.sh("touch /run/let-go");
    await holder;
    await running;
    expect(await installed()).toBe(1);
  }, 180_000);
});
