/**
 * The `security_scan` trait: what the security scanners on this machine found last, from the reports they leave. It starts none.
 * Must not know how they look.
 */
import { z } from "zod";
import { newestReports, type Scanner } from "../tools/scan-files.ts";
import {
  fromAide,
  fromChkrootkit,
  fromClamav,
  fromDebsecan,
  fromLynis,
  fromOscap,
  fromRkhunter,
  fromTrivy,
  type Scan,
} from "../tools/scan-reports.ts";
import { defineTrait } from "../trait.ts";

export const securityScan = defineTrait({
  name: "security_scan",
  summary: "What security scanners on the machine found last.",
  platforms: ["linux"],
  keep: "hour",
  timeoutMs: 60_000,
  value: () =>
    z.strictObject({
      tools: z
        .record(
          z.string(),
          z.strictObject({
            report: z.string(),
            reported_at: z.iso.datetime(),
            counts: z.record(z.string(), z.int().min(0)),
            cves: z.array(z.string()),
          }),
        )
        .meta({
          description:
            "By scanner that left a report: trivy (`/var/log/trivy/*.json`), debsecan, lynis, rkhunter, chkrootkit, clamav, aide, oscap (`/var/log/openscap/*.xml`): path of the newest report, when it was written (UTC), what it counts (trivy: critical, high, medium, low; lynis: hardening_index, warnings, suggestions; …), CVEs in it.",
        }),
    }),
  async collect(host) {
    const reports = await newestReports(host);
    const tools = reports.flatMap(({ scanner, path, modified, text }) => {
      const scan = readers[scanner](text);
      if (scan === undefined) return [];
      return [[scanner, { report: path, reported_at: modified.toISOString(), ...scan }] as const];
    });
    return tools.length === 0 ? undefined : { tools: Object.fromEntries(tools) };
  },
  example: {
    tools: {
      lynis: {
        report: "/var/log/lynis-report.dat",
        reported_at: "2026-01-01T04:00:00.000Z",
        counts: { hardening_index: 67, warnings: 2, suggestions: 41 },
        cves: [],
      },
    },
  },
});

const readers: Readonly<Record<Scanner, (text: string) => Scan | undefined>> = {
  trivy: fromTrivy,
  debsecan: fromDebsecan,
  lynis: fromLynis,
  rkhunter: fromRkhunter,
  chkrootkit: fromChkrootkit,
  clamav: fromClamav,
  aide: fromAide,
  oscap: fromOscap,
};
