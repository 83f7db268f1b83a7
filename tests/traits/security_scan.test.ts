import { describe, expect, test } from "bun:test";
import { securityScan } from "../../src/core/traits/security_scan.ts";
import { collect } from "../support/collect.ts";
import { fakeHost } from "../support/fake-host.ts";

const scanned = async (path: string, text: string) => {
  const value = await collect(securityScan, fakeHost({ files: { [path]: text } }).host);
  const [found] = Object.entries(value?.tools ?? {});
  return found && [found[0], found[1].counts, found[1].cves];
};

describe("security_scan", () => {
  test.each<[string, string, Record<string, number>, string[]]>([
    [
      "/var/log/trivy/host.json",
      JSON.stringify({
        SchemaVersion: 2,
        Results: [
          {
            Target: "debian 12",
            Vulnerabilities: [
              { VulnerabilityID: "CVE-2024-2", PkgName: "openssl", Severity: "HIGH" },
              { VulnerabilityID: "CVE-2024-1", PkgName: "openssl", Severity: "CRITICAL" },
              { VulnerabilityID: "CVE-2024-2", PkgName: "libssl3", Severity: "HIGH" },
            ],
          },
          { Target: "no holes" },
        ],
      }),
      { critical: 1, high: 2, medium: 0, low: 0, unknown: 0 },
      ["CVE-2024-1", "CVE-2024-2"],
    ],
    [
      "/var/lib/debsecan/history",
      "VERSION 1\n1735689600\nCVE-2023-1,bash,F\nTEMP-0841856-B18BAF,bash, \n",
      { total: 2, fixed: 1 },
      ["CVE-2023-1", "TEMP-0841856-B18BAF"],
    ],
    [
      "/var/log/lynis-report.dat",
      "# Lynis Report\nlynis_version=3.0.8\nwarning[]=A|b|c|\nsuggestion[]=X|\nsuggestion[]=Y|\nhardening_index=65\n",
      { hardening_index: 65, warnings: 1, suggestions: 2 },
      [],
    ],
    [
      "/var/log/rkhunter.log",
      "[07:00:01] Running Rootkit Hunter version 1.4.6 on web\n[07:00:09] Warning: The command '/usr/bin/x' has been replaced\n[07:01:00] Suspect files: 1\n[07:01:00] Possible rootkits: 0\n",
      { warnings: 1, suspect_files: 1, possible_rootkits: 0 },
      [],
    ],
    [
      "/var/log/chkrootkit/log.today",
      "ROOTDIR is `/'\nChecking `amd'...  not found\nChecking `bindshell'...  INFECTED PORTS: ( 465)\nWARNING: odd\n",
      { infected: 1, warnings: 1 },
      [],
    ],
    [
      "/var/log/clamav/clamscan.log",
      "/home/a/eicar.com: Eicar-Test-Signature FOUND\n/home/a/b: OK\nInfected files: 1\n",
      { infected: 1 },
      [],
    ],
    [
      "/var/log/aide/aide.log",
      "AIDE 0.18.3 found differences\nSummary:\n  Total number of entries:\t2000\n  Added entries:\t\t1\n  Removed entries:\t\t2\n  Changed entries:\t\t3\n",
      { added: 1, removed: 2, changed: 3 },
      [],
    ],
    [
      "/var/log/openscap/results.xml",
      "<TestResult id='x'><rule-result idref='a'><result>pass</result></rule-result><rule-result><result>fail</result></rule-result><rule-result><result>fail</result></rule-result></TestResult>",
      { pass: 1, fail: 2, error: 0 },
      [],
    ],
  ])("%s", async (path, text, counts, cves) => {
    expect((await scanned(path, text))?.slice(1)).toEqual([counts, cves]);
  });

  test.each([
    "/var/log/trivy/host.json",
    "/var/log/lynis-report.dat",
    "/var/lib/debsecan/history",
    "/var/log/aide/aide.log",
  ])("%s that is no report is none", async (path) =>
    expect(await scanned(path, "something else")).toBeUndefined(),
  );

  test("the newest of several reports", async () => {
    const report = (id: string) =>
      JSON.stringify({ Results: [{ Vulnerabilities: [{ VulnerabilityID: id }] }] });
    const { host, files } = fakeHost({
      files: { "/var/log/trivy/b.json": report("CVE-2"), "/var/log/trivy/a.json": report("CVE-1") },
    });
    await host.stat("/var/log/trivy/b.json");
    await host.stat("/var/log/trivy/a.json");
    files.set("/var/log/trivy/b.json", report("CVE-3"));
    const value = await collect(securityScan, host);
    expect(value?.tools["trivy"]).toMatchObject({
      report: "/var/log/trivy/b.json",
      cves: ["CVE-3"],
    });
  });

  test("is absent without a report", async () => {
    expect(await collect(securityScan, fakeHost().host)).toBeUndefined();
  });
});
