/**
 * Packages on real hosts: each distribution's own package manager, in Debian's packaging of it, on a host that takes itself for
 * that distribution. The real tools also say what they think of the order of versions.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { comparePacmanVersions } from "../../src/core/tools/pacman-version.ts";
import { compareRpmVersions } from "../../src/core/tools/rpm-version.ts";
import { asArch, asRedhat, asSuse } from "./foreign-packages.ts";
import type { LabHost } from "./host.ts";
import { Lab, noLab } from "./lab.ts";
import { applying } from "./applying.ts";
import { lifeTimeoutMs, liveThrough } from "./life.ts";
import { dnfLives, pacmanLives, zypperLives } from "./lives/packages.ts";
import { builtVigo } from "./vigo.ts";

const why = noLab();

const version = fc
  .tuple(
    fc.option(fc.nat({ max: 2 })),
    fc.oneof(
      fc.stringMatching(/^[01][.ab01~^_+]{0,5}$/),
      fc.stringMatching(/^[0-9][0-9a-zA-C.+~^_]{0,7}$/),
    ),
  )
  .map(([epoch, rest]) => `${epoch === null ? "" : `${epoch}:`}${rest}-1`);

/** What a script on the host says of pairs of versions in `/srv/pairs`, against ours. */
async function differing(host: LabHost, script: string, ours: (a: string, b: string) => number) {
  const pairs = fc.sample(fc.tuple(version, version), { numRuns: 600, seed: 4 });
  await host.put("/srv/pairs", pairs.map((pair) => `${pair.join(" ")}\n`).join(""));
  const theirs = (await host.sh(script)).trim().split("\n").map(Number);
  expect(theirs).toHaveLength(pairs.length);
  expect(new Set(theirs.map(Math.sign)).size).toBe(3);
  return pairs.filter(([a, b], i) => Math.sign(ours(a, b)) !== Math.sign(theirs[i] ?? 9));
}

/** Asks rpm itself, through the Lua in it. */
const askRpm = `
  cat >/srv/ask <<'END'
%{lua: for line in io.lines("/srv/pairs") do local a, b = line:match("(%S+) (%S+)") print(rpm.vercmp(a, b) .. "\\n") end}
END
  rpm --eval "$(cat /srv/ask)" | grep .`;

describe.skipIf(why !== undefined)("on real hosts", () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(() => lab?.end());

  describe("with dnf", () => {
    let host: LabHost;
    beforeAll(async () => {
      const packages = ["rpm", "dnf", "dnf-plugins-core", "createrepo-c", "gpg", "gpg-agent"];
      [host] = (await lab.boot(["redhat"], { vigo: builtVigo(), packages })) as [LabHost];
      await asRedhat(host);
    }, 300_000);

    for (const [name, life] of Object.entries(dnfLives))
      test(name, () => liveThrough(host, name, life), lifeTimeoutMs);

    test("what cannot be done says why, and what to do", async () => {
      const report = await applying(host)("wrong", [
        "{ name: nope, type: package, package: no-such-package }",
        "{ name: none, type: package, package: vigo-hello, version: 9-9 }",
      ]);
      expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
        expect.stringMatching(/^failed: .*find a match: no-such-package.*is the name right/s),
        expect.stringMatching(/^failed: .*find a match: vigo-hello-9-9.*is the name right/s),
      ]);
    }, 120_000);

    test("the order of versions is rpm's", async () => {
      expect(await differing(host, askRpm, compareRpmVersions)).toEqual([]);
    }, 60_000);
  });

  describe("with zypper", () => {
    let host: LabHost;
    beforeAll(async () => {
      const packages = ["rpm", "zypper", "createrepo-c", "gpg", "gpg-agent"];
      [host] = (await lab.boot(["suse"], { vigo: builtVigo(), packages })) as [LabHost];
      await asSuse(host);
    }, 300_000);

    for (const [name, life] of Object.entries(zypperLives))
      test(name, () => liveThrough(host, name, life), lifeTimeoutMs);

    test("what cannot be done says why, and what to do", async () => {
      const report = await applying(host)("wrong", [
        "{ name: nope, type: package, package: no-such-package }",
      ]);
      expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
        expect.stringMatching(/^failed: .*no-such-package.*is the name right/s),
      ]);
    }, 120_000);
  });

  describe("with pacman", () => {
    let host: LabHost;
    beforeAll(async () => {
      const packages = [
        "pacman-package-manager",
        "makepkg",
        "libarchive-tools",
        "gpg",
        "gpg-agent",
      ];
      [host] = (await lab.boot(["arch"], { vigo: builtVigo(), packages })) as [LabHost];
      await asArch(host);
    }, 300_000);

    for (const [name, life] of Object.entries(pacmanLives))
      test(name, () => liveThrough(host, name, life), lifeTimeoutMs);

    test("the latest, when a repository has a newer one, and a lock of others is waited for", async () => {
      const latest = ["{ name: hello, type: package, package: vigo-hello, state: latest }"];
      expect((await applying(host)("latest", latest)).outcome).toBe("changed");
      await host.sh(`cd /srv/pac; repo-add -q lab.db.tar.gz vigo-hello-1.1-1-any.pkg.tar.gz
        touch -d '2 days ago' /var/lib/pacman/sync`);
      const released = host.sh("exec 9>/var/lib/pacman/db.lck; sleep 4; rm /var/lib/pacman/db.lck");
      await host.sh("while [ ! -e /var/lib/pacman/db.lck ]; do sleep 0.05; done");
      const report = await applying(host)("latest", latest);
      await released;
      expect(report.resources[0]).toMatchObject({ outcome: "changed" });
      expect(report.resources[0]?.duration_ms).toBeGreaterThan(1_000);
      expect(await host.sh("pacman -Q vigo-hello")).toBe("vigo-hello 1.1-1\n");
      expect((await applying(host)("latest", latest)).outcome).toBe("ok");
    }, 120_000);

    test("what a pacman that was killed has begun is ended, and its lock is no hindrance", async () => {
      await host.sh(`pacman --noconfirm -R vigo-other || true; pacman --noconfirm -R vigo-hello || true
        pacman --noconfirm -Sy vigo-other; cd /var/lib/pacman/local/vigo-other-2-1
        rm desc files; install -m 0 /dev/null /var/lib/pacman/db.lck`);
      expect((await host.run(["pacman", "-Q", "vigo-other"])).stdout).toBe("vigo-other 2-1\n");
      const wish = ["{ name: hello, type: package, package: [vigo-hello, vigo-other] }"];
      expect((await applying(host)("killed", wish)).resources).toMatchObject([
        {
          outcome: "changed",
          changes: [{ field: "package vigo-hello" }, { from: "half-installed" }],
        },
      ]);
      expect(await host.sh("pacman -Qk vigo-other")).toMatch(/ 0 missing files/);
      expect((await applying(host)("killed", wish)).outcome).toBe("ok");
    }, 120_000);

    test("what it cannot do says why", async () => {
      const report = await applying(host)("wrong", [
        "{ name: nope, type: package, package: no-such-package }",
        "{ name: held, type: package, package: vigo-hello, lock_version: true }",
        "{ name: none, type: package, package: vigo-other, version: 9-9 }",
      ]);
      expect(report.resources.map(({ outcome, reason = "" }) => `${outcome}: ${reason}`)).toEqual([
        expect.stringMatching(/^failed: .*target not found: no-such-package.*is the name right/s),
        expect.stringMatching(/^failed: pacman cannot hold a version back \(IgnorePkg/),
        expect.stringMatching(/^failed: no repository has vigo-other 9-9/),
      ]);
    }, 120_000);

    test("the order of versions is vercmp's", async () => {
      const ask = "while read -r a b; do vercmp $a $b; done </srv/pairs";
      expect(await differing(host, ask, comparePacmanVersions)).toEqual([]);
    }, 60_000);
  });
});
