/** Where the reports of security scanners are, and the newest of each. Must not know what is in them. */
import type { ReadHost, Stat } from "../host.ts";
import { unlessDenied } from "./refusal.ts";

export type Scanner =
  "trivy" | "debsecan" | "lynis" | "rkhunter" | "chkrootkit" | "clamav" | "aide" | "oscap";

/** A file, or a folder with the ending of the reports in it. */
const places: Readonly<Record<Scanner, readonly string[]>> = {
  trivy: ["/var/log/trivy/*.json", "/var/lib/trivy/*.json"],
  debsecan: ["/var/lib/debsecan/history"],
  lynis: ["/var/log/lynis-report.dat"],
  rkhunter: ["/var/log/rkhunter.log", "/var/log/rkhunter/rkhunter.log"],
  chkrootkit: ["/var/log/chkrootkit/log.today", "/var/log/chkrootkit.log"],
  clamav: ["/var/log/clamav/clamscan.log", "/var/log/clamav/clamav.log", "/var/log/clamd.scan"],
  aide: ["/var/log/aide/aide.log"],
  oscap: ["/var/log/openscap/*.xml", "/var/lib/openscap/*.xml"],
};

export interface Report {
  readonly scanner: Scanner;
  readonly path: string;
  readonly modified: Date;
  readonly text: string;
}

/** A report is some megabytes at most; what is longer is cut, and then may be no report any more. */
const limit = 16 * 1024 * 1024;

export async function newestReports(
  host: ReadHost,
  scanners: readonly Scanner[] = Object.keys(places) as Scanner[],
): Promise<readonly Report[]> {
  const found = await Promise.all(scanners.map((scanner) => newestReport(host, scanner)));
  return found.filter((report) => report !== undefined);
}

async function newestReport(host: ReadHost, scanner: Scanner): Promise<Report | undefined> {
  const paths = (await Promise.all(places[scanner].map((place) => pathsOf(host, place)))).flat();
  const stats = await Promise.all(
    paths.map(async (path) => ({ path, stat: await unlessDenied(host.stat(path)) })),
  );
  const files = stats.filter((it): it is { path: string; stat: Stat } => it.stat?.kind === "file");
  const [newest] = files.sort((a, b) => b.stat.modified.getTime() - a.stat.modified.getTime());
  if (newest === undefined) return undefined;
  const bytes = await unlessDenied(host.read(newest.path, { limit }));
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  return { scanner, path: newest.path, modified: newest.stat.modified, text };
}

async function pathsOf(host: ReadHost, place: string): Promise<readonly string[]> {
  const [folder, end] = place.split("/*");
  if (folder === undefined || end === undefined) return [place];
  const names = (await unlessDenied(host.list(folder))) ?? [];
  return names.filter((name) => name.endsWith(end)).map((name) => `${folder}/${name}`);
}
