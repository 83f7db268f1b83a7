import { describe, expect, test } from "bun:test";
import { parseAdvisories, packageUpdates } from "../../src/core/traits/package_updates.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

describe("package_updates", () => {
  test("of apt; a source without a list is broken", async () => {
    const printed = [
      "Listing...",
      "bash/stable 5.2.15-2+b8 amd64 [upgradable from: 5.2.15-2+b7]",
      "libssl3/stable-security,stable 3.0.17-1~deb12u2 amd64 [upgradable from: 3.0.15-1~deb12u1]",
      "libfoo/jammy-updates,jammy-security 1.2-3ubuntu1 all [upgradable from: 1.2-3]",
      "",
    ].join("\n");
    const files = {
      "/etc/apt/sources.list":
        "deb http://deb.example/debian bookworm main\ndeb http://deb.example/debian bookworm-gone main\n#deb http://x.example/ a b\ndeb https://flat.example/a_b/ ./\ndeb file:/srv/repo ./\n",
      "/var/lib/apt/lists/deb.example_debian_dists_bookworm_InRelease": "",
      "/var/lib/apt/lists/flat.example_a%5fb_._InRelease": "",
    };
    const { host } = fakeHost({ files, commands: { "apt list --upgradable": printed } });
    expect(await collect(packageUpdates, host)).toEqual({
      count: 3,
      security_count: 2,
      packages: [
        { name: "bash", version: "5.2.15-2+b8", security: false },
        { name: "libssl3", version: "3.0.17-1~deb12u2", security: true },
        { name: "libfoo", version: "1.2-3ubuntu1", security: true },
      ],
      broken_repos: ["http://deb.example/debian bookworm-gone main"],
    });
  });

  test("apt that fails is a failure, not a machine without updates", async () => {
    const commands = {
      "apt list --upgradable": { code: 100, stdout: "", stderr: "E: Malformed entry 1\n" },
    };
    const failing = collect(packageUpdates, fakeHost({ commands }).host);
    expect(await failing.catch(String)).toContain("Malformed entry 1");
  });

  test.each([
    [
      "dnf 4",
      "RLSA-2025:1234 Important/Sec. openssl-libs-1:3.2.2-6.el9_5.1.x86_64\nRLSA-2025:99 Moderate/Sec. python3.11-libs-3.11.11-2.el9.i686\n",
    ],
    [
      "dnf 5",
      "Name            Type     Severity   Package                                Issued\nFEDORA-2025-1  security Important  openssl-libs-1:3.2.2-6.fc41.x86_64 2025-03-01 01:02:03\nFEDORA-2025-2  security Low  python3.11-libs-3.11.11-2.fc41.noarch 2025-03-01 01:02:03\n",
    ],
  ])("advisories of %s name packages", (_, printed) => {
    expect(parseAdvisories(printed)).toEqual(["openssl-libs", "python3.11-libs"]);
  });

  test("is absent where no package manager is known", async () => {
    expect(
      await collect(packageUpdates, fakeHost({ os: { family: "nixos" } }).host),
    ).toBeUndefined();
  });
});
