/**
 * The `cve_running` trait: known holes in packages whose programs run just now, from the last report of trivy or debsecan and
 * the package manager's word on whose a program is. Must not know how holes are found.
 */
import { z } from "zod";
import type { ReadHost } from "../host.ts";
import { ownersOf } from "../tools/package-owners.ts";
import { executableOf, pidsOf } from "../tools/processes.ts";
import { newestReports } from "../tools/scan-files.ts";
import { debsecanHoles, type Hole, trivyHoles } from "../tools/scan-reports.ts";
import { defineTrait } from "../trait.ts";

const most = 2_000;

export const cveRunning = defineTrait({
  name: "cve_running",
  summary: "Known holes in packages whose programs are running.",
  platforms: ["linux"],
  keep: "hour",
  timeoutMs: 30_000,
  value: () =>
    z.strictObject({
      count: z.int().min(0).meta({ description: "Different CVEs." }),
      cves: z
        .array(
          z.strictObject({
            cve: z.string(),
            package: z.string(),
            severity: z.string(),
            executables: z.array(z.string()),
          }),
        )
        .meta({
          description: `Each with its package, severity (unknown where the report does not tell) and the running programs of that package; ${most} at most.`,
        }),
    }),
  async collect(host) {
    const holes = await knownHoles(host);
    if (holes === undefined) return undefined;
    const owners = await ownersOf(host, await runningPrograms(host));
    const cves = running(holes, owners);
    return { count: new Set(cves.map(({ cve }) => cve)).size, cves: cves.slice(0, most) };
  },
  example: {
    count: 1,
    cves: [
      {
        cve: "CVE-2024-6387",
        package: "openssh-server",
        severity: "high",
        executables: ["/usr/sbin/sshd"],
      },
    ],
  },
});

/** Undefined where no scanner has left a report. */
async function knownHoles(host: ReadHost): Promise<readonly Hole[] | undefined> {
  const reports = await newestReports(host, ["trivy", "debsecan"]);
  const holes = reports.map(({ scanner, text }) =>
    scanner === "trivy" ? trivyHoles(text) : debsecanHoles(text),
  );
  const found = holes.filter((each) => each !== undefined);
  return found.length === 0 ? undefined : found.flat();
}

async function runningPrograms(host: ReadHost): Promise<readonly string[]> {
  const pids = await pidsOf(host);
  const found = await Promise.all(pids.map((pid) => executableOf(host, Number(pid))));
  // A program that was replaced while it runs is the old one: its package's holes are still its own.
  const paths = found.map((path) => path.replace(/ \(deleted\)$/, ""));
  return [...new Set(paths.filter((path) => path.startsWith("/")))].sort();
}

/** Both scanners may know one; the severity is of the one that tells it. */
export function running(holes: readonly Hole[], owners: ReadonlyMap<string, string>) {
  const programs = Map.groupBy([...owners], ([, owner]) => owner);
  const found = new Map<
    string,
    { cve: string; package: string; severity: string; executables: string[] }
  >();
  for (const { cve, package: name, severity } of holes) {
    const own = programs.get(name);
    const known = found.get(`${cve} ${name}`);
    if (own === undefined || (known !== undefined && known.severity !== "unknown")) continue;
    const executables = own.map(([path]) => path).sort();
    found.set(`${cve} ${name}`, { cve, package: name, severity, executables });
  }
  return [...found.values()].sort((a, b) => (a.cve < b.cve ? -1 : 1));
}
