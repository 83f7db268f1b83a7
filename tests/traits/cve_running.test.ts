import { describe, expect, test } from "bun:test";
import { parseApk, parseDpkg, parsePacman, parseRpm } from "../../src/core/tools/package-owners.ts";
import { cveRunning } from "../../src/core/traits/cve_running.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const exe = (target: string) => ({ kind: "symlink", target }) as const;

describe("cve_running", () => {
  const report = JSON.stringify({
    Results: [
      {
        Vulnerabilities: [
          { VulnerabilityID: "CVE-2024-6387", PkgName: "openssh-server", Severity: "HIGH" },
          { VulnerabilityID: "CVE-2024-0001", PkgName: "not-running", Severity: "LOW" },
        ],
      },
    ],
  });

  test("holes of packages whose programs run, and no others", async () => {
    const files = {
      "/var/log/trivy/host.json": report,
      "/var/lib/debsecan/history":
        "VERSION 0\nCVE-2024-6387,openssh-server,F\nCVE-2023-4641,passwd, \nCVE-2022-1,dash,F\n",
      "/usr/sbin/sshd": "",
      "/usr/bin/dash": "",
      "/opt/own": "",
    };
    const nodes = {
      "/proc/1/exe": exe("/usr/sbin/sshd"),
      "/proc/2/comm": {},
      "/proc/3/exe": exe("/usr/bin/dash"),
      "/proc/4/exe": exe("/usr/sbin/sshd"),
      "/proc/5/exe": exe("/opt/own"),
      "/proc/6/exe": exe("/usr/bin/gone (deleted)"),
    };
    const asked = "dpkg-query -S -- /opt/own /usr/bin/dash /bin/dash /usr/sbin/sshd /sbin/sshd";
    const commands = {
      [asked]: {
        code: 1,
        stdout: "dash: /bin/dash\nopenssh-server: /usr/sbin/sshd\n",
        stderr: "dpkg-query: no path found matching pattern /opt/own\n",
      },
    };
    expect(await collect(cveRunning, fakeHost({ files, nodes, commands }).host)).toEqual({
      count: 2,
      cves: [
        { cve: "CVE-2022-1", package: "dash", severity: "unknown", executables: ["/usr/bin/dash"] },
        {
          cve: "CVE-2024-6387",
          package: "openssh-server",
          severity: "high",
          executables: ["/usr/sbin/sshd"],
        },
      ],
    });
  });

  test("is absent where no scanner has left a report", async () => {
    const files = { "/var/log/trivy/host.json": "{" };
    expect(await collect(cveRunning, fakeHost({ files }).host)).toBeUndefined();
    expect(await collect(cveRunning, fakeHost().host)).toBeUndefined();
  });

  test("owners, as each package manager tells them", () => {
    expect([
      ...parseDpkg("diversion by dash from: /bin/sh\nlibc6:amd64, libc6:i386: /usr/lib/x\n", [
        "/usr/lib/x",
      ]),
    ]).toEqual([["/usr/lib/x", "libc6"]]);
    expect([
      ...parseRpm("openssh-server\nfile /opt/own is not owned by any package\nbash\n", [
        "/usr/sbin/sshd",
        "/opt/own",
        "/usr/bin/bash",
      ]),
    ]).toEqual([
      ["/usr/sbin/sshd", "openssh-server"],
      ["/usr/bin/bash", "bash"],
    ]);
    expect([...parseApk("/bin/busybox is owned by busybox-1.36.1-r29\n", [])]).toEqual([
      ["/bin/busybox", "busybox"],
    ]);
    expect([...parsePacman("/usr/bin/bash is owned by bash 5.2.037-1\n", [])]).toEqual([
      ["/usr/bin/bash", "bash"],
    ]);
  });
});
